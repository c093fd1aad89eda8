using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client.Tests;

/// <summary>Configurations, partitions and the cluster, asked for and altered: who is asked, what is sent, how refusals are told.</summary>
public sealed class AdminSpec : IAsyncLifetime
{
    private readonly FakeCluster _cluster = new(nodes: 3);
    private ClusterClient _client = null!;
    private Admin _admin = null!;

    public Task InitializeAsync()
    {
        _cluster.AddTopic("t", 2);
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

    [Fact]
    public async Task Several_topics_are_described_with_one_question_and_those_that_are_not_there_are_left_out()
    {
        var other = _cluster.AddTopic("u", 3);
        var there = await _admin.DescribeTopicsAsync(["u", "nowhere", "t"]);
        Assert.Equal([("t", 2), ("u", 3)], there.Values.OrderBy(topic => topic.Name).Select(topic => (topic.Name, topic.Partitions.Count)));
        Assert.Equal(other.Id, there["u"].Id);
        Assert.Single(_cluster.SeenOf<MetadataRequest>());
    }

    [Fact]
    public async Task A_broker_is_asked_for_its_own_configurations_and_told_its_own_alterations()
    {
        _cluster.On<DescribeConfigsRequest>((node, request) => (new DescribeConfigsResponse
        {
            Results =
            [
                new DescribeConfigsResponse.DescribeConfigsResult
                {
                    ResourceType = 4,
                    ResourceName = request.Resources[0].ResourceName,
                    Configs =
                    [
                        new DescribeConfigsResponse.DescribeConfigsResourceResult
                        {
                            Name = "broker.id", Value = $"{node}", ConfigSource = 4, ReadOnly = true, ConfigType = 3, Documentation = "Its number.",
                            Synonyms = [new DescribeConfigsResponse.DescribeConfigsSynonym { Name = "broker.id", Value = $"{node}", Source = 4 }],
                        },
                    ],
                },
            ],
        }, Fault.None));
        _cluster.On<IncrementalAlterConfigsRequest>((node, request) => (new IncrementalAlterConfigsResponse
        {
            Responses = [new IncrementalAlterConfigsResponse.AlterConfigsResourceResponse { ErrorCode = (short)(node == 2 ? ErrorCode.None : ErrorCode.InvalidRequest), ResourceType = 4, ResourceName = "2" }],
        }, Fault.None));
        var entry = Assert.Single(await _admin.DescribeConfigsAsync(ConfigResource.Broker(3), synonyms: true, documentation: true));
        Assert.Equal(("3", true, true, ConfigSource.StaticBrokerConfig, ConfigType.Int, "Its number."), (entry.Value, entry.IsReadOnly, entry.IsDefault, entry.Source, entry.Type, entry.Documentation));
        Assert.Equal(new ConfigSynonym("broker.id", "3", ConfigSource.StaticBrokerConfig), Assert.Single(entry.Synonyms));
        await _admin.IncrementalAlterConfigsAsync(ConfigResource.Broker(2), [ConfigAlteration.Set("log.cleaner.threads", "2"), ConfigAlteration.Delete("log.retention.ms")]);
        var sent = Assert.Single(_cluster.SeenOf<IncrementalAlterConfigsRequest>()).Resources[0].Configs;
        Assert.Equal([("log.cleaner.threads", 0, "2"), ("log.retention.ms", 1, null)], sent.Select(c => (c.Name, (int)c.ConfigOperation, c.Value)));
        Assert.Equal(ErrorCode.BrokerNotAvailable, (await Assert.ThrowsAsync<KafkaException>(async () => await _admin.DescribeConfigsAsync(ConfigResource.Broker(9)))).Error);
    }

    [Fact]
    public async Task A_refusal_carries_the_brokers_words()
    {
        _cluster.On<CreatePartitionsRequest>((_, request) => (new CreatePartitionsResponse
        {
            Results = [new CreatePartitionsResponse.CreatePartitionsTopicResult { Name = "t", ErrorCode = (short)ErrorCode.InvalidPartitions, ErrorMessage = "Topic already has 2 partition(s)." }],
        }, Fault.None));
        var refused = await Assert.ThrowsAsync<KafkaException>(async () => await _admin.CreatePartitionsAsync("t", 2, [[1, 2]], validateOnly: true));
        Assert.Equal((ErrorCode.InvalidPartitions, "Topic already has 2 partition(s)."), (refused.Error, refused.BrokerMessage));
        var sent = Assert.Single(_cluster.SeenOf<CreatePartitionsRequest>());
        Assert.True(sent.ValidateOnly);
        Assert.Equal([1, 2], sent.Topics[0].Assignments![0].BrokerIds);
    }

    [Fact]
    public async Task Every_broker_is_asked_for_its_log_directories()
    {
        _cluster.On<DescribeLogDirsRequest>((node, request) => (new DescribeLogDirsResponse
        {
            Results =
            [
                new DescribeLogDirsResponse.DescribeLogDirsResult
                {
                    LogDir = $"/data/{node}",
                    TotalBytes = 100,
                    UsableBytes = 40,
                    Topics = [.. (request.Topics ?? []).Select(t => new DescribeLogDirsResponse.DescribeLogDirsTopic
                    {
                        Name = t.Topic, Partitions = [.. t.Partitions.Select(p => new DescribeLogDirsResponse.DescribeLogDirsPartition { PartitionIndex = p, PartitionSize = 10 * p })],
                    })],
                },
            ],
        }, Fault.None));
        var directories = await _admin.DescribeLogDirsAsync(topics: ["t"]);
        Assert.Equal(["/data/1", "/data/2", "/data/3"], directories.OrderBy(d => d.Key).Select(d => d.Value.Single().Path));
        Assert.Equal(new ReplicaSize(10, 0, false), directories[2].Single().Replicas[new TopicPartition("t", 1)]);
        Assert.Equal((100, 40), (directories[2].Single().TotalBytes, directories[2].Single().UsableBytes));
        Assert.Equal([3], (await _admin.DescribeLogDirsAsync([3])).Keys);
    }

    [Fact]
    public async Task The_cluster_is_described_in_the_order_of_its_brokers()
    {
        _cluster.On<DescribeClusterRequest>((_, _) => (new DescribeClusterResponse
        {
            ClusterId = "c", ControllerId = 2,
            Brokers = [new DescribeClusterResponse.DescribeClusterBroker { BrokerId = 2, Host = "b", Port = 2 }, new DescribeClusterResponse.DescribeClusterBroker { BrokerId = 1, Host = "a", Port = 1 }],
        }, Fault.None));
        var described = await _admin.DescribeClusterAsync();
        Assert.Equal(("c", 2), (described.ClusterId, described.ControllerId));
        Assert.Equal([new BrokerInfo(1, "a", 1, null), new BrokerInfo(2, "b", 2, null)], described.Brokers);
    }
}
