using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Groups;

/// <summary>Between the protocol's messages, with what differs by version, and the group machine's commands and replies.</summary>
internal static class GroupTranslation
{
    public static GroupCommand Command(JoinGroupRequest join, long token, GroupRequest asked, Guid newMember) => new JoinGroup(
        token, join.MemberId, join.GroupInstanceId, newMember, asked.ClientId, asked.ClientHost, join.SessionTimeoutMs,
        join.RebalanceTimeoutMs >= 0 ? join.RebalanceTimeoutMs : join.SessionTimeoutMs, join.ProtocolType,
        join.Protocols.ConvertAll(protocol => new GroupProtocol(protocol.Name, protocol.Metadata)), asked.ApiVersion >= 4, asked.ApiVersion >= 9);

    public static IMessage Response(JoinReply reply, short version) => new JoinGroupResponse
    {
        ErrorCode = (short)reply.Error,
        GenerationId = reply.GenerationId,
        ProtocolType = reply.ProtocolType,
        ProtocolName = reply.ProtocolName ?? (version >= 7 ? null : ""),
        Leader = reply.Leader,
        SkipAssignment = reply.SkipAssignment,
        MemberId = reply.MemberId,
        Members = [.. reply.Members.Select(member => new JoinGroupResponse.JoinGroupResponseMember { MemberId = member.MemberId, GroupInstanceId = member.InstanceId, Metadata = member.Metadata })],
    };

    public static GroupCommand Command(SyncGroupRequest sync, long token) => new SyncGroup(
        token, sync.MemberId, sync.GroupInstanceId, sync.GenerationId, sync.ProtocolType, sync.ProtocolName,
        sync.Assignments.ConvertAll(assignment => new MemberAssignment(assignment.MemberId, assignment.Assignment)));

    public static IMessage Response(SyncReply reply) => new SyncGroupResponse
    {
        ErrorCode = (short)reply.Error,
        ProtocolType = reply.ProtocolType,
        ProtocolName = reply.ProtocolName,
        Assignment = reply.Assignment,
    };

    /// <summary>Before version 3 one member leaves, named in the request itself.</summary>
    public static GroupCommand Command(LeaveGroupRequest leave, short version) => new LeaveGroup(
        version < 3 ? [new LeavingMember(leave.MemberId, null)] : leave.Members.ConvertAll(member => new LeavingMember(member.MemberId, member.GroupInstanceId)));

    public static IMessage Response(LeaveReply reply, short version)
    {
        if (version < 3)
            return new LeaveGroupResponse { ErrorCode = (short)(reply.Error != ErrorCode.None || reply.Members.Count == 0 ? reply.Error : reply.Members[0].Error) };
        return new LeaveGroupResponse
        {
            ErrorCode = (short)reply.Error,
            Members = [.. reply.Members.Select(member => new LeaveGroupResponse.MemberResponse { MemberId = member.MemberId, GroupInstanceId = member.InstanceId, ErrorCode = (short)member.Error })],
        };
    }

    /// <summary>Offsets of partitions that do not exist are left out; <see cref="Response(OffsetCommitRequest, OffsetsReply)"/> refuses them.</summary>
    public static GroupCommand Command(OffsetCommitRequest commit, Func<string, int, bool> exists) => new CommitOffsets(
        commit.MemberId, commit.GroupInstanceId, commit.GenerationIdOrMemberEpoch,
        [.. from topic in commit.Topics
            from partition in topic.Partitions
            where exists(topic.Name, partition.PartitionIndex)
            select new OffsetToCommit(new TopicPartition(topic.Name, partition.PartitionIndex), partition.CommittedOffset, partition.CommittedLeaderEpoch, partition.CommittedMetadata)]);

