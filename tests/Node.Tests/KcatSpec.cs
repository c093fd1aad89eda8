using System.Text.Json;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>kcat against a real node: what comes back is what went in, byte for byte.</summary>
public sealed class KcatSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>
{
    private NodeUnderTest Node => fixture.Node;

    [KcatFact]
    public void Lines_come_back_in_their_order()
    {
        var lines = string.Concat(Enumerable.Range(0, 10_000).Select(i => $"line {i} ü €\n"));
        Produce("order", lines, "-p", "0");
        Assert.Equal(lines, Consume("order").Text);
    }

    [KcatFact]
    public void Keys_headers_nulls_and_empty_values_come_back()
    {
        Produce("keys", "a:1\nb:\n", "-K", ":", "-H", "trace=42");
        Produce("keys", "c:\n", "-K", ":", "-Z");
        Assert.Equal(["a|1|1|trace=42", "b|0||trace=42", "c|-1||"], Consume("keys", "-f", "%k|%S|%s|%h\\n").Lines);
    }

    [KcatFact]
    public void Binary_values_come_back_byte_for_byte()
    {
        var bytes = new byte[700_000];
        new Random(1).NextBytes(bytes);
        var file = Path.GetTempFileName();
        try
        {
            File.WriteAllBytes(file, bytes);
            Tool.Run("kcat", ["-b", Node.Kafka, "-t", "binary", "-P", file]).Succeeded();
            Assert.Equal(bytes, Consume("binary", "-f", "%s").Bytes);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [KcatFact]
    public void The_metadata_list_names_broker_topic_partitions_and_leader()
    {
        Produce("listed", "x\n");
        var listed = JsonDocument.Parse(Tool.Run("kcat", ["-b", Node.Kafka, "-L", "-J", "-t", "listed"]).Succeeded().Text).RootElement;
        Assert.Equal(Node.Kafka, listed.GetProperty("brokers")[0].GetProperty("name").GetString());
        var topic = listed.GetProperty("topics")[0];
        Assert.Equal("listed", topic.GetProperty("topic").GetString());
        Assert.Equal(1, topic.GetProperty("partitions")[0].GetProperty("leader").GetInt32());
    }

    [KcatFact]
    public void Reading_begins_at_an_offset_inside_a_batch_and_at_a_time()
    {
        Produce("offsets", string.Concat(Enumerable.Range(0, 100).Select(i => $"{i}\n")), "-p", "0");
        Assert.Equal(Enumerable.Range(57, 43).Select(i => $"{i}"), Consume("offsets", "-o", "57").Lines);
        Assert.Equal(["97", "98", "99"], Consume("offsets", "-o", "-3").Lines);
        Assert.Equal(100, Consume("offsets", "-o", "s@1000000000000").Lines.Length);
        Assert.Equal($"offsets [0] offset 0\n", Tool.Run("kcat", ["-b", Node.Kafka, "-Q", "-t", "offsets:0:1000000000000"]).Succeeded().Text);
    }

    [KcatFact]
    public void Every_codec_is_stored_as_it_came()
    {
        var lines = string.Concat(Enumerable.Range(0, 2_000).Select(i => $"the same words again and again {i}\n"));
        foreach (var codec in (string[])["none", "gzip", "snappy", "lz4", "zstd"])
        {
            Produce($"codec-{codec}", lines, "-z", codec, "-p", "0");
            Assert.Equal(lines, Consume($"codec-{codec}").Text);
        }
    }

    [KcatFact]
    public void A_group_resumes_where_it_committed()
    {
        Produce("resumed", string.Concat(Enumerable.Range(0, 20).Select(i => $"{i}\n")), "-p", "0");
        string[] group = ["-b", Node.Kafka, "-G", "resuming", "-X", "auto.offset.reset=earliest", "-q", "resumed"];
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), Tool.Run("kcat", ["-c", "10", .. group]).Succeeded().Lines);
        Assert.Equal(Enumerable.Range(10, 10).Select(i => $"{i}"), Tool.Run("kcat", ["-c", "10", .. group]).Succeeded().Lines);
    }

    private void Produce(string topic, string lines, params string[] more) => Tool.Run("kcat", ["-b", Node.Kafka, "-t", topic, "-P", .. more], lines).Succeeded();

    private ToolResult Consume(string topic, params string[] more) => Tool.Run("kcat", ["-b", Node.Kafka, "-t", topic, "-C", "-e", "-q", .. more]).Succeeded();
}

/// <summary>One node for all tests of a class.</summary>
public sealed class NodeOfClass : IDisposable
{
    public NodeUnderTest Node { get; } = NodeUnderTest.Start();

    public void Dispose() => Node.Dispose();
}
