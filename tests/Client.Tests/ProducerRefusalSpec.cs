using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests;

/// <summary>What becomes of records that are refused, late, too large or not to be sent.</summary>
public sealed class ProducerRefusalSpec() : FakeClusterSpec(nodes: 2)
{
    /// <summary>Partition 0 of topic <c>t</c> refuses.</summary>
    private static ProduceResponse Refusal(ErrorCode error, string? message) => new()
    {
        Responses = [new ProduceResponse.TopicProduceResponse
        {
            Name = "t", PartitionResponses = [new ProduceResponse.PartitionProduceResponse { Index = 0, ErrorCode = (short)error, ErrorMessage = message }],
        }],
    };

    [Fact]
    public async Task Lost_producer_state_at_the_broker_starts_a_new_epoch()
    {
        var log = Cluster.AddTopic("t").Logs[0];
        await using var producer = new Producer(Client);
        await producer.SendAsync(Record("t", "a"));
        var answers = new Queue<ErrorCode>([ErrorCode.UnknownProducerId]);
        Cluster.On<ProduceRequest>((_, _) => answers.TryDequeue(out var error) ? (Refusal(error, null), Fault.None) : null);
        await producer.SendAsync(Record("t", "b"));
        Assert.Equal(["a", "b"], log.Values().Select(v => v.Value));
        BatchHeader.TryRead(log.Batches[1], out var header);
        Assert.Equal((1, 0), (header.ProducerEpoch, header.BaseSequence));
    }

