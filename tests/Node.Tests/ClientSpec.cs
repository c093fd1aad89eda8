using System.Text;
using Actors.Client;
using Actors.Protocol;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Node.Tests;

/// <summary>The product's own client against a node: what topologies and the command line stand on.</summary>
public sealed class ClientSpec : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly NodeUnderTest _node = NodeUnderTest.Start();
    private ClusterClient _client = null!;
    private Admin _admin = null!;

    public Task InitializeAsync()
    {
        _client = new ClusterClient(new ClusterOptions { BootstrapServers = _node.Kafka });
        _admin = new Admin(_client);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _client.DisposeAsync();
        _node.Dispose();
    }

    private static ReadOnlyMemory<byte> Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static List<(long Offset, string? Key, string Value)> Records(FetchedChunk chunk)
    {
        var records = new List<(long, string?, string)>();
        foreach (var batch in chunk.Batches)
        {
            using var reader = new RecordBatchReader(batch.Bytes);
            foreach (var record in reader)
            {
                var key = record.Key is { } bytes ? Encoding.UTF8.GetString(bytes.Span) : null;
                if (record.Offset >= chunk.Offset) records.Add((record.Offset, key, Encoding.UTF8.GetString(record.Value!.Value.Span)));
            }
        }
        return records;
    }

    private async Task<Dictionary<int, List<(long Offset, string? Key, string Value)>>> ReadAllAsync(string topic, int partitions, int count)
    {
        using var deadline = new CancellationTokenSource(Patience);
        await using var fetcher = new Fetcher(_client);
        fetcher.Assign(Enumerable.Range(0, partitions).Select(p => KeyValuePair.Create(new TopicPartition(topic, p), LogicalOffset.Earliest)));
        var read = Enumerable.Range(0, partitions).ToDictionary(p => p, _ => new List<(long, string?, string)>());
        while (read.Values.Sum(r => r.Count) < count)
        {
            var chunk = await fetcher.ReadAsync(deadline.Token);
            read[chunk.Partition.Partition].AddRange(Records(chunk));
        }
        return read;
    }

    [Fact]
    public async Task What_goes_in_comes_out_under_every_codec_and_in_order()
    {
        await _admin.CreateTopicAsync(new NewTopic("codecs", 3));
        var expected = new Dictionary<int, List<string>> { [0] = [], [1] = [], [2] = [] };
        foreach (var codec in Enum.GetValues<Compression>())
        {
            await using var producer = new Producer(_client, new ProducerOptions { Compression = codec, Linger = TimeSpan.FromMilliseconds(5) });
            for (var i = 0; i < 300; i++)
            {
                var (key, value) = ($"key {i}", $"{codec} {i} {new string('x', i)}");
                expected[Partitioner.ForKey(Bytes(key).Span, 3)].Add(value);
                await producer.PostAsync(new ProducerRecord("codecs", Bytes(key), Bytes(value)));
            }
            await producer.FlushAsync();
        }
        foreach (var (partition, records) in await ReadAllAsync("codecs", 3, 1500))
        {
            Assert.Equal(expected[partition], records.Select(r => r.Value));
            Assert.Equal(Enumerable.Range(0, records.Count).Select(i => (long)i), records.Select(r => r.Offset));
        }
    }

    [Fact]
    public async Task A_group_shares_partitions_and_goes_on_where_it_committed()
    {
        await _admin.CreateTopicAsync(new NewTopic("shared", 4));
        await using var producer = new Producer(_client);
        for (var i = 0; i < 40; i++) await producer.PostAsync(new ProducerRecord("shared", null, Bytes($"{i}"), Partition: i % 4));
        await producer.FlushAsync();
        var options = new ConsumerOptions
        {
            Group = new GroupOptions { GroupId = "sharers", Topics = ["shared"], HeartbeatInterval = TimeSpan.FromMilliseconds(200), SessionTimeout = TimeSpan.FromSeconds(6), Assignors = [new CooperativeStickyAssignor()] },
        };
        using var deadline = new CancellationTokenSource(Patience);
        var read = new List<string>();
        await using (var one = new Consumer(_client, options))
        {
            while (read.Count < 40) read.AddRange(Records(await one.ReadAsync(deadline.Token)).Select(r => r.Value));
            await one.CommitAsync(deadline.Token);
            await using var two = new Consumer(_client, options);
            while (one.Member.Assignment.Count != 2 || two.Member.Assignment.Count != 2) await Task.Delay(20, deadline.Token);
            Assert.Empty(one.Member.Assignment.Intersect(two.Member.Assignment));
            var described = await _admin.DescribeGroupAsync("sharers");
            Assert.Equal(("Stable", "cooperative-sticky", 2), (described.State, described.Assignor, described.Members.Count));
            Assert.Equal(4, described.Members.SelectMany(m => m.Assignment).Distinct().Count());
        }
        Assert.Equal(Enumerable.Range(0, 40).Select(i => $"{i}").Order(), read.Order());
        Assert.All((await _admin.CommittedAsync("sharers")).Values, o => Assert.Equal(10, o.Offset));
        await producer.SendAsync(new ProducerRecord("shared", null, Bytes("new"), Partition: 2));
        await using var next = new Consumer(_client, options);
        Assert.Equal([(10, null, "new")], Records(await next.ReadAsync(deadline.Token)));
    }

    [Fact]
    public async Task A_static_member_that_comes_back_has_its_partitions_without_a_rebalance()
    {
        await _admin.CreateTopicAsync(new NewTopic("still", 2));
        using var deadline = new CancellationTokenSource(Patience);
        var options = new ConsumerOptions
        {
            Group = new GroupOptions { GroupId = "statics", GroupInstanceId = "node-1", Topics = ["still"], HeartbeatInterval = TimeSpan.FromMilliseconds(200), SessionTimeout = TimeSpan.FromSeconds(6) },
        };
        int generation;
        await using (var first = new Consumer(_client, options))
        {
            while (first.Member.Assignment.Count != 2) await Task.Delay(20, deadline.Token);
            generation = first.Member.Current.Generation;
        }
        await using var second = new Consumer(_client, options);
        while (second.Member.Assignment.Count != 2) await Task.Delay(20, deadline.Token);
        Assert.Equal(generation, second.Member.Current.Generation);
    }

    [Fact]
    public async Task A_node_killed_under_a_producer_loses_and_doubles_nothing()
    {
        const int records = 3000;
        await _admin.CreateTopicAsync(new NewTopic("survivors", 3));
        var sends = new List<Task<RecordMetadata>>();
        await using (var producer = new Producer(_client, new ProducerOptions { BatchSize = 2000 }))
        {
            for (var i = 0; i < records; i++)
            {
                sends.Add(producer.SendAsync(new ProducerRecord("survivors", null, Bytes($"{i}"), Partition: i % 3)).AsTask());
                if (i % 50 == 0) await Task.Delay(1);
                if (i == 1000) _node.Kill();
                if (i == 1500) _node.StartAgain();
            }
            await Task.WhenAll(sends).WaitAsync(Patience);
        }
        var read = await ReadAllAsync("survivors", 3, records);
        for (var partition = 0; partition < 3; partition++)
            Assert.Equal(Enumerable.Range(0, records).Where(i => i % 3 == partition).Select((i, at) => ((long)at, (string?)null, $"{i}")), read[partition]);
        for (var i = 0; i < records; i++)
            if (sends[i].Result.Offset >= 0) Assert.Equal(i / 3, sends[i].Result.Offset);
    }

    [Fact]
    public async Task What_is_wrong_is_named()
    {
        await _admin.CreateTopicAsync(new NewTopic("once"));
        var twice = await Assert.ThrowsAsync<KafkaException>(async () => await _admin.CreateTopicAsync(new NewTopic("once")));
        Assert.Equal(ErrorCode.TopicAlreadyExists, twice.Error);
        Assert.Contains("once", twice.Message);
        Assert.Equal(ErrorCode.InvalidTopicException, (await Assert.ThrowsAsync<KafkaException>(async () => await _admin.CreateTopicAsync(new NewTopic("no/slash")))).Error);
        Assert.Equal(ErrorCode.InvalidConfig, (await Assert.ThrowsAsync<KafkaException>(async () =>
            await _admin.CreateTopicAsync(new NewTopic("odd", Configs: new Dictionary<string, string> { ["retention.ms"] = "soon" })))).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await Assert.ThrowsAsync<KafkaException>(async () => await _admin.DeleteTopicAsync("never"))).Error);
        await _admin.DeleteTopicAsync("once");
        Assert.DoesNotContain(await _admin.ListTopicsAsync(), t => t.Name == "once");
    }
}
