using System.Net;
using System.Text.Json;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>What a topic holds in the journal, over HTTP and by <c>actors topics describe --storage</c>.</summary>
public sealed class StorageSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>
{
    private NodeUnderTest Node => fixture.Node;

    private ToolResult Actors(string arguments) =>
        Tool.Run("dotnet", [NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), .. arguments.Split(' '), "--bootstrap-server", Node.Kafka, "--http", Node.Http.ToString()]);

    [KcatFact]
    public void Rows_bytes_and_offsets_of_each_partition()
    {
        Tool.Run("dotnet", [NodeUnderTest.Find("src/Cli", "Actors.Cli.dll"), "topics", "create", "--topic", "stored", "--partitions", "2", "--bootstrap-server", Node.Kafka]).Succeeded();
        var before = Partitions("stored");
        Assert.All(before, p => Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (p.GetProperty("first_offset").ValueKind, p.GetProperty("last_offset").ValueKind)));
        for (var batch = 0; batch < 3; batch++)
            Tool.Run("kcat", ["-b", Node.Kafka, "-t", "stored", "-P", "-p", "1"], string.Concat(Enumerable.Range(0, 50).Select(_ => new string('x', 100) + "\n"))).Succeeded();
        var after = Partitions("stored");
        Assert.Equal(Long(before[0], "rows"), Long(after[0], "rows"));
        Assert.Equal((0, 149), (Long(after[1], "first_offset"), Long(after[1], "last_offset")));
        Assert.InRange(Long(after[1], "rows") - Long(before[1], "rows"), 3, 150);
        Assert.InRange(Long(after[1], "bytes") - Long(before[1], "bytes"), 15_000, 30_000);
        Assert.Equal(Long(after[1], "rows"), Long(after[1], "last_sequence_nr") - Long(after[1], "first_sequence_nr") + 1);

        var lines = Actors("topics describe --topic stored --storage").Succeeded().Lines.Select(line => line.Split(' ', StringSplitOptions.RemoveEmptyEntries)).ToArray();
        Assert.Equal(["TOPIC", "PARTITION", "LEADER", "STORAGE", "ROWS", "BYTES", "FIRST-OFFSET", "LAST-OFFSET"], lines[0]);
        Assert.Equal(["stored", "0", "1", "SQLite", $"{Long(after[0], "rows")}", $"{Long(after[0], "bytes")}", "-", "-"], lines[1]);
        Assert.Equal(["stored", "1", "1", "SQLite", $"{Long(after[1], "rows")}", $"{Long(after[1], "bytes")}", "0", "149"], lines[2]);
    }

    [Fact]
    public void A_topic_that_is_not_there_has_no_storage()
    {
        using var http = new HttpClient { BaseAddress = Node.Http };
        var answer = http.GetAsync("topics/none/storage").Result;
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Contains("there is no topic none", answer.Content.ReadAsStringAsync().Result);
        Assert.Equal(1, Actors("topics describe --topic none --storage").ExitCode);
    }

    private JsonElement[] Partitions(string topic)
    {
        using var http = new HttpClient { BaseAddress = Node.Http };
        return [.. JsonDocument.Parse(http.GetStringAsync($"topics/{topic}/storage").Result).RootElement.GetProperty("partitions").EnumerateArray()];
    }

    private static long Long(JsonElement partition, string name) => partition.GetProperty(name).GetInt64();
}
