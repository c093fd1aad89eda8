using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests;

public sealed class FetcherSpec : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new(nodes: 2);
    private ClusterClient _client = null!;
    private Producer _producer = null!;

    public Task InitializeAsync()
    {
        _client = new ClusterClient(_cluster.Options);
        _producer = new Producer(_client);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _producer.DisposeAsync();
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private async Task WriteAsync(string topic, int partition, int from, int count)
    {
        for (var i = from; i < from + count; i++) await _producer.PostAsync(Record(topic, $"{partition}:{i}", partition: partition));
        await _producer.FlushAsync();
    }

    private static async Task<Dictionary<TopicPartition, List<string>>> ReadAsync(Fetcher fetcher, int count)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var read = new Dictionary<TopicPartition, List<string>>();
        while (read.Values.Sum(v => v.Count) < count)
        {
            var chunk = await fetcher.ReadAsync(deadline.Token);
            (read.TryGetValue(chunk.Partition, out var values) ? values : read[chunk.Partition] = []).AddRange(Values(chunk).Select(v => v.Value));
        }
        return read;
    }

    [Fact]
    public async Task Several_partitions_of_several_leaders_come_each_in_order()
    {
        _cluster.AddTopic("t", 4);
        for (var p = 0; p < 4; p++) await WriteAsync("t", p, 0, 50);
        await using var fetcher = new Fetcher(_client, new FetcherOptions { MaxPartitionBytes = 300 });
        fetcher.Assign(Enumerable.Range(0, 4).Select(p => KeyValuePair.Create(new TopicPartition("t", p), LogicalOffset.Earliest)));
        var read = await ReadAsync(fetcher, 200);
        for (var p = 0; p < 4; p++) Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{p}:{i}"), read[new("t", p)]);
    }

    [Fact]
    public async Task Reading_from_inside_a_batch_shows_only_what_is_wanted_and_says_where_to_go_on()
    {
        _cluster.AddTopic("t");
        await WriteAsync("t", 0, 0, 10);
        await using var fetcher = new Fetcher(_client);
        fetcher.Assign(new("t", 0), 7);
        var chunk = await fetcher.ReadAsync();
        Assert.Equal([(7, "0:7"), (8, "0:8"), (9, "0:9")], Values(chunk));
        Assert.Equal((7L, 10L, 10L), (chunk.Offset, chunk.NextOffset, chunk.HighWatermark));
        Assert.Equal(10, fetcher.HighWatermark(new("t", 0)));
    }

    [Fact]
    public async Task A_long_poll_ends_when_a_record_comes()
    {
        _cluster.AddTopic("t");
        await using var fetcher = new Fetcher(_client, new FetcherOptions { MaxWait = TimeSpan.FromSeconds(30) });
        fetcher.Assign(new("t", 0), LogicalOffset.Latest);
        var reading = fetcher.ReadAsync().AsTask();
        await Until(() => _cluster.SeenOf<FetchRequest>().Count > 0, "a fetch");
        await WriteAsync("t", 0, 0, 1);
        Assert.Equal([(0, "0:0")], Values(await reading.WaitAsync(TimeSpan.FromSeconds(5))));
    }

    [Fact]
    public async Task A_moved_leader_and_lost_connections_lose_nothing()
    {
        var log = _cluster.AddTopic("t").Logs[0];
        await WriteAsync("t", 0, 0, 5);
        await using var fetcher = new Fetcher(_client);
        fetcher.Assign(new("t", 0), LogicalOffset.Earliest);
        Assert.Equal(5, (await ReadAsync(fetcher, 5))[new("t", 0)].Count);
        lock (_cluster.Gate) log.Leader = 2;
        var drops = 3;
        _cluster.On<FetchRequest>((_, _) => drops-- > 0 ? (null, Fault.DropAfter) : null);
        await WriteAsync("t", 0, 5, 5);
        Assert.Equal(Enumerable.Range(5, 5).Select(i => $"0:{i}"), (await ReadAsync(fetcher, 5))[new("t", 0)]);
    }

    [Fact]
    public async Task An_offset_out_of_range_is_reset_or_told_as_asked()
    {
        _cluster.AddTopic("t");
        await WriteAsync("t", 0, 0, 3);
        await using var resetting = new Fetcher(_client, new FetcherOptions { Reset = OffsetReset.Earliest });
        resetting.Assign(new("t", 0), 1000);
        Assert.Equal(3, (await ReadAsync(resetting, 3))[new("t", 0)].Count);
        await using var strict = new Fetcher(_client, new FetcherOptions { Reset = OffsetReset.Fail });
        strict.Assign(new("t", 0), 1000);
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await strict.ReadAsync());
        Assert.Equal(ErrorCode.OffsetOutOfRange, error.Error);
        Assert.Contains("t-0", error.Message);
        strict.Assign(new("t", 0), 0);
        Assert.Equal(3, (await ReadAsync(strict, 3))[new("t", 0)].Count);
    }

    [Fact]
    public async Task A_paused_partition_is_not_fetched_until_resumed()
    {
        _cluster.AddTopic("t", 2);
        await using var fetcher = new Fetcher(_client, new FetcherOptions { MaxWait = TimeSpan.FromMilliseconds(20) });
        fetcher.Assign([new(new("t", 0), 0), new(new("t", 1), 0)]);
        fetcher.Pause([new("t", 0)]);
        // A fetch that left before the pause is over once its neighbour's broker was asked ten times since.
        int Fetches() => _cluster.SeenOf<FetchRequest>().Count(f => f.Topics.Any(t => t.Partitions.Any(p => p.Partition == 1)));
        var before = Fetches();
        await Until(() => Fetches() >= before + 10, "ten more fetches of partition 1");
        await WriteAsync("t", 0, 0, 5);
        await WriteAsync("t", 1, 0, 5);
        Assert.Equal([new TopicPartition("t", 1)], (await ReadAsync(fetcher, 5)).Keys);
        fetcher.Resume([new("t", 0)]);
        Assert.Equal([new TopicPartition("t", 0)], (await ReadAsync(fetcher, 5)).Keys);
    }

    [Fact]
    public async Task A_seek_drops_what_was_read_ahead()
    {
        _cluster.AddTopic("t");
        await WriteAsync("t", 0, 0, 10);
        await using var fetcher = new Fetcher(_client);
        fetcher.Assign(new("t", 0), 0);
        await Until(() => fetcher.HighWatermark(new("t", 0)) == 10, "an answered fetch");
        fetcher.Seek(new("t", 0), 8);
        Assert.Equal([(8, "0:8"), (9, "0:9")], Values(await fetcher.ReadAsync()));
        fetcher.Unassign([new("t", 0)]);
        Assert.Empty(fetcher.Assigned);
        Assert.Throws<InvalidOperationException>(() => fetcher.Seek(new("t", 0), 0));
    }

    [Fact]
    public async Task Reading_ahead_is_bounded()
    {
        _cluster.AddTopic("t");
        for (var i = 0; i < 20; i++) await WriteAsync("t", 0, i * 10, 10);
        var bytes = _cluster.Topics["t"].Logs[0].Batches.Sum(b => b.Length);
        await using var fetcher = new Fetcher(_client, new FetcherOptions { MaxPartitionBytes = 200, MaxBufferedBytes = 400 });
        fetcher.Assign(new("t", 0), 0);
        // Each round is a fetch of the other partition, which would take one more of this one's batches along.
        _cluster.AddTopic("other");
        await WriteAsync("other", 0, 0, 1);
        for (var round = 0; round < 20; round++)
        {
            fetcher.Assign(new("other", 0), 0);
            await Until(() => fetcher.HighWatermark(new("other", 0)) == 1, "an answered fetch");
        }
        fetcher.Unassign([new("other", 0)]);
        var asked = _cluster.SeenOf<FetchRequest>().SelectMany(f => f.Topics).Where(t => t.Topic == "t").Max(t => t.Partitions[0].FetchOffset);
        Assert.True(asked < 150, $"of {bytes} bytes those before offset {asked} were read ahead");
        Assert.Equal(200, (await ReadAsync(fetcher, 200))[new("t", 0)].Count);
    }

    [Fact]
    public async Task A_damaged_batch_is_told_and_read_again()
    {
        var log = _cluster.AddTopic("t").Logs[0];
        await WriteAsync("t", 0, 0, 1);
        lock (_cluster.Gate) log.Batches[0][^1] ^= 1;
        await using var fetcher = new Fetcher(_client);
        fetcher.Assign(new("t", 0), 0);
        Assert.Equal(ErrorCode.CorruptMessage, (await Assert.ThrowsAsync<KafkaException>(async () => await fetcher.ReadAsync())).Error);
        lock (_cluster.Gate) log.Batches[0][^1] ^= 1;
        while (true)
        {
            try
            {
                Assert.Equal([(0, "0:0")], Values(await fetcher.ReadAsync()));
                return;
            }
            catch (KafkaException error) when (error.Error == ErrorCode.CorruptMessage)
            {
                // Read once more before the repair.
            }
        }
    }

    [Fact]
    public async Task A_topic_that_is_made_later_is_read_from_then_on()
    {
        await using var fetcher = new Fetcher(_client);
        fetcher.Assign(new("later", 0), 0);
        await Until(() => _cluster.SeenOf<MetadataRequest>().Any(m => m.Topics!.Any(t => t.Name == "later")), "a look for the topic");
        _cluster.AddTopic("later");
        await WriteAsync("later", 0, 0, 1);
        Assert.Single(await ReadAsync(fetcher, 1));
    }
}