    [Fact]
    public async Task What_is_refused_for_good_fails_its_send_and_the_flush_and_later_records_go_on()
    {
        var log = Cluster.AddTopic("t").Logs[0];
        var refuse = true;
        Cluster.On<ProduceRequest>((_, _) => !refuse ? null : (Refusal(ErrorCode.InvalidRecord, "no key"), Fault.None));
        await using var producer = new Producer(Client);
        var refused = await Assert.ThrowsAsync<KafkaException>(async () => await producer.SendAsync(Record("t", "bad")));
        Assert.Equal(ErrorCode.InvalidRecord, refused.Error);
        Assert.Contains("t-0", refused.Message);
        Assert.Contains("no key", refused.Message);
        await Assert.ThrowsAsync<KafkaException>(async () => await producer.FlushAsync());
        refuse = false;
        await producer.SendAsync(Record("t", "good"));
        await producer.FlushAsync();
        Assert.Equal(["good"], log.Values().Select(v => v.Value));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_batch_beyond_the_topics_limit_is_sent_in_parts_as_small_as_it_takes(bool idempotent)
    {
        var log = Cluster.AddTopic("t").Logs[0];
        Cluster.On<ProduceRequest>((_, request) =>
            request.TopicData[0].PartitionData[0].Records!.Length > 300 ? (Refusal(ErrorCode.MessageTooLarge, "more than 300 bytes"), Fault.None) : null);
        await using var producer = new Producer(Client, new ProducerOptions { Idempotent = idempotent, Linger = TimeSpan.FromSeconds(30) });
        var sends = Enumerable.Range(0, 21).Select(i => producer.SendAsync(Record("t", i == 13 ? new string('x', 400) : $"value {i}", $"key {i}")).AsTask()).ToList();
        var loss = await Assert.ThrowsAsync<KafkaException>(async () => await producer.FlushAsync());
        Assert.Equal(ErrorCode.MessageTooLarge, loss.Error);
        Assert.Equal(Enumerable.Range(0, 21).Where(i => i != 13).Select((i, at) => ((long)at, $"value {i}")), log.Values());
        Assert.Equal(ErrorCode.MessageTooLarge, (await Assert.ThrowsAsync<KafkaException>(() => sends[13])).Error);
        for (var i = 0; i < 21; i++)
            if (i != 13) Assert.Equal(i < 13 ? i : i - 1, (await sends[i]).Offset);
        var after = producer.SendAsync(Record("t", "after")).AsTask();
        await producer.FlushAsync();
        Assert.Equal(20, (await after).Offset);
    }

    [Fact]
    public async Task A_silent_broker_times_the_delivery_out()
    {
        Cluster.AddTopic("t");
        Cluster.On<ProduceRequest>((_, _) => (null, Fault.Silence));
        await using var client = new ClusterClient(Cluster.Options with { RequestTimeout = TimeSpan.FromMilliseconds(100) });
        await using var producer = new Producer(client, new ProducerOptions { DeliveryTimeout = TimeSpan.FromMilliseconds(300) });
        var late = await Assert.ThrowsAsync<KafkaException>(async () => await producer.SendAsync(Record("t", "x")));
        Assert.Equal(ErrorCode.RequestTimedOut, late.Error);
    }

    [Fact]
    public async Task Full_memory_makes_senders_wait_not_grow()
    {
        Cluster.AddTopic("t");
        var hold = true;
        Cluster.On<ProduceRequest>((_, _) => hold ? (null, Fault.DropBefore) : null);
        await using var producer = new Producer(Client, new ProducerOptions { BufferMemory = 1 << 20, MaxRequestSize = 1 << 20, BatchSize = 1000 });
        var sends = new List<Task>();
        for (var i = 0; i < 20; i++) sends.Add(producer.PostAsync(Record("t", new string('x', 100_000))).AsTask());
        Assert.InRange(sends.Count(s => s.IsCompleted), 0, 10);
        hold = false;
        await Task.WhenAll(sends).WaitAsync(TimeSpan.FromSeconds(10));
        await producer.FlushAsync();
        Assert.Equal(20, Cluster.Topics["t"].Logs[0].End);
    }

    [Fact]
    public async Task What_may_not_be_sent_any_more_when_its_connection_is_open_is_not_sent()
    {
        var (log, may) = (Cluster.AddTopic("t").Logs[0], true);
        var (opened, open) = (0, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        await using var client = new ClusterClient(Cluster.Options with
        {
            Connect = async (host, port, cancellation) =>
            {
                // The first is the client's own, for metadata and the producer's id.
                if (Interlocked.Increment(ref opened) > 1) await open.Task;
                return await Cluster.ConnectAsync(host, port, cancellation);
            },
        });
        await using var producer = new Producer(client, new ProducerOptions { MaySend = () => Volatile.Read(ref may) });
        var sent = producer.SendAsync(Record("t", "late")).AsTask();
        await Until(() => Volatile.Read(ref opened) > 1, "the producer's connection");
        Volatile.Write(ref may, false);
        open.SetResult();
        var looks = 0;
        await Until(() => looks++ > 40, "some looks");
        Assert.Equal(0, log.End);
        Volatile.Write(ref may, true);
        Assert.Equal(0, (await sent).Offset);
    }

    [Fact]
    public async Task A_loss_is_known_before_its_batch_is_no_longer_waited_for()
    {
        Cluster.AddTopic("t");
        await Client.TopicAsync("t", create: false, default);
        var accumulator = new RecordAccumulator(Client, new ProducerOptions { DeliveryTimeout = TimeSpan.Zero });
        var (batch, _) = await accumulator.AppendAsync(Record("t", "late"), () => { }, default);
        SendPlan plan = null!;
        await Until(() => (plan = accumulator.Plan(canSend: false)).Expired.Count > 0, "the batch's end");
        Assert.False(batch.Done.IsCompleted);
        Assert.Empty(accumulator.CloseBatches());
        Assert.Equal(ErrorCode.RequestTimedOut, accumulator.TakeLoss()?.Error);
        Assert.Null(accumulator.Loss);
    }

    [Fact]
    public async Task While_it_may_not_send_it_sends_nothing_and_repeats_nothing()
    {
        Cluster.AddTopic("t");
        var (may, drop) = (true, true);
        Cluster.On<ProduceRequest>((_, _) => drop ? (null, Fault.DropBefore) : null);
        await using var producer = new Producer(Client, new ProducerOptions { MaySend = () => Volatile.Read(ref may) });
        var first = producer.SendAsync(Record("t", "a")).AsTask();
        await Until(() => Cluster.SeenOf<ProduceRequest>().Count >= 3, "tries that are dropped");
        Volatile.Write(ref may, false);
        var second = producer.SendAsync(Record("t", "b")).AsTask();
        // A try that had begun before it was forbidden may still come.
        var asked = 0;
        await Until(() => asked++ > 20, "some looks");
        var tries = Cluster.SeenOf<ProduceRequest>().Count;
        drop = false;
        await Until(() => asked++ > 60, "some more looks");
        Assert.InRange(Cluster.SeenOf<ProduceRequest>().Count, tries, tries + 1);
        Assert.False(first.IsCompleted || second.IsCompleted);
        Volatile.Write(ref may, true);
        Assert.Equal((0L, 1L), ((await first).Offset, (await second).Offset));
    }
}
