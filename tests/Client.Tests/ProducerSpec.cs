using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests;

public sealed class ProducerSpec() : FakeClusterSpec(nodes: 2)
{
    [Fact]
    public async Task A_record_is_acknowledged_with_its_partition_and_offset()
    {
        Cluster.AddTopic("t", 2);
        await using var producer = new Producer(Client);
        var first = await producer.SendAsync(Record("t", "a", partition: 1));
        var second = await producer.SendAsync(Record("t", "b", partition: 1));
        Assert.Equal((new TopicPartition("t", 1), 0L, 1L), (first.Partition, first.Offset, second.Offset));
        Assert.Equal([(0, "a"), (1, "b")], Cluster.Topics["t"].Logs[1].Values());
    }

    [Fact]
    public async Task Records_of_one_batch_have_consecutive_offsets_each()
    {
        Cluster.AddTopic("t");
        await using var producer = new Producer(Client, new ProducerOptions { Linger = TimeSpan.FromSeconds(30) });
        var sends = Enumerable.Range(0, 1000).Select(i => producer.SendAsync(Record("t", $"{i}")).AsTask()).ToList();
        await producer.FlushAsync();
        var offsets = (await Task.WhenAll(sends)).Select(m => m.Offset);
        Assert.Equal(Enumerable.Range(0, 1000).Select(i => (long)i), offsets);
        Assert.True(Cluster.Topics["t"].Logs[0].Batches.Count < 100, "lingering records were not gathered");
    }

    [Theory]
    [InlineData(Compression.None)]
    [InlineData(Compression.Gzip)]
    [InlineData(Compression.Lz4)]
    [InlineData(Compression.Zstd)]
    [InlineData(Compression.Snappy)]
    public async Task Batches_are_compressed_as_asked(Compression compression)
    {
        Cluster.AddTopic("t");
        await using var producer = new Producer(Client, new ProducerOptions { Compression = compression });
        await producer.SendAsync(Record("t", new string('x', 5000)));
        BatchHeader.TryRead(Cluster.Topics["t"].Logs[0].Batches[0], out var header);
        Assert.Equal(compression, header.Compression);
        Assert.Equal(new string('x', 5000), Cluster.Topics["t"].Logs[0].Values()[0].Value);
    }

    [Fact]
    public async Task Keys_choose_partitions_as_in_Kafka_and_null_keys_stay_with_one_for_a_batch()
    {
        Cluster.AddTopic("t", 5);
        await using var producer = new Producer(Client, new ProducerOptions { Linger = TimeSpan.FromSeconds(30) });
        for (var i = 0; i < 50; i++) await producer.PostAsync(Record("t", $"v{i}", $"k{i}"));
        await producer.FlushAsync();
        for (var p = 0; p < 5; p++)
        {
            var expected = Enumerable.Range(0, 50).Where(i => Partitioner.ForKey(Bytes($"k{i}").Span, 5) == p).Select(i => $"v{i}");
            Assert.Equal(expected, Cluster.Topics["t"].Logs[p].Values().Select(v => v.Value));
        }
        Cluster.AddTopic("sticky", 5);
        for (var i = 0; i < 50; i++) await producer.PostAsync(Record("sticky", $"{i}"));
        await producer.FlushAsync();
        Assert.Single(Cluster.Topics["sticky"].Logs, log => log.End == 50);
        var chosen = new HashSet<int>();
        for (var i = 0; i < 40; i++)
        {
            // More than a batch each, so that every record makes the producer choose again.
            chosen.Add((await producer.SendAsync(Record("sticky", new string('x', 70_000)))).Partition.Partition);
        }
        Assert.True(chosen.Count > 1, "a full batch did not make the producer choose another partition");
    }

    [Fact]
    public async Task A_batch_made_by_the_caller_is_written_as_one()
    {
        Cluster.AddTopic("t");
        await using var producer = new Producer(Client);
        var builder = new RecordBatchBuilder();
        for (var i = 0; i < 10; i++) builder.Append(i, null, Bytes($"{i}"));
        var written = await producer.SendBatchAsync("t", 0, builder);
        Assert.Equal(0, written.Offset);
        Assert.Single(Cluster.Topics["t"].Logs[0].Batches);
        Assert.Equal(10, Cluster.Topics["t"].Logs[0].End);
    }

    [Fact]
    public async Task A_moved_leader_is_found_and_nothing_is_lost_or_doubled()
    {
        var log = Cluster.AddTopic("t").Logs[0];
        await using var producer = new Producer(Client);
        await producer.SendAsync(Record("t", "before"));
        lock (Cluster.Gate) log.Leader = 2;
        await producer.SendAsync(Record("t", "after"));
        Assert.Equal(["before", "after"], log.Values().Select(v => v.Value));
    }

