using Xunit;

namespace Actors.Node.Tests;

/// <summary>The command line against a node, a process each, as a user types it.</summary>
public sealed class CliSpec : IDisposable
{
    private readonly NodeUnderTest _node = NodeUnderTest.Start();

    public void Dispose() => _node.Dispose();

    private ToolResult Actors(string arguments, string? input = null)
    {
        string[] words = [NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), .. arguments.Split(' '), "--bootstrap-server", _node.Kafka];
        return Tool.Run("dotnet", words, input);
    }

    [Fact]
    public void Topics_records_and_groups_from_the_command_line()
    {
        Assert.Equal("Created topic ratings.\n", Actors("topics create --topic ratings --partitions 3 --config retention.ms=86400000").Succeeded().Text);
        Assert.Contains("ratings", Actors("topics list").Succeeded().Lines);
        var described = Actors("topics describe --topic ratings").Succeeded().Lines;
        Assert.Equal(4, described.Length);
        Assert.Matches("^Topic: ratings\tTopicId: [A-Za-z0-9_-]{22}\tPartitionCount: 3\tReplicationFactor: 1\tConfigs: ", described[0]);
        Assert.Equal("\tTopic: ratings\tPartition: 2\tLeader: 1\tReplicas: 1\tIsr: 1\tElr: \tLastKnownElr: ", described[3]);

        var lines = Enumerable.Range(0, 1000).Select(i => $"brand-{i % 7}:{{\"rating\":{i}}}").ToList();
        Actors("produce --topic ratings --property parse.key=true --property key.separator=: --compression-codec zstd", string.Join('\n', lines)).Succeeded();
        var consumed = Actors("consume --topic ratings --from-beginning --max-messages 1000 --property print.key=true --property key.separator=:").Succeeded();
        Assert.Equal(lines.Order(StringComparer.Ordinal), consumed.Lines.Order(StringComparer.Ordinal));
        Assert.Equal("Processed a total of 1000 messages\n", consumed.Error);

        var first = Actors("consume --topic ratings --group readers --from-beginning --max-messages 400").Succeeded().Lines;
        var rest = Actors("consume --topic ratings --group readers --max-messages 600").Succeeded().Lines;
        Assert.Equal(lines.Select(l => l[(l.IndexOf(':') + 1)..]).Order(StringComparer.Ordinal), first.Concat(rest).Order(StringComparer.Ordinal));
        Assert.Contains("readers", Actors("groups list").Succeeded().Lines);
        var group = Actors("groups describe --group readers").Succeeded();
        Assert.Equal("\nConsumer group 'readers' has no active members.\n", group.Error);
        Assert.Equal(4, group.Lines.Length);
        Assert.All(group.Lines[1..], line => Assert.Equal("0", line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[5]));

        Actors("topics delete --topic ratings").Succeeded();
        var gone = Actors("topics describe --topic ratings");
        Assert.Equal(1, gone.ExitCode);
        Assert.Contains("UNKNOWN_TOPIC_OR_PARTITION", gone.Error);
    }
}
