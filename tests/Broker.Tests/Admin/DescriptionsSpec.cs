using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>What a broker tells of cluster, topics, log, producers and leaders, in each version.</summary>
public sealed class DescriptionsSpec() : AdminBed(new BrokerSettings { ClusterId = "described", LogDirectory = Path.GetTempPath(), LogVolume = Path.GetTempPath() })
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void The_cluster_has_brokers_and_a_controller(short version)
    {
        var told = Ask<DescribeClusterResponse>(new DescribeClusterRequest { IncludeClusterAuthorizedOperations = true }, version);
        Assert.Equal((ErrorCode.None, "described", 1, 8096), ((ErrorCode)told.ErrorCode, told.ClusterId, told.ControllerId, told.ClusterAuthorizedOperations));
        Assert.Equal([(1, "simulated", 9092)], told.Brokers.Select(broker => (broker.BrokerId, broker.Host, broker.Port)));
        Assert.Equal(int.MinValue, Ask<DescribeClusterResponse>(new DescribeClusterRequest(), version).ClusterAuthorizedOperations);
    }

    [Theory]
    [InlineData((sbyte)2, ErrorCode.MismatchedEndpointType, "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER")]
    [InlineData((sbyte)9, ErrorCode.UnsupportedEndpointType, "Unsupported endpoint type 9")]
    public void Controllers_have_no_endpoint_here(sbyte type, ErrorCode error, string message)
    {
        var told = Ask<DescribeClusterResponse>(new DescribeClusterRequest { EndpointType = type }, 1);
        Assert.Equal((error, message, 0), ((ErrorCode)told.ErrorCode, told.ErrorMessage, told.Brokers.Count));
    }

    [Fact]
    public void Topics_are_described_page_by_page()
    {
        Create("a", 3);
        Create("b", 2);
        var first = Pages(limit: 4);
        Assert.Equal([("a", 3), ("b", 1)], first.Topics.Select(topic => (topic.Name!, topic.Partitions.Count)));
        Assert.Equal(("b", 1), (first.NextCursor!.TopicName, first.NextCursor.PartitionIndex));
        var partition = first.Topics[0].Partitions[2];
        Assert.Equal((ErrorCode.None, 2, 1), ((ErrorCode)partition.ErrorCode, partition.PartitionIndex, partition.LeaderId));
        Assert.Equal([1], partition.ReplicaNodes);
        Assert.Equal([1], partition.IsrNodes);
        Assert.Equal((3576, false), (first.Topics[0].TopicAuthorizedOperations, first.Topics[0].IsInternal));
        Assert.NotEqual(Guid.Empty, first.Topics[0].TopicId);
        var second = Pages(limit: 4, cursor: ("b", 1));
        Assert.Equal(("b", 1), (second.Topics.Single().Name, second.Topics.Single().Partitions.Single().PartitionIndex));
        Assert.Null(second.NextCursor);
        Assert.Single(Pages(limit: -5).Topics[0].Partitions);
    }

    [Fact]
    public void Topics_that_are_not_there_are_told_and_a_cursor_that_cannot_be_is_refused()
    {
        Create("a");
        Assert.Equal(
            [("a", ErrorCode.None), ("no/slash", ErrorCode.InvalidTopicException), ("nowhere", ErrorCode.UnknownTopicOrPartition)],
            Pages(names: ["nowhere", "no/slash", "a"]).Topics.Select(topic => (topic.Name!, (ErrorCode)topic.ErrorCode)));
        Assert.Equal([ErrorCode.InvalidRequest], Pages(names: ["a"], cursor: ("b", 0)).Topics.Select(topic => (ErrorCode)topic.ErrorCode));
        Assert.Equal([ErrorCode.InvalidRequest], Pages(names: ["a"], cursor: ("a", -1)).Topics.Select(topic => (ErrorCode)topic.ErrorCode));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_log_directory_has_the_bytes_of_each_partition_s_batches(short version)
    {
        Create("t", 2);
        Create("empty");
        Produce("t", 1_000);
        Produce("t", 1_000);
        var all = Assert.Single(Ask<DescribeLogDirsResponse>(new DescribeLogDirsRequest { Topics = null }, version).Results);
        Assert.Equal((ErrorCode.None, Path.GetTempPath()), ((ErrorCode)all.ErrorCode, all.LogDir));
        Assert.Equal(["empty", "t"], all.Topics.Select(topic => topic.Name));
        var (full, empty) = (all.Topics[1].Partitions[0], all.Topics[1].Partitions[1]);
        Assert.InRange(full.PartitionSize, 2_000, 2_300);
        Assert.Equal((0L, 0L, false), (empty.PartitionSize, empty.OffsetLag, empty.IsFutureKey));
        if (version == 4)
            Assert.InRange(all.UsableBytes, 1, all.TotalBytes);
        var asked = new DescribeLogDirsRequest { Topics = [new DescribeLogDirsRequest.DescribableLogDirTopic { Topic = "t", Partitions = [1, 7, -1] }, new DescribeLogDirsRequest.DescribableLogDirTopic { Topic = "nowhere", Partitions = [0] }] };
        var some = Assert.Single(Ask<DescribeLogDirsResponse>(asked, version).Results);
        Assert.Equal(1, Assert.Single(Assert.Single(some.Topics).Partitions).PartitionIndex);
    }

    [Fact]
    public void Producers_are_told_with_what_they_wrote_last()
    {
        Create("t", 2);
        Produce("t", timestamp: 5_000, producerId: 9, sequence: 0);
        Produce("t", timestamp: 6_000, producerId: 9, sequence: 1);
        var request = new DescribeProducersRequest();
        request.Topics.Add(new DescribeProducersRequest.TopicRequest { Name = "t", PartitionIndexes = [0, 1, 2] });
        request.Topics.Add(new DescribeProducersRequest.TopicRequest { Name = "nowhere", PartitionIndexes = [0] });
        request.Topics.Add(new DescribeProducersRequest.TopicRequest { Name = "no/slash", PartitionIndexes = [0] });
        var told = Ask<DescribeProducersResponse>(request, 0).Topics;
        var producer = Assert.Single(told[0].Partitions[0].ActiveProducers);
        Assert.Equal((9L, 0, 1, 6_000L, -1, -1L), (producer.ProducerId, producer.ProducerEpoch, producer.LastSequence, producer.LastTimestamp, producer.CoordinatorEpoch, producer.CurrentTxnStartOffset));
        Assert.Empty(told[0].Partitions[1].ActiveProducers);
        Assert.Equal(
            [(ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition."), (ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition."),
                (ErrorCode.InvalidTopicException, "Topic name is invalid: 'no/slash' contains one or more characters other than ASCII alphanumerics, '.', '_' and '-'")],
            new[] { told[0].Partitions[2], told[1].Partitions[0], told[2].Partitions[0] }.Select(partition => ((ErrorCode)partition.ErrorCode, partition.ErrorMessage!)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Access_rules_are_disabled(short version)
    {
        const string message = "No Authorizer is configured.";
        var described = Ask<DescribeAclsResponse>(new DescribeAclsRequest { ResourceTypeFilter = 1, Operation = 1, PermissionType = 1 }, version);
        Assert.Equal((ErrorCode.SecurityDisabled, message, 0), ((ErrorCode)described.ErrorCode, described.ErrorMessage, described.Resources.Count));
        var rule = new CreateAclsRequest.AclCreation { ResourceType = 2, ResourceName = "t", Principal = "User:a", Host = "*", Operation = 3, PermissionType = 3 };
        var created = Ask<CreateAclsResponse>(new CreateAclsRequest { Creations = [rule, rule] }, version).Results;
        Assert.Equal(Enumerable.Repeat((ErrorCode.SecurityDisabled, message), 2), created.Select(result => ((ErrorCode)result.ErrorCode, result.ErrorMessage!)));
        Assert.Empty(Ask<CreateAclsResponse>(new CreateAclsRequest(), version).Results);
        var deleted = Ask<DeleteAclsResponse>(new DeleteAclsRequest { Filters = [new DeleteAclsRequest.DeleteAclsFilter { ResourceTypeFilter = 2, Operation = 1, PermissionType = 1 }] }, version).FilterResults;
        Assert.Equal((ErrorCode.SecurityDisabled, message), ((ErrorCode)deleted.Single().ErrorCode, deleted.Single().ErrorMessage));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void Nobody_needs_to_be_elected(short version)
    {
        Create("t", 1);
        var some = new ElectLeadersRequest { TopicPartitions = [new ElectLeadersRequest.TopicPartitionsData { Topic = "t", Partitions = [0, 1] }, new ElectLeadersRequest.TopicPartitionsData { Topic = "nowhere", Partitions = [0] }] };
        var results = Ask<ElectLeadersResponse>(some, version).ReplicaElectionResults.SelectMany(topic => topic.PartitionResult.Select(each => (topic.Topic, each.PartitionId, (ErrorCode)each.ErrorCode, each.ErrorMessage)));
        Assert.Equal(
            [
                ("t", 0, ErrorCode.ElectionNotNeeded, "Leader election not needed for topic partition."), ("t", 1, ErrorCode.UnknownTopicOrPartition, "No such partition as t-1"),
                ("nowhere", 0, ErrorCode.UnknownTopicOrPartition, "No such topic as nowhere"),
            ],
            results);
        Assert.Empty(Ask<ElectLeadersResponse>(new ElectLeadersRequest { TopicPartitions = null }, version).ReplicaElectionResults);
        if (version > 0)
            Assert.Equal(ErrorCode.InvalidRequest, (ErrorCode)Ask<ElectLeadersResponse>(new ElectLeadersRequest { ElectionType = 7, TopicPartitions = null }, version).ErrorCode);
    }

    [Fact]
    public void Nothing_is_reassigned()
    {
        Create("t");
        Assert.Empty(Ask<ListPartitionReassignmentsResponse>(new ListPartitionReassignmentsRequest { Topics = null }, 0).Topics);
        var asked = new ListPartitionReassignmentsRequest { Topics = [new ListPartitionReassignmentsRequest.ListPartitionReassignmentsTopics { Name = "t", PartitionIndexes = [0] }] };
        var told = Ask<ListPartitionReassignmentsResponse>(asked, 0);
        Assert.Equal((ErrorCode.None, 0), ((ErrorCode)told.ErrorCode, told.Topics.Count));
    }

    private DescribeTopicPartitionsResponse Pages(int limit = 100, (string, int)? cursor = null, string[]? names = null) => Ask<DescribeTopicPartitionsResponse>(
        new DescribeTopicPartitionsRequest
        {
            Topics = [.. (names ?? []).Select(name => new DescribeTopicPartitionsRequest.TopicRequest { Name = name })],
            ResponsePartitionLimit = limit,
            Cursor = cursor is var (topic, partition) ? new DescribeTopicPartitionsRequest.CursorData { TopicName = topic, PartitionIndex = partition } : null,
        }, 0);
}
