using System.Diagnostics;
using Actors.Cluster.Tests;
using Actors.Node.Tests;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Groups.Tests;

/// <summary>Over the wire: committed offsets that are deleted, and a group that has as many members as it may have.</summary>
public sealed class AdminSpec
{
    private const int HeartbeatMs = 500;
    private const string Group = "crew";

    [ClientFact("librdkafka")]
    public void Committed_offsets_are_deleted_unless_a_member_subscribes_to_their_topic()
    {
        using var fixture = new NodeWithTopic();
        CreateTopic(fixture.Node, "other");
        using (var connection = new RawConnection(fixture.Node.Kafka))
        {
            AwaitCoordinator(connection);
            Assert.Equal(ErrorCode.GroupIdNotFound, (ErrorCode)Delete(connection, "work").ErrorCode);
            Commit(connection, "work", "other");
            using (var member = new Member(Stopwatch.StartNew(), "librdkafka", fixture.Node.Kafka, "work", Group, "reader", "range", HeartbeatMs))
            {
                Polling.Until(() => member.Owned.Count, owned => owned == NodeWithTopic.Partitions, 20, "the member's partitions");
                var answer = Delete(connection, "work", "other");
                Assert.Equal(ErrorCode.None, (ErrorCode)answer.ErrorCode);
                Assert.Equal([ErrorCode.GroupSubscribedToTopic, ErrorCode.None], answer.Topics.Select(topic => (ErrorCode)topic.Partitions[0].ErrorCode));
                Assert.Equal([7L, -1L], Committed(connection, "work", "other"));
                member.LeaveAndEnd();
            }
            var last = Delete(connection, "work");
            Assert.Equal([ErrorCode.None], last.Topics.Select(topic => (ErrorCode)topic.Partitions[0].ErrorCode));
            Commit(connection, "other");
        }
        fixture.Node.Kill();
        fixture.Node.StartAgain();
        using var again = new RawConnection(fixture.Node.Kafka);
        AwaitCoordinator(again);
        Assert.Equal([-1L, 7L], Committed(again, "work", "other"));
    }

    [ClientFact("librdkafka")]
    public void A_member_more_than_a_group_may_have_is_refused_until_one_leaves()
    {
        var config = Path.GetTempFileName();
        File.WriteAllText(config, "actors.groups.max-size = 2");
        try
        {
            using var node = NodeUnderTest.Start("--config", config);
            CreateTopic(node, "work");
            var watch = Stopwatch.StartNew();
            using var first = new Member(watch, "librdkafka", node.Kafka, "work", Group, "first", "range", HeartbeatMs);
            using var second = new Member(watch, "librdkafka", node.Kafka, "work", Group, "second", "range", HeartbeatMs);
            Polling.Until(() => $"{first} {second}", _ => first.Owned.Count == 2 && second.Owned.Count == 2, 20, "two members with two partitions each");
            using var third = new Member(watch, "librdkafka", node.Kafka, "work", Group, "third", "range", HeartbeatMs);
            Polling.Until(() => $"{third}", said => said.Contains("GROUP_MAX_SIZE_REACHED"), 20, "the third is refused");
            Assert.Equal((2, 2, 0), (first.Owned.Count, second.Owned.Count, third.Owned.Count));
            second.LeaveAndEnd();
            using var fourth = new Member(watch, "librdkafka", node.Kafka, "work", Group, "fourth", "range", HeartbeatMs);
            Polling.Until(() => $"{first} {third} {fourth}", _ => first.Owned.Count == 2 && third.Owned.Count + fourth.Owned.Count == 2, 20, "the place that is free is taken");
        }
        finally
        {
            File.Delete(config);
        }
    }

    private static void CreateTopic(NodeUnderTest node, string topic)
    {
        using var connection = new RawConnection(node.Kafka);
        var request = new CreateTopicsRequest { timeoutMs = 10_000, Topics = [new() { Name = topic, NumPartitions = 4, ReplicationFactor = 1 }] };
        Assert.Equal(ErrorCode.None, (ErrorCode)connection.Ask<CreateTopicsResponse>(request, 7).Topics[0].ErrorCode);
    }

    /// <summary>The first to ask for a coordinator makes the topic that says who it is.</summary>
    private static void AwaitCoordinator(RawConnection connection)
    {
        Polling.Until(() => (ErrorCode)connection.Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { CoordinatorKeys = [Group] }, 4).Coordinators[0].ErrorCode,
            error => error == ErrorCode.None, 20, "a coordinator that can be found");
        Polling.Until(() => (ErrorCode)connection.Ask<OffsetFetchResponse>(new OffsetFetchRequest { GroupId = Group }, 7).ErrorCode,
            error => error == ErrorCode.None, 20, "a coordinator that answers");
    }

    private static OffsetDeleteResponse Delete(RawConnection connection, params string[] topics) => connection.Ask<OffsetDeleteResponse>(
        new OffsetDeleteRequest { GroupId = Group, Topics = [.. topics.Select(topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic { Name = topic, Partitions = [new() { PartitionIndex = 0 }] })] }, 0);

    private static void Commit(RawConnection connection, params string[] topics)
    {
        var request = new OffsetCommitRequest
        {
            GroupId = Group,
            GenerationIdOrMemberEpoch = -1,
            MemberId = "",
            Topics = [.. topics.Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic { Name = topic, Partitions = [new() { PartitionIndex = 0, CommittedOffset = 7, CommittedMetadata = "" }] })],
        };
        Assert.All(connection.Ask<OffsetCommitResponse>(request, 8).Topics, topic => Assert.Equal(ErrorCode.None, (ErrorCode)topic.Partitions[0].ErrorCode));
    }

    private static long[] Committed(RawConnection connection, params string[] topics)
    {
        var request = new OffsetFetchRequest { GroupId = Group, Topics = [.. topics.Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopic { Name = topic, PartitionIndexes = [0] })] };
        return [.. connection.Ask<OffsetFetchResponse>(request, 7).Topics.Select(topic => topic.Partitions[0].CommittedOffset)];
    }
}
