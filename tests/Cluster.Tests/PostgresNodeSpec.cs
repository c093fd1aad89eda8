using System.Security.Cryptography;
using Actors.Node.Tests;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>One node on PostgreSQL instead of its embedded database: what it acknowledged comes back byte for byte after kill -9.</summary>
public sealed class PostgresNodeSpec : IDisposable
{
    private readonly LocalCompose _compose = LocalCompose.Up(["postgres"]);
    private readonly string _config = Path.GetTempFileName();

    public void Dispose()
    {
        _compose.Dispose();
        File.Delete(_config);
    }

    [ToolFact("/usr/lib/postgresql/15/bin/initdb", "kcat", "/usr/bin/python3")]
    public void What_it_acknowledged_outlives_kill_9()
    {
        File.WriteAllText(_config, $$"""
            database {
              provider-name = "PostgreSQL.15"
              connection-string = "Host={{_compose["postgres"].Address}};Port=5432;Database=actors;Username=actors;Password=actors"
            }
            akka.persistence {
              journal.sql = ${database}
              snapshot-store.sql = ${database}
              query.journal.sql = ${database}
            }
            actors.broker.default-partitions = 3
            actors.broker.snapshot-every-events = 5
            """);
        string[] arguments = ["--config", _config];
        using var node = NodeUnderTest.Start(arguments);
        Assert.EndsWith("(PostgreSQL)", node.Output);
        var expected = new List<string>();
        for (var round = 0; round < 3; round++)
        {
            var lines = Enumerable.Range(0, 2000).Select(i => $"{round}-{i} {Convert.ToBase64String(RandomNumberGenerator.GetBytes(i % 300))}").ToArray();
            expected.AddRange(lines);
            Tool.Run("kcat", ["-b", node.Kafka, "-P", "-t", "lines", "-X", "acks=all", "-X", "batch.size=4096"], string.Join('\n', lines)).Succeeded();
            node.Kill();
            node.StartAgain(arguments);
            var found = Tool.Run("kcat", ["-b", node.Kafka, "-C", "-t", "lines", "-e", "-q", "-o", "beginning"]).Succeeded().Lines;
            Assert.Equal(expected.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
        }
        Assert.Equal(0, node.Terminate());
    }
}