    [Fact]
    public async Task A_lost_answer_is_no_second_write()
    {
        var log = Cluster.AddTopic("t").Logs[0];
        var faults = new Queue<Fault>([Fault.DropAfter, Fault.DropBefore]);
        Cluster.On<ProduceRequest>((_, _) => faults.TryDequeue(out var fault) ? (null, fault) : null);
        await using var producer = new Producer(Client);
        var written = await producer.SendAsync(Record("t", "once"));
        Assert.Equal(0, written.Offset);
        Assert.Equal([(0, "once")], log.Values());
    }

    [Fact]
    public async Task A_record_too_large_is_refused_at_once()
    {
        Cluster.AddTopic("t");
        await using var producer = new Producer(Client, new ProducerOptions { MaxRequestSize = 1000, BufferMemory = 10_000 });
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await producer.SendAsync(Record("t", new string('x', 2000))));
        Assert.Equal(ErrorCode.MessageTooLarge, error.Error);
    }

    [Fact]
    public async Task A_topic_that_is_missing_is_created_where_the_broker_does_that_and_told_otherwise()
    {
        await using var client = new ClusterClient(Cluster.Options with { ApiTimeout = TimeSpan.FromMilliseconds(200) });
        await using var producer = new Producer(client);
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await producer.SendAsync(Record("absent", "x")));
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, error.Error);
        Assert.Contains("absent", error.Message);
        Cluster.AutoCreate = true;
        await producer.SendAsync(Record("made", "x"));
        Assert.Equal(1, Cluster.Topics["made"].Logs[0].End);
    }

    [Fact]
    public async Task Without_acknowledgements_nothing_is_waited_for()
    {
        var log = Cluster.AddTopic("t").Logs[0];
        await using var producer = new Producer(Client, new ProducerOptions { Idempotent = false, Acks = 0 });
        for (var i = 0; i < 10; i++) Assert.Equal(-1, (await producer.SendAsync(Record("t", $"{i}"))).Offset);
        await Until(() => log.End == 10, "ten records at the broker");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public async Task Whatever_is_dropped_refused_or_moved_each_record_is_written_once_and_in_order(int seed)
    {
        const int partitions = 3, records = 300;
        var chance = new Random(seed);
        var topic = Cluster.AddTopic("t", partitions);
        Cluster.On<ProduceRequest>((_, _) => chance.Next(10) switch
        {
            0 => (null, Fault.DropBefore),
            1 => (null, Fault.DropAfter),
            2 => Moved(),
            _ => null,
        });
        (IMessage?, Fault)? Moved()
        {
            var log = topic.Logs[chance.Next(partitions)];
            log.Leader = 3 - log.Leader;
            return null;
        }
        await using var producer = new Producer(Client, new ProducerOptions { BatchSize = 60 });
        var sends = new List<Task<RecordMetadata>>();
        for (var i = 0; i < records; i++)
        {
            sends.Add(producer.SendAsync(Record("t", $"{i}", partition: i % partitions)).AsTask());
            if (i % 10 == 0) await Task.Yield();
        }
        await Task.WhenAll(sends).WaitAsync(TimeSpan.FromSeconds(20));
        for (var p = 0; p < partitions; p++)
        {
            var expected = Enumerable.Range(0, records).Where(i => i % partitions == p).Select((i, at) => ((long)at, $"{i}"));
            Assert.Equal(expected, topic.Logs[p].Values());
        }
        for (var i = 0; i < records; i++)
            if (sends[i].Result.Offset >= 0) Assert.Equal(i / partitions, sends[i].Result.Offset);
    }

    [Fact]
    public async Task A_topic_made_anew_with_fewer_partitions_gets_its_keys_where_every_producer_puts_them()
    {
        Cluster.AddTopic("t", 6);
        await using var producer = new Producer(Client);
        for (var i = 0; i < 20; i++) await producer.SendAsync(Record("t", "old", $"k{i}"));
        var logs = Cluster.AddTopic("t", 3).Logs;
        await Client.RefreshAsync(default);
        for (var i = 0; i < 20; i++) Assert.Equal(Partitioner.ForKey(Bytes($"k{i}").Span, 3), (await producer.SendAsync(Record("t", "new", $"k{i}"))).Partition.Partition);
        Assert.Equal(20, logs.Sum(log => log.End));
    }
}
