using Actors.Client;
using Actors.Node.Tests;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>What administrators ask and change at whichever of three nodes, and that all of them know it.</summary>
public sealed class AdminSpec(PlacedNodes placed) : IClassFixture<PlacedNodes>
{
    private static readonly string Folder = Path.Combine(NodeUnderTest.Root, "tests/Cluster.Tests/Clients");

    private ThreeNodes Nodes => placed.Nodes;

    [ClientsFact]
    public void Kafkas_clients_administer_a_node_alone()
    {
        using var node = NodeUnderTest.Start();
        EveryClient(1, node.Kafka);
    }

    [ClusterFact]
    public void Kafkas_clients_administer_three_nodes_whichever_is_asked() => EveryClient(3, [.. Nodes.Nodes.Select(node => node.Kafka)]);

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task A_topics_configuration_changed_at_any_node_holds_at_the_leaders_of_all()
    {
        await using var client = Client();
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic("changed", 3, 1));
        foreach (var (node, limit) in Nodes.Nodes.Zip([1_000, 2_000, 3_000]))
        {
            Alter(node, "changed", ("max.message.bytes", $"{limit}"));
            foreach (var each in Nodes.Nodes)
                Polling.Until(() => Described(each, "changed", "max.message.bytes"), value => value == $"{limit}", 5, $"max.message.bytes as {each.Name} tells it after a change at {node.Name}");
            for (var partition = 0; partition < 3; partition++)
            {
                var at = partition;
                Polling.Until(() => Append("changed", at, limit), error => error == ErrorCode.MessageTooLarge, 5, $"a batch above {limit} bytes is refused by partition {at}");
                Assert.Equal(ErrorCode.None, Append("changed", at, limit - 200));
            }
        }
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task A_broker_speaks_for_itself_and_what_all_brokers_are_told_every_one_knows()
    {
        await using var client = Client();
        await using var admin = new Admin(client);
        foreach (var id in (int[])[1, 2, 3])
            Assert.Equal($"{id}", (await admin.DescribeConfigsAsync(ConfigResource.Broker(id))).Single(config => config.Name == "broker.id").Value);
        await admin.IncrementalAlterConfigsAsync(ConfigResource.AllBrokers, [ConfigAlteration.Set("log.cleaner.threads", "2")]);
        await admin.IncrementalAlterConfigsAsync(ConfigResource.Broker(2), [ConfigAlteration.Set("log.cleaner.threads", "3")]);
        foreach (var (id, value, source) in new[] { (1, "2", ConfigSource.DynamicDefaultBrokerConfig), (2, "3", ConfigSource.DynamicBrokerConfig), (3, "2", ConfigSource.DynamicDefaultBrokerConfig) })
            await EventuallyAsync(async () =>
            {
                var told = (await admin.DescribeConfigsAsync(ConfigResource.Broker(id), synonyms: true)).Single(config => config.Name == "log.cleaner.threads");
                return (told.Value, told.Source);
            }, (value, source));
        using var wrong = new RawConnection(Nodes.Nodes.First(node => ThreeNodes.IdOf(node.Name) == 1).Kafka);
        var refused = wrong.Ask<DescribeConfigsResponse>(new DescribeConfigsRequest { Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = 4, ResourceName = "2", ConfigurationKeys = null }] }, 4).Results[0];
        Assert.Equal((ErrorCode.InvalidRequest, "Unexpected broker id, expected 1 or empty string, but received 2"), ((ErrorCode)refused.ErrorCode, refused.ErrorMessage));
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task Partitions_added_at_any_node_are_led_evenly_and_found_by_who_consumes_already()
    {
        await using var client = Client();
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic("grown", 3, 1));
        var options = new ConsumerOptions { Group = new GroupOptions { GroupId = "growers", Topics = ["grown"] } };
        await using var reading = new ClusterClient(new ClusterOptions { BootstrapServers = Nodes.Bootstrap, MetadataMaxAge = TimeSpan.FromMilliseconds(500) });
        await using var consumer = new Consumer(reading, options);
        await EventuallyAsync(() => Task.FromResult(consumer.Member.Assignment.Count), 3);
        await admin.CreatePartitionsAsync("grown", 9);
        foreach (var node in Nodes.Nodes)
            Polling.Until(
                () => Describe(node, "grown").Partitions.GroupBy(partition => partition.LeaderId).Select(led => led.Count()).Order().ToList(),
                counts => counts is [3, 3, 3], 5, $"leaders 3/3/3 at {node.Name}");
        await EventuallyAsync(() => Task.FromResult(consumer.Member.Assignment.Count), 9);
        for (var partition = 0; partition < 9; partition++)
            Assert.Equal(ErrorCode.None, Append("grown", partition, 500));
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task Each_partition_is_in_the_log_directory_of_the_node_that_leads_it_with_its_bytes()
    {
        await using var client = Client();
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic("stored", 3, 1));
        for (var partition = 0; partition < 3; partition++)
            Assert.Equal(ErrorCode.None, Append("stored", partition, 500 * (partition + 1)));
        var directories = await admin.DescribeLogDirsAsync(topics: ["stored"]);
        Assert.Equal([1, 2, 3], directories.Keys.Order());
        var leaders = Describe(Nodes.Nodes.First(), "stored").Partitions.ToDictionary(partition => partition.PartitionIndex, partition => partition.LeaderId);
        foreach (var (broker, found) in directories)
            foreach (var (partition, replica) in Assert.Single(found).Replicas)
            {
                Assert.Equal(leaders[partition.Partition], broker);
                Assert.InRange(replica.Size, 500 * (partition.Partition + 1), 500 * (partition.Partition + 1) + 200);
            }
        Assert.Equal(3, directories.Values.Sum(found => found.Single().Replicas.Count));
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task The_cluster_is_the_same_at_every_node()
    {
        await using var client = Client();
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic("producers", 1, 1));
        foreach (var node in Nodes.Nodes)
        {
            using var connection = new RawConnection(node.Kafka);
            var told = connection.Ask<DescribeClusterResponse>(new DescribeClusterRequest(), 1);
            Assert.Equal([1, 2, 3], told.Brokers.Select(broker => broker.BrokerId).Order());
            Assert.Equal(connection.Ask<MetadataResponse>(new MetadataRequest { Topics = [] }, 12).ControllerId, told.ControllerId);
            var asked = new DescribeProducersRequest();
            asked.Topics.Add(new DescribeProducersRequest.TopicRequest { Name = "producers", PartitionIndexes = [0] });
            var leads = Describe(node, "producers").Partitions[0].LeaderId == ThreeNodes.IdOf(node.Name);
            Assert.Equal(leads ? ErrorCode.None : ErrorCode.NotLeaderOrFollower, (ErrorCode)connection.Ask<DescribeProducersResponse>(asked, 0).Topics[0].Partitions[0].ErrorCode);
        }
    }

    private ClusterClient Client() => new(new ClusterOptions { BootstrapServers = Nodes.Bootstrap });

    private static void EveryClient(int brokers, params string[] nodes)
    {
        foreach (var node in nodes)
        {
            var topic = $"administered-{node.Replace(':', '-')}";
            Ok("/usr/bin/python3", "admin.py", "confluent", node, topic + "-confluent", $"{brokers}");
            Ok("/usr/bin/python3", "admin.py", "kafka-python", node, topic + "-kafka-python", $"{brokers}");
            Ok("node", "admin.js", node, topic + "-kafkajs", $"{brokers}");
        }
    }

    private static void Ok(string program, string script, params string[] arguments) =>
        Assert.Equal("ok\n", Tool.Run(program, [Path.Combine(Folder, script), .. arguments]).Succeeded().Text);

    private static void Alter(Container node, string topic, params (string Name, string Value)[] configs)
    {
        using var connection = new RawConnection(node.Kafka);
        var request = new IncrementalAlterConfigsRequest();
        request.Resources.Add(new IncrementalAlterConfigsRequest.AlterConfigsResource
        {
            ResourceType = 2, ResourceName = topic, Configs = [.. configs.Select(config => new IncrementalAlterConfigsRequest.AlterableConfig { Name = config.Name, Value = config.Value })],
        });
        Assert.Equal(ErrorCode.None, (ErrorCode)connection.Ask<IncrementalAlterConfigsResponse>(request, 1).Responses[0].ErrorCode);
    }

    private static string? Described(Container node, string topic, string name)
    {
        using var connection = new RawConnection(node.Kafka);
        var request = new DescribeConfigsRequest { Resources = [new DescribeConfigsRequest.DescribeConfigsResource { ResourceType = 2, ResourceName = topic, ConfigurationKeys = [name] }] };
        return connection.Ask<DescribeConfigsResponse>(request, 4).Results[0].Configs.SingleOrDefault()?.Value;
    }

    private static MetadataResponse.MetadataResponseTopic Describe(Container node, string topic)
    {
        using var connection = new RawConnection(node.Kafka);
        return connection.Ask<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = topic }], AllowAutoTopicCreation = false }, 12).Topics[0];
    }

    /// <summary>One record of so many bytes, at the partition's leader.</summary>
    private ErrorCode Append(string topic, int partition, int bytes)
    {
        var leader = Describe(Nodes.Nodes.First(), topic).Partitions.Single(each => each.PartitionIndex == partition).LeaderId;
        using var connection = new RawConnection(Nodes.Nodes.Single(node => ThreeNodes.IdOf(node.Name) == leader).Kafka);
        var builder = new RecordBatchBuilder();
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, new byte[bytes]);
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 10_000 };
        var data = new ProduceRequest.TopicProduceData { Name = topic };
        data.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(data);
        return (ErrorCode)connection.Ask<ProduceResponse>(request, 9).Responses[0].PartitionResponses[0].ErrorCode;
    }

    private static async Task EventuallyAsync<T>(Func<Task<T>> look, T wanted)
    {
        var seen = await look();
        for (var until = DateTime.UtcNow.AddSeconds(15); DateTime.UtcNow < until && !Equals(seen, wanted); seen = await look())
            await Task.Delay(20);
        Assert.Equal(wanted, seen);
    }
}