    public static IMessage Response(OffsetCommitRequest commit, OffsetsReply reply)
    {
        var results = new Dictionary<TopicPartition, ErrorCode>();
        foreach (var (partition, error) in reply.Partitions)
            results[partition] = error;
        var missing = reply.Error != ErrorCode.None ? reply.Error : ErrorCode.UnknownTopicOrPartition;
        var response = new OffsetCommitResponse();
        foreach (var topic in commit.Topics)
            response.Topics.Add(new OffsetCommitResponse.OffsetCommitResponseTopic
            {
                Name = topic.Name,
                Partitions = topic.Partitions.ConvertAll(partition => new OffsetCommitResponse.OffsetCommitResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = (short)results.GetValueOrDefault(new TopicPartition(topic.Name, partition.PartitionIndex), missing),
                }),
            });
        return response;
    }

    public static GroupCommand Command(OffsetDeleteRequest delete, Func<string, int, bool> exists) => new DeleteOffsets(
        [.. from topic in delete.Topics
            from partition in topic.Partitions
            where exists(topic.Name, partition.PartitionIndex)
            select new TopicPartition(topic.Name, partition.PartitionIndex)]);

    /// <summary>An error of the whole stands alone.</summary>
    public static IMessage Response(OffsetDeleteRequest delete, OffsetsReply reply)
    {
        if (reply.Error != ErrorCode.None)
            return new OffsetDeleteResponse { ErrorCode = (short)reply.Error };
        var results = new Dictionary<TopicPartition, ErrorCode>();
        foreach (var (partition, error) in reply.Partitions)
            results[partition] = error;
        return new OffsetDeleteResponse
        {
            Topics = [.. delete.Topics.Select(topic => new OffsetDeleteResponse.OffsetDeleteResponseTopic
            {
                Name = topic.Name,
                Partitions = topic.Partitions.ConvertAll(partition => new OffsetDeleteResponse.OffsetDeleteResponsePartition
                {
                    PartitionIndex = partition.PartitionIndex,
                    ErrorCode = (short)results.GetValueOrDefault(new TopicPartition(topic.Name, partition.PartitionIndex), ErrorCode.UnknownTopicOrPartition),
                }),
            })],
        };
    }

    /// <summary>Before version 8 one group stands in the request itself, from then on in its list, which holds one group here. Null topics: all that has offsets.</summary>
    public static IMessage Offsets(OffsetFetchRequest fetch, GroupMachine machine, short version)
    {
        if (version >= 8)
        {
            var asked = fetch.Groups[0];
            var found = Find(asked.Topics?.Select(topic => (topic.Name, (IEnumerable<int>)topic.PartitionIndexes)), machine);
            return new OffsetFetchResponse
            {
                Groups =
                [
                    new OffsetFetchResponse.OffsetFetchResponseGroup
                    {
                        GroupId = asked.GroupId,
                        Topics = [.. found.Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopics
                        {
                            Name = topic.Name,
                            Partitions = [.. topic.Partitions.Select(p => new OffsetFetchResponse.OffsetFetchResponsePartitions
                            {
                                PartitionIndex = p.Index, CommittedOffset = p.Offset.Offset, CommittedLeaderEpoch = p.Offset.LeaderEpoch, Metadata = p.Offset.Metadata,
                            })],
                        })],
                    },
                ],
            };
        }
        return new OffsetFetchResponse
        {
            Topics = [.. Find(fetch.Topics?.Select(topic => (topic.Name, (IEnumerable<int>)topic.PartitionIndexes)), machine).Select(topic => new OffsetFetchResponse.OffsetFetchResponseTopic
            {
                Name = topic.Name,
                Partitions = [.. topic.Partitions.Select(p => new OffsetFetchResponse.OffsetFetchResponsePartition
                {
                    PartitionIndex = p.Index, CommittedOffset = p.Offset.Offset, CommittedLeaderEpoch = p.Offset.LeaderEpoch, Metadata = p.Offset.Metadata,
                })],
            })],
        };
    }

    public static IMessage Describe(string group, GroupMachine machine)
    {
        var described = machine.Describe();
        return new DescribeGroupsResponse
        {
            Groups =
            [
                new DescribeGroupsResponse.DescribedGroup
                {
                    GroupId = group,
                    GroupState = described.State.ToString(),
                    ProtocolType = described.ProtocolType,
                    ProtocolData = described.Protocol,
                    Members = [.. described.Members.Select(member => new DescribeGroupsResponse.DescribedGroupMember
                    {
                        MemberId = member.MemberId,
                        GroupInstanceId = member.InstanceId,
                        ClientId = member.ClientId,
                        ClientHost = member.ClientHost,
                        MemberMetadata = member.Metadata,
                        MemberAssignment = member.Assignment,
                    })],
                },
            ],
        };
    }

    /// <summary>Null for a group that does not exist.</summary>
    public static object List(string group, GroupMachine machine)
    {
        var described = machine.Describe();
        return described.State == GroupPhase.Dead
            ? NotListed.Instance
            : new ListGroupsResponse.ListedGroup { GroupId = group, ProtocolType = described.ProtocolType, GroupState = described.State.ToString(), GroupType = "classic" };
    }

    private static IEnumerable<(string Name, IEnumerable<(int Index, CommittedOffset Offset)> Partitions)> Find(
        IEnumerable<(string Name, IEnumerable<int> Partitions)>? asked, GroupMachine machine)
    {
        asked ??= machine.Offsets.Keys.GroupBy(partition => partition.Topic, partition => partition.Partition).OrderBy(topic => topic.Key, StringComparer.Ordinal)
            .Select(topic => (topic.Key, (IEnumerable<int>)topic.Order()));
        return asked.Select(topic => (topic.Name, topic.Partitions.Select(index =>
            (index, machine.Offsets.TryGetValue(new TopicPartition(topic.Name, index), out var offset) ? offset : new CommittedOffset(-1, -1, "", 0)))));
    }
}

/// <summary>The answer of a group that does not exist to ListGroups.</summary>
internal sealed class NotListed
{
    public static readonly NotListed Instance = new();
}
