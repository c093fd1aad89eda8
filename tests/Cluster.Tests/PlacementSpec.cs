using System.Text.Json;
using Actors.Client;
using Actors.Node.Tests;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>Three nodes on one folder of SQLite files, for specs that leave them as they are.</summary>
public sealed class PlacedNodes : IDisposable
{
    private readonly Lazy<ThreeNodes> _nodes = new(() => new ThreeNodes("sqlite"));

    public ThreeNodes Nodes => _nodes.Value;

    public void Dispose()
    {
        if (_nodes.IsValueCreated)
            _nodes.Value.Dispose();
    }
}

/// <summary>Who leads what, as each node tells it, and what a node answers to those who come to the wrong one.</summary>
public sealed class PlacementSpec(PlacedNodes placed) : IClassFixture<PlacedNodes>
{
    private ThreeNodes Nodes => placed.Nodes;

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task A_topic_made_at_one_node_is_led_evenly_as_every_node_tells_it()
    {
        await CreateAsync("even", 12, 3);
        foreach (var node in Nodes.Nodes)
            Polling.Until(
                () => Describe(node.Kafka, "even").Partitions.GroupBy(partition => partition.LeaderId).Select(led => led.Count()).Order().ToList(),
                counts => counts is [4, 4, 4], 1, $"leaders 4/4/4 at {node.Name}");
        var partition = Describe(Nodes.Nodes.First().Kafka, "even").Partitions[0];
        Assert.Equal([partition.LeaderId], partition.ReplicaNodes);
        Assert.Equal([partition.LeaderId], partition.IsrNodes);
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task More_replicas_than_nodes_are_refused()
    {
        var refused = await Assert.ThrowsAsync<KafkaException>(() => CreateAsync("too-many", 1, 4));
        Assert.Equal(ErrorCode.InvalidReplicationFactor, refused.Error);
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task A_record_brought_to_the_wrong_node_is_refused_with_the_leader_and_its_address()
    {
        await CreateAsync("wrong-node", 3, 1);
        var (leader, epoch, wrong) = LeaderAndAnother("wrong-node");
        using var connection = new RawConnection(wrong.Kafka);
        var produced = connection.Ask<ProduceResponse>(Record("wrong-node"), 10);
        var answer = produced.Responses[0].PartitionResponses[0];
        Assert.Equal((ErrorCode.NotLeaderOrFollower, ThreeNodes.IdOf(leader.Name), epoch), ((ErrorCode)answer.ErrorCode, answer.CurrentLeader.LeaderId, answer.CurrentLeader.LeaderEpoch));
        var told = Assert.Single(produced.NodeEndpoints);
        Assert.Equal((ThreeNodes.IdOf(leader.Name), leader.Kafka), (told.NodeId, $"{told.Host}:{told.Port}"));
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)connection.Ask<ProduceResponse>(Record("wrong-node"), 9).Responses[0].PartitionResponses[0].ErrorCode);
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public async Task An_epoch_that_is_not_the_leaders_is_refused_and_epochs_ends_are_told()
    {
        await CreateAsync("epochs", 3, 1);
        var (leader, epoch, _) = LeaderAndAnother("epochs");
        using var connection = new RawConnection(leader.Kafka);
        Assert.Equal(ErrorCode.None, (ErrorCode)connection.Ask<ProduceResponse>(Record("epochs"), 9).Responses[0].PartitionResponses[0].ErrorCode);
        Assert.Equal(ErrorCode.UnknownLeaderEpoch, Latest(epoch + 1).Error);
        Assert.Equal(epoch == 0 ? ErrorCode.None : ErrorCode.FencedLeaderEpoch, Latest(epoch - 1).Error);
        Assert.Equal((ErrorCode.None, 1L), Latest(epoch));

        var asked = new OffsetForLeaderEpochRequest { ReplicaId = -1 };
        var topic = new OffsetForLeaderEpochRequest.OffsetForLeaderTopic { Topic = "epochs" };
        topic.Partitions.Add(new OffsetForLeaderEpochRequest.OffsetForLeaderPartition { Partition = 0, CurrentLeaderEpoch = epoch, LeaderEpoch = epoch });
        asked.Topics.Add(topic);
        var end = connection.Ask<OffsetForLeaderEpochResponse>(asked, 4).Topics[0].Partitions[0];
        Assert.Equal((ErrorCode.None, epoch, 1L), ((ErrorCode)end.ErrorCode, end.LeaderEpoch, end.EndOffset));

        (ErrorCode Error, long Offset) Latest(int currentEpoch)
        {
            var request = new ListOffsetsRequest();
            var latest = new ListOffsetsRequest.ListOffsetsTopic { Name = "epochs" };
            latest.Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = 0, Timestamp = -1, CurrentLeaderEpoch = currentEpoch });
            request.Topics.Add(latest);
            var found = connection.Ask<ListOffsetsResponse>(request, 5).Topics[0].Partitions[0];
            return ((ErrorCode)found.ErrorCode, found.Offset);
        }
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public void Every_node_names_the_same_coordinator_and_the_others_refuse_the_group()
    {
        var named = Nodes.Nodes.Select(node => Coordinator(node, "placed-group")).Distinct().ToList();
        var coordinator = Assert.Single(named);
        Assert.Equal(coordinator, Describe(Nodes.Nodes.First().Kafka, "__consumer_offsets").Partitions[PartitionFor("placed-group", 50)].LeaderId);
        foreach (var node in Nodes.Nodes)
        {
            using var connection = new RawConnection(node.Kafka);
            var error = (ErrorCode)connection.Ask<OffsetFetchResponse>(new OffsetFetchRequest { GroupId = "placed-group" }, 7).ErrorCode;
            Assert.Equal(ThreeNodes.IdOf(node.Name) == coordinator ? ErrorCode.None : ErrorCode.NotCoordinator, error);
        }
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public void Each_listener_is_told_its_own_addresses()
    {
        foreach (var node in Nodes.Nodes)
        {
            using var outer = new RawConnection(node.Kafka);
            Assert.Equal(Nodes.Nodes.Select(each => each.Kafka).Order(), Brokers(outer));
            using var inner = new RawConnection($"{node.Address}:29092");
            Assert.Equal(Nodes.Nodes.Select(each => $"{each.Address}:29092").Order(), Brokers(inner));
        }

        static IEnumerable<string> Brokers(RawConnection connection) =>
            connection.Ask<MetadataResponse>(new MetadataRequest { Topics = [] }, 12).Brokers.Select(broker => $"{broker.Host}:{broker.Port}").Order();
    }

    [ToolFact("/usr/bin/python3", "curl")]
    public void Every_node_tells_of_all_nodes_over_http()
    {
        foreach (var node in Nodes.Nodes)
        {
            var told = JsonDocument.Parse(Tool.Run("curl", ["-fsS", new Uri(node.Http, "cluster").ToString()]).Succeeded().Text).RootElement;
            Assert.Equal([1, 2, 3], told.GetProperty("nodes").EnumerateArray().Select(each => each.GetProperty("id").GetInt32()));
            Assert.All(told.GetProperty("nodes").EnumerateArray(), each => Assert.Equal("up", each.GetProperty("status").GetString()));
            Assert.InRange(told.GetProperty("controller").GetInt32(), 1, 3);
        }
    }

    private async Task CreateAsync(string topic, int partitions, short replicas)
    {
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = Nodes.Bootstrap });
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic(topic, partitions, replicas));
    }

    private (Container Leader, int Epoch, Container Another) LeaderAndAnother(string topic)
    {
        var partition = Describe(Nodes.Nodes.First().Kafka, topic).Partitions[0];
        return (Nodes.Nodes.Single(node => ThreeNodes.IdOf(node.Name) == partition.LeaderId), partition.LeaderEpoch, Nodes.Nodes.First(node => ThreeNodes.IdOf(node.Name) != partition.LeaderId));
    }

    private static MetadataResponse.MetadataResponseTopic Describe(string address, string topic)
    {
        using var connection = new RawConnection(address);
        return connection.Ask<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = topic }], AllowAutoTopicCreation = false }, 12).Topics[0];
    }

    private static int Coordinator(Container node, string group)
    {
        using var connection = new RawConnection(node.Kafka);
        var found = connection.Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { CoordinatorKeys = [group] }, 4).Coordinators[0];
        Assert.Equal(ErrorCode.None, (ErrorCode)found.ErrorCode);
        return found.NodeId;
    }

    /// <summary>Java's String.hashCode, as Kafka has it.</summary>
    private static int PartitionFor(string group, int partitions) => Math.Abs(group.Aggregate(0, (hash, c) => unchecked((31 * hash) + c))) % partitions;

    private static ProduceRequest Record(string topic)
    {
        var builder = new RecordBatchBuilder();
        builder.Append(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), null, "x"u8.ToArray());
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 10_000 };
        var data = new ProduceRequest.TopicProduceData { Name = topic };
        data.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(data);
        return request;
    }
}
