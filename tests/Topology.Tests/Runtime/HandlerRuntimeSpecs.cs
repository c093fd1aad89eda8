using System.Text;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Actors.Topology.Runtime;

namespace Actors.Topology.Tests.Runtime;

/// <summary>Records that fail, at a node.</summary>
public sealed class HandlerRuntimeSpecs : IAsyncDisposable
{
    private readonly RuntimeBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static string Topology(string handlers) =>
        $"topology {{ name = t, commit-interval = 1h, {handlers}, sources {{ in {{ topic = in }} }}, flows {{ f {{ from = in, stages = [ {{ to {{ topic = out }} }} ] }} }} }}";

    private Task ProduceAsync() => _bed.Produce("in", ("a", "{\"n\":1}", 1), ("b", "{\"n\":2}", 2), ("c", "{broken", 3), ("d", "{\"n\":4}", 4));

    [Fact]
    public async Task A_record_that_fails_holds_its_partition_up_and_what_lies_before_it_is_done_once()
    {
        _bed.Cluster.AddTopic("in");
        var node = _bed.Start();
        await node.Deploy("t", Topology("deserialization-exception-handler = fail"));
        await ProduceAsync();
        var failed = await node.UntilState("t", TopologyState.Failed);
        Assert.Contains("task 0_0: Exception caught during Deserialization, taskId: 0_0, topic: in, partition: 0, offset: 2: the value of 7 bytes is no json", failed.Reason);
        await RuntimeBed.Until(() => _bed.Committed("t", "in") == 2, () => $"committed {_bed.Committed("t", "in")}");
        // A few starts later nothing was written twice.
        var starts = _bed.Cluster.SeenOf<OffsetFetchRequest>().Count;
        await RuntimeBed.Until(() => _bed.Cluster.SeenOf<OffsetFetchRequest>().Count >= starts + 3, () => node.Described());
        Assert.Equal(["a", "b"], _bed.Records("out").Select(r => r.Key));
        Assert.Equal(2, _bed.Committed("t", "in"));
    }

    [Fact]
    public async Task With_a_dead_letter_topic_the_task_goes_on_and_the_record_lies_there()
    {
        _bed.Cluster.AddTopic("in");
        var node = _bed.Start();
        await node.Deploy("t", Topology("deserialization-exception-handler { dead-letter = in-failed }").Replace("1h", "50ms"));
        await ProduceAsync();
        await RuntimeBed.Until(() => _bed.Committed("t", "in") == 4, () => node.Described());
        Assert.Equal(["a", "b", "d"], _bed.Records("out").Select(r => r.Key));
        Assert.Equal([("c", "{broken")], _bed.Records("in-failed"));
        Assert.Equal(
            new Dictionary<string, string>
            {
                [DeadLetter.Exception] = "org.apache.kafka.common.errors.SerializationException",
                [DeadLetter.Message] = "the value of 7 bytes is no json",
                [DeadLetter.Topic] = "in",
                [DeadLetter.Partition] = "0",
                [DeadLetter.Offset] = "2",
            },
            HeadersOf("in-failed"));
    }

    private Dictionary<string, string> HeadersOf(string topic)
    {
        lock (_bed.Cluster.Gate)
        {
            var headers = new Dictionary<string, string>();
            foreach (var batch in _bed.Cluster.Topics[topic].Logs.SelectMany(l => l.Batches))
            {
                using var records = new RecordBatchReader(batch);
                foreach (var record in records)
                    foreach (var header in record.Headers)
                        headers[header.Key] = Encoding.UTF8.GetString(header.Value!.Value.Span);
            }
            return headers;
        }
    }
}
