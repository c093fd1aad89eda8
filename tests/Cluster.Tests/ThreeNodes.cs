using System.Diagnostics;
using System.Text.Json;
using Actors.Client;
using Actors.Node.Tests;
using Xunit.Sdk;

namespace Actors.Cluster.Tests;

/// <summary>The compose file's three nodes on one database, and what their users can ask them.</summary>
public sealed class ThreeNodes : IDisposable
{
    public const string Topic = "counted";
    public const int Partitions = 12;

    /// <param name="storage"><c>postgres</c> or <c>sqlite</c>.</param>
    /// <param name="environment"><c>SERVICE:NAME=VALUE</c> in the place of the compose file's values.</param>
    /// <param name="databaseIsUp">Called when the database serves, before the nodes start.</param>
    /// <param name="file">A compose file in the place of docker-compose.yml.</param>
    public ThreeNodes(string storage, string[]? environment = null, Action<LocalCompose>? databaseIsUp = null, string? file = null)
    {
        string[] options = ["--storage", storage, "--postgres", "fsync=off", .. (environment ?? []).SelectMany(each => (string[])["--env", each])];
        Compose = LocalCompose.Up(databaseIsUp is null ? ["node1", "node2", "node3"] : ["postgres"], file, options);
        if (databaseIsUp is null)
            return;
        databaseIsUp(Compose);
        Compose.Start("node1", "node2", "node3");
    }

    public LocalCompose Compose { get; }

    public IEnumerable<Container> Nodes => Compose.Containers.Values.Where(container => container.Name.StartsWith("node", StringComparison.Ordinal));

    /// <summary>The addresses of all nodes.</summary>
    public string Bootstrap => string.Join(',', Nodes.Select(node => node.Kafka));

    /// <summary>Creates the topic, and waits until its leaders are spread evenly.</summary>
    public async Task CreateTopicAsync()
    {
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = Bootstrap });
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic(Topic, Partitions));
        AwaitSpread(10);
    }

    /// <summary>Each partition's leader as one node tells it; null while it knows none.</summary>
    public static Dictionary<int, int?>? Leaders(string bootstrap, string name = Topic)
    {
        var listed = Tool.Run("kcat", ["-b", bootstrap, "-L", "-J", "-t", name, "-m", "2", "-X", "allow.auto.create.topics=false"]);
        if (listed.ExitCode != 0)
            return null;
        var topic = JsonDocument.Parse(listed.Text).RootElement.GetProperty("topics")[0];
        return topic.GetProperty("partitions").EnumerateArray().ToDictionary(
            partition => partition.GetProperty("partition").GetInt32(), partition => partition.GetProperty("leader").GetInt32() is var leader and > 0 ? leader : (int?)null);
    }

    /// <summary>Waits until every running node says that all of them lead as many partitions, give or take one.</summary>
    /// <returns>How long that took.</returns>
    public TimeSpan AwaitSpread(int seconds)
    {
        var watch = Stopwatch.StartNew();
        foreach (var asked in Nodes.Where(node => node.Status == "up"))
        {
            try
            {
                Polling.Until(() => Counts(asked.Kafka), IsSpread, seconds, $"leaders spread over {Nodes.Count(node => node.Status == "up")} nodes, as {asked.Name} tells it");
            }
            catch (XunitException e)
            {
                throw new XunitException($"{e.Message}\n{asked.Name}: {string.Join('\n', Compose.Log(asked.Name).Split('\n').TakeLast(60))}");
            }
        }
        return watch.Elapsed;
    }

    /// <summary><c>4/4/4</c>: partitions that each running node leads, as one of them tells it.</summary>
    public string Counts(string bootstrap)
    {
        var leaders = Leaders(bootstrap);
        return leaders is null ? "none" : string.Join('/', Nodes.Where(node => node.Status == "up").Select(node => leaders.Values.Count(leader => leader == IdOf(node.Name))));
    }

    public static int IdOf(string node) => int.Parse(node["node".Length..], System.Globalization.CultureInfo.InvariantCulture);

    public void Dispose() => Compose.Dispose();

    private static bool IsSpread(string counts)
    {
        if (counts == "none")
            return false;
        var each = counts.Split('/').Select(int.Parse).ToArray();
        return each.Sum() == Partitions && each.Max() - each.Min() <= 1;
    }
}

/// <summary>The seed of a test's choices: printed, and given again by ACTORS_SEED.</summary>
public sealed class Seed
{
    public Seed(Xunit.Abstractions.ITestOutputHelper output)
    {
        Value = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Environment.TickCount;
        Random = new Random(Value);
        output.WriteLine($"ACTORS_SEED={Value}");
    }

    public int Value { get; }

    public Random Random { get; }

    /// <summary>3, or 30 under ACTORS_LONG.</summary>
    public static int Rounds => Environment.GetEnvironmentVariable("ACTORS_LONG") is not null ? 30 : 3;
}
