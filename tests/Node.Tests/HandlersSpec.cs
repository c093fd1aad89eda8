using System.Net;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>Records that cannot be read, and times that are none, at a node: one input, a topology for each handler.</summary>
public sealed class HandlersSpec(NodeOfClass fixture) : IClassFixture<NodeOfClass>
{
    private static readonly long Time = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - 60_000;

    private NodeUnderTest Node => fixture.Node;

    private static string Topology(string name, string settings, string source) => $$"""
        topology { name = {{name}}, commit-interval = 100ms, {{settings}}
          sources { events { topic = events, timestamp = "ts" {{source}} } }
          flows { f { from = events, stages = [ { to { topic = {{name}}-out } } ] } } }
        """;

    private void Deploy(TopologyClient topologies, string name, string settings, string source = "") =>
        Assert.Equal(HttpStatusCode.Created, topologies.Put(name, Topology(name, settings, source)).Status);

    private string[] Read(string topic, string format) => Tool.Run("kcat", ["-b", Node.Kafka, "-t", topic, "-C", "-e", "-q", "-f", format]).Succeeded().Lines;

    private void Until(string topic, params string[] records) =>
        Polling.Until(() => string.Join("; ", Read(topic, "%k %T\\n")), read => read == string.Join("; ", records), 30, $"{topic} holds {string.Join("; ", records)}");

    private double Dropped(string topology, string reason)
    {
        using var http = new HttpClient { BaseAddress = Node.Http };
        var sample = $"kafka_streams_stream_task_metrics_dropped_records_total{{topology=\"{topology}\",reason=\"{reason}\"}} ";
        return http.GetStringAsync("metrics").Result.Split('\n').FirstOrDefault(line => line.StartsWith(sample, StringComparison.Ordinal)) is { } line ? double.Parse(line[sample.Length..]) : -1;
    }

    [KcatFact]
    public void Each_handler_does_what_it_says_with_a_record_that_cannot_be_read_and_a_time_that_is_none()
    {
        using var topologies = new TopologyClient(Node);
        Tool.Run("kcat", ["-b", Node.Kafka, "-t", "events", "-P", "-K", ":"], $"a:{{\"ts\":{Time}}}\nb:{{broken\nc:{{\"ts\":null}}\nd:{{\"ts\":{Time + 3000}}}\n").Succeeded();
        Deploy(topologies, "failing", "");
        Deploy(topologies, "skipping", "deserialization-exception-handler = continue");
        Deploy(topologies, "keeping", "deserialization-exception-handler { dead-letter = events-failed }", ", timestamp-extractor = use-partition-time-on-invalid-timestamp");
        Deploy(topologies, "strict", "deserialization-exception-handler = continue", ", timestamp-extractor = fail-on-invalid-timestamp");

        Until("skipping-out", $"a {Time}", $"d {Time + 3000}");
        Polling.Until(() => (Dropped("skipping", "unreadable"), Dropped("skipping", "bad-timestamp")), counts => counts == (1, 1), 30, "both are counted");
        Until("keeping-out", $"a {Time}", $"c {Time}", $"d {Time + 3000}");
        Assert.Equal(["b {broken __streams.errors.exception=org.apache.kafka.common.errors.SerializationException,__streams.errors.message=the value of 7 bytes is no json,"
            + "__streams.errors.topic=events,__streams.errors.partition=0,__streams.errors.offset=1"], Read("events-failed", "%k %s %h\\n"));

        // What lies before the record is done, and done once however often the record is tried.
        Assert.Contains("offset: 1: the value of 7 bytes is no json", Polling.Until(() => topologies.Get("failing"), t => t.State == "failed", 30, "it fails").Reason);
        Until("failing-out", $"a {Time}");
        Assert.Contains("Input record has an invalid timestamp, taskId: 0_0, topic: events, partition: 0, offset: 2", Polling.Until(() => topologies.Get("strict"), t => t.State == "failed", 30, "it fails").Reason);
        Until("strict-out", $"a {Time}");
    }
}
