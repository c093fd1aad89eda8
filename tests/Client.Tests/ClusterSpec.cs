using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests;

/// <summary>Connections, metadata and admin.</summary>
public sealed class ClusterSpec : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new(nodes: 3);
    private ClusterClient _client = null!;
    private Admin _admin = null!;

    public Task InitializeAsync()
    {
        _client = new ClusterClient(_cluster.Options);
        _admin = new Admin(_client);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await _admin.DisposeAsync();
        await _client.DisposeAsync();
        await _cluster.DisposeAsync();
    }

    private async Task<KafkaConnection> OpenAsync() =>
        await KafkaConnection.OpenAsync(await _cluster.ConnectAsync("fake", 9001, default), "fake:9001", "test", TimeSpan.FromSeconds(5));

    [Fact]
    public async Task Several_requests_wait_for_their_answers_at_once()
    {
        _cluster.AddTopic("t");
        await using var connection = await OpenAsync();
        var asked = Enumerable.Range(0, 100).Select(i => connection.SendAsync(
            Apis.Metadata, new MetadataRequest { Topics = [new() { Name = $"{i}" }], AllowAutoTopicCreation = false }, TimeSpan.FromSeconds(5)).AsTask());
        var answers = await Task.WhenAll(asked);
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), answers.Select(a => a.Topics[0].Name));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    [InlineData(4)]
    public async Task Versions_are_agreed_with_brokers_of_any_age(short newest)
    {
        _cluster.MaxApiVersionsVersion = newest;
        await using var connection = await OpenAsync();
        Assert.Equal(Apis.Fetch.MaxVersion, connection.VersionOf(Apis.Fetch));
    }

    [Fact]
    public async Task A_request_without_an_answer_ends_its_connection_and_those_that_wait_with_it()
    {
        _cluster.On<ListGroupsRequest>((_, _) => (null, Fault.Silence));
        _cluster.On<FetchRequest>((_, _) => (null, Fault.Silence));
        await using var connection = await OpenAsync();
        var behind = connection.SendAsync(Apis.Fetch, new FetchRequest(), TimeSpan.FromSeconds(30)).AsTask();
        var late = await Assert.ThrowsAsync<KafkaException>(async () => await connection.SendAsync(Apis.ListGroups, new ListGroupsRequest(), TimeSpan.FromMilliseconds(50)));
        Assert.Equal(ErrorCode.RequestTimedOut, late.Error);
        Assert.Equal(ErrorCode.NetworkException, (await Assert.ThrowsAsync<KafkaException>(() => behind)).Error);
        await connection.Closed.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(ErrorCode.NetworkException, (await Assert.ThrowsAsync<KafkaException>(async () =>
            await connection.SendAsync(Apis.ListGroups, new ListGroupsRequest(), TimeSpan.FromSeconds(5)))).Error);
    }

    [Fact]
    public async Task A_request_that_cannot_be_written_spoils_only_itself()
    {
        await using var connection = await OpenAsync();
        var impossible = new JoinGroupRequest { GroupId = "g", GroupInstanceId = "static", ProtocolType = "consumer" };
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await connection.SendAsync(Apis.JoinGroup, impossible, 2, TimeSpan.FromSeconds(5)));
        Assert.Equal(ErrorCode.UnsupportedVersion, error.Error);
        await connection.SendAsync(Apis.ListGroups, new ListGroupsRequest(), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public async Task Topics_are_made_listed_described_and_deleted()
    {
        Assert.NotEqual(Guid.Empty, await _admin.CreateTopicAsync(new NewTopic("b", 3)));
        Assert.True(await _admin.EnsureTopicAsync(new NewTopic("a")));
        Assert.False(await _admin.EnsureTopicAsync(new NewTopic("a")));
        var twice = await Assert.ThrowsAsync<KafkaException>(async () => await _admin.CreateTopicAsync(new NewTopic("a")));
        Assert.Equal("topic a (Topic 'a' already exists.): TOPIC_ALREADY_EXISTS", twice.Message);
        Assert.Equal(["a", "b"], (await _admin.ListTopicsAsync()).Select(t => t.Name));
        Assert.Equal([1, 2, 3], (await _admin.DescribeTopicAsync("b")).Partitions.Select(p => p.Leader));
        await _admin.DeleteTopicAsync("b");
        foreach (var ask in new Func<Task>[] { () => _admin.DeleteTopicAsync("b").AsTask(), () => _admin.DescribeTopicAsync("b").AsTask() })
            Assert.Equal(ErrorCode.UnknownTopicOrPartition, (await Assert.ThrowsAsync<KafkaException>(ask)).Error);
    }

    [Fact]
    public async Task Offsets_are_asked_of_each_leader()
    {
        var topic = _cluster.AddTopic("t", 3);
        await using (var producer = new Producer(_client))
            for (var i = 0; i < 6; i++) await producer.SendAsync(Record("t", "x", partition: i % 2));
        var latest = await _admin.ListOffsetsAsync(Enumerable.Range(0, 3).ToDictionary(p => new TopicPartition("t", p), _ => LogicalOffset.Latest));
        Assert.Equal([3, 3, 0], latest.OrderBy(o => o.Key).Select(o => o.Value.Offset));
        lock (_cluster.Gate) topic.Logs[0].Leader = 3;
        var moved = await _admin.ListOffsetsAsync(new Dictionary<TopicPartition, long> { [new("t", 0)] = LogicalOffset.Latest });
        Assert.Equal(3, moved.Single().Value.Offset);
    }

    [Fact]
    public async Task The_end_of_a_transaction_is_nothing_left_to_read()
    {
        var topic = _cluster.AddTopic("t", 2);
        await using (var producer = new Producer(_client))
            for (var i = 0; i < 60; i++) await producer.SendAsync(Record("t", "x", partition: i < 10 ? 0 : 1));
        lock (_cluster.Gate) foreach (var log in topic.Logs) Assert.Equal(ErrorCode.None, log.Append(Marker()).Error);
        var (first, second) = (new TopicPartition("t", 0), new TopicPartition("t", 1));
        Assert.Equal(0, await LeftAsync(first, new(10, 11)));
        Assert.Equal(3, await LeftAsync(first, new(7, 11)));
        Assert.Equal(2, await LeftAsync(first, new(2, 4)));
        Assert.Equal(0, await LeftAsync(first, new(11, 11)));
        // Far behind, an offset is taken for a record.
        Assert.Equal(41, await LeftAsync(second, new(10, 51)));

        async Task<long> LeftAsync(TopicPartition partition, OffsetRange range) => (await _admin.CountRecordsAsync(new Dictionary<TopicPartition, OffsetRange> { [partition] = range }))[partition];
    }

    private static byte[] Marker()
    {
        using var builder = new RecordBatchBuilder { IsControl = true, IsTransactional = true };
        builder.Append(0, (byte[])[0, 0, 0, 1], (byte[])[0, 0, 0, 0, 0, 0]);
        return builder.Build();
    }

    [Fact]
    public async Task Records_are_deleted_at_each_leader()
    {
        _cluster.AddTopic("t", 3);
        await using (var producer = new Producer(_client))
        {
            for (var partition = 0; partition < 3; partition++)
                for (var i = 0; i < 5; i++) await producer.SendAsync(new ProducerRecord("t", null, new byte[] { 1 }, partition));
        }
        var starts = await _admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [new("t", 0)] = 2, [new("t", 1)] = -1, [new("t", 2)] = 0 });
        Assert.Equal([2L, 5L, 0L], starts.OrderBy(s => s.Key.Partition).Select(s => s.Value));
        var beyond = await Assert.ThrowsAsync<KafkaException>(async () => await _admin.DeleteRecordsAsync(new Dictionary<TopicPartition, long> { [new("t", 0)] = 6 }));
        Assert.Equal(ErrorCode.OffsetOutOfRange, beyond.Error);
        Assert.Contains("t-0", beyond.Message);
    }

    [Fact]
    public async Task Groups_are_listed_described_and_their_offsets_shown()
    {
        _cluster.AddTopic("t");
        await using var consumer = new Consumer(_client, new ConsumerOptions { Group = new GroupOptions { GroupId = "g", Topics = ["t"] } });
        await Until(() => consumer.Member.Assignment.Count == 1, "a member");
        await consumer.Member.CommitAsync(new Dictionary<TopicPartition, OffsetAndMetadata> { [new("t", 0)] = new(5) });
        Assert.Contains((await _admin.ListGroupsAsync()), g => g is { GroupId: "g", State: "Stable" });
        var described = await _admin.DescribeGroupAsync("g");
        Assert.Equal(("Stable", "range"), (described.State, described.Assignor));
        Assert.Equal([new TopicPartition("t", 0)], Assert.Single(described.Members).Assignment);
        Assert.Equal(5, (await _admin.CommittedAsync("g"))[new("t", 0)].Offset);
    }

    [Fact]
    public async Task A_node_that_is_down_is_passed_over()
    {
        _cluster.AddTopic("t");
        lock (_cluster.Gate) _cluster.Down.UnionWith([1, 2]);
        Assert.Equal("t", (await _admin.DescribeTopicAsync("t")).Name);
        lock (_cluster.Gate) _cluster.Down.Add(3);
        await using var client = new ClusterClient(_cluster.Options with { ApiTimeout = TimeSpan.FromMilliseconds(100) });
        var none = await Assert.ThrowsAsync<KafkaException>(async () => await client.TopicAsync("t"));
        Assert.Equal(ErrorCode.NetworkException, none.Error);
        Assert.Contains("fake:900", none.Message);
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:x")]
    [InlineData(":9092")]
    [InlineData("localhost:70000")]
    [InlineData(" , ")]
    public void Bootstrap_servers_that_are_none_are_refused(string servers) =>
        Assert.Throws<FormatException>(() => new ClusterClient(new ClusterOptions { BootstrapServers = servers }));

    [Fact]
    public async Task Sockets_carry_what_pipes_carry()
    {
        await using var cluster = new FakeCluster();
        cluster.AddTopic("t");
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = $"127.0.0.1:{cluster.Listen()}" });
        await using var producer = new Producer(client);
        var large = new string('x', 900_000);
        foreach (var value in new[] { "small", large, "last" }) await producer.SendAsync(Record("t", value));
        await using var fetcher = new Fetcher(client);
        fetcher.Assign(new("t", 0), 0);
        var read = new List<string>();
        while (read.Count < 3) read.AddRange(Values(await fetcher.ReadAsync()).Select(v => v.Value));
        Assert.Equal(["small", large, "last"], read);
    }

    [Fact]
    public async Task A_listener_that_is_not_there_is_named()
    {
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = "127.0.0.1:1", ApiTimeout = TimeSpan.FromMilliseconds(50) });
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await client.TopicAsync("t"));
        Assert.Contains("127.0.0.1:1", error.Message);
    }

    [Fact]
    public void Errors_are_retriable_where_Kafkas_are()
    {
        ErrorCode[] retriable =
        [
            (ErrorCode)2, (ErrorCode)3, (ErrorCode)5, (ErrorCode)6, (ErrorCode)7, (ErrorCode)9, (ErrorCode)13, (ErrorCode)14, (ErrorCode)15, (ErrorCode)16, (ErrorCode)19,
            (ErrorCode)20, (ErrorCode)41, (ErrorCode)51, (ErrorCode)56, (ErrorCode)70, (ErrorCode)71, (ErrorCode)72, (ErrorCode)74, (ErrorCode)75, (ErrorCode)78, (ErrorCode)80,
            (ErrorCode)83, (ErrorCode)84, (ErrorCode)88, (ErrorCode)89, (ErrorCode)100, (ErrorCode)103, (ErrorCode)106, (ErrorCode)122, (ErrorCode)123,
        ];
        Assert.Equal(retriable, Enum.GetValues<ErrorCode>().Where(e => e.IsRetriable()).Order());
        Assert.Equal("NOT_LEADER_OR_FOLLOWER", ErrorCode.NotLeaderOrFollower.WireName());
    }
}
