using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>Groups, their members and their offsets.</summary>
public sealed partial class VersionsSpec
{
    private const string Group = "g";

    private static readonly byte[] Anything = [1, 2, 3];

    private static void FindOne(VersionsSpec spec, short version) => Assert.Equal([(ErrorCode.None, 1)], spec.Find(version, 0, Group));

    private static void FindNone(VersionsSpec spec, short version)
    {
        if (version >= 4)
            Assert.Empty(spec.Find(version, 0));
    }

    private static void FindWrongly(VersionsSpec spec, short version)
    {
        if (version >= 1)
            Assert.Equal([(ErrorCode.InvalidRequest, -1)], spec.Find(version, 9, Group));
    }

    /// <summary>Until the topic that coordinators live with is there.</summary>
    private (ErrorCode, int)[] Find(short version, sbyte type, params string[] keys)
    {
        for (var i = 0; ; i++)
        {
            var request = version < 4 ? new FindCoordinatorRequest { Key = keys[0], KeyType = type } : new FindCoordinatorRequest { CoordinatorKeys = [.. keys], KeyType = type };
            var answer = Ask<FindCoordinatorResponse>(request, version);
            (ErrorCode Error, int)[] found = version < 4 ? [((ErrorCode)answer.ErrorCode, answer.NodeId)] : [.. answer.Coordinators.Select(each => ((ErrorCode)each.ErrorCode, each.NodeId))];
            if (i == 50 || !Array.Exists(found, each => each.Error == ErrorCode.CoordinatorNotAvailable))
                return found;
            Run(100);
        }
    }

    private static void JoinOne(VersionsSpec spec, short version)
    {
        var joined = spec.Join(version);
        Assert.Equal((ErrorCode.None, joined.MemberId, "range"), ((ErrorCode)joined.ErrorCode, joined.Leader, joined.ProtocolName));
    }

    private static void JoinAtTheBound(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.None, (ErrorCode)spec.Join(version, "least", session: 6_000).ErrorCode);
        Assert.Equal(ErrorCode.InvalidSessionTimeout, (ErrorCode)spec.Join(version, "less", session: 5_999).ErrorCode);
    }

    private static void JoinWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.InvalidGroupId, (ErrorCode)spec.Join(version, "").ErrorCode);
        Assert.Equal(ErrorCode.UnknownMemberId, (ErrorCode)spec.Join(version, member: "nobody").ErrorCode);
        Assert.Equal(ErrorCode.InconsistentGroupProtocol, (ErrorCode)spec.Join(version, type: "connect").ErrorCode);
    }

    private JoinGroupResponse Join(short version, string group = Group, int session = 10_000, string member = "", string type = "consumer")
    {
        Find(2, 0, group.Length == 0 ? Group : group);
        var request = new JoinGroupRequest { GroupId = group, SessionTimeoutMs = session, RebalanceTimeoutMs = 1_000, MemberId = member, ProtocolType = type, Protocols = [new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range", Metadata = Anything }] };
        var answer = Ask<JoinGroupResponse>(request, version);
        if ((ErrorCode)answer.ErrorCode != ErrorCode.MemberIdRequired)
            return answer;
        request.MemberId = answer.MemberId;
        return Ask<JoinGroupResponse>(request, version);
    }

    private static void SyncOne(VersionsSpec spec, short version)
    {
        var joined = spec.Join(9);
        Assert.Equal((ErrorCode.None, Convert.ToHexString(Anything)), spec.Sync(version, joined.MemberId, joined.GenerationId, Anything));
    }

    private static void SyncNothing(VersionsSpec spec, short version)
    {
        var joined = spec.Join(9, "unassigned");
        Assert.Equal((ErrorCode.None, ""), spec.Sync(version, joined.MemberId, joined.GenerationId, null, "unassigned"));
    }

    private static void SyncWrongly(VersionsSpec spec, short version)
    {
        var joined = spec.Join(9, "synced");
        Assert.Equal(ErrorCode.IllegalGeneration, spec.Sync(version, joined.MemberId, joined.GenerationId + 1, Anything, "synced").Error);
        Assert.Equal(ErrorCode.UnknownMemberId, spec.Sync(version, "nobody", joined.GenerationId, Anything, "synced").Error);
    }

    private (ErrorCode Error, string Assignment) Sync(short version, string member, int generation, byte[]? assignment, string group = Group)
    {
        var request = new SyncGroupRequest { GroupId = group, MemberId = member, GenerationId = generation, ProtocolType = "consumer", ProtocolName = "range" };
        if (assignment is not null)
            request.Assignments.Add(new SyncGroupRequest.SyncGroupRequestAssignment { MemberId = member, Assignment = assignment });
        var answer = Ask<SyncGroupResponse>(request, version);
        return ((ErrorCode)answer.ErrorCode, Convert.ToHexString(answer.Assignment));
    }

    private (string Member, int Generation) Stable(string group = Group)
    {
        var joined = Join(9, group);
        Assert.Equal(ErrorCode.None, Sync(5, joined.MemberId, joined.GenerationId, Anything, group).Error);
        return (joined.MemberId, joined.GenerationId);
    }

    private static void BeatOnce(VersionsSpec spec, short version)
    {
        var (member, generation) = spec.Stable();
        Assert.Equal(ErrorCode.None, spec.Beat(version, member, generation));
    }

    private static void BeatTwice(VersionsSpec spec, short version)
    {
        var (member, generation) = spec.Stable("beaten");
        Assert.Equal(ErrorCode.None, spec.Beat(version, member, generation, "beaten"));
        Assert.Equal(ErrorCode.None, spec.Beat(version, member, generation, "beaten"));
    }

    private static void BeatWrongly(VersionsSpec spec, short version)
    {
        var (member, generation) = spec.Stable("wrong");
        Assert.Equal(ErrorCode.IllegalGeneration, spec.Beat(version, member, generation + 1, "wrong"));
        Assert.Equal(ErrorCode.UnknownMemberId, spec.Beat(version, "nobody", generation, "wrong"));
    }

    private ErrorCode Beat(short version, string member, int generation, string group = Group) =>
        (ErrorCode)Ask<HeartbeatResponse>(new HeartbeatRequest { GroupId = group, MemberId = member, GenerationId = generation }, version).ErrorCode;

    private static void LeaveOne(VersionsSpec spec, short version) => Assert.Equal(ErrorCode.None, spec.Leave(version, spec.Stable().Member));

    private static void LeaveAll(VersionsSpec spec, short version)
    {
        if (version >= 3)
            Assert.Equal(ErrorCode.None, (ErrorCode)spec.Ask<LeaveGroupResponse>(new LeaveGroupRequest { GroupId = Group }, version).ErrorCode);
    }

    private static void LeaveWrongly(VersionsSpec spec, short version) => Assert.Equal(ErrorCode.UnknownMemberId, spec.Leave(version, "nobody"));

    private ErrorCode Leave(short version, string member)
    {
        var answer = Ask<LeaveGroupResponse>(
            version < 3 ? new LeaveGroupRequest { GroupId = Group, MemberId = member } : new LeaveGroupRequest { GroupId = Group, Members = [new LeaveGroupRequest.MemberIdentity { MemberId = member }] }, version);
        return (ErrorCode)(version < 3 ? answer.ErrorCode : answer.Members.Single().ErrorCode);
    }

    private static void DescribeOne(VersionsSpec spec, short version)
    {
        var (member, _) = spec.Stable();
        var described = spec.Ask<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [Group] }, version).Groups.Single();
        Assert.Equal((ErrorCode.None, "Stable", member), ((ErrorCode)described.ErrorCode, described.GroupState, described.Members.Single().MemberId));
    }

    private static void DescribeNone(VersionsSpec spec, short version) => Assert.Empty(spec.Ask<DescribeGroupsResponse>(new DescribeGroupsRequest(), version).Groups);

    private static void DescribeUnknown(VersionsSpec spec, short version) =>
        Assert.Equal("Dead", spec.Ask<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = ["nobody"] }, version).Groups.Single().GroupState);

    private static void ListOne(VersionsSpec spec, short version)
    {
        spec.Stable();
        Assert.Equal([Group], spec.Ask<ListGroupsResponse>(new ListGroupsRequest(), version).Groups.Select(group => group.GroupId));
    }

    private static void ListFiltered(VersionsSpec spec, short version)
    {
        if (version < 4)
            return;
        Assert.Single(spec.Ask<ListGroupsResponse>(new ListGroupsRequest { StatesFilter = ["Stable"] }, version).Groups);
        Assert.Empty(spec.Ask<ListGroupsResponse>(new ListGroupsRequest { StatesFilter = ["Empty"] }, version).Groups);
    }

    private static void ListOfAnUnknownState(VersionsSpec spec, short version)
    {
        if (version >= 4)
            Assert.Empty(spec.Ask<ListGroupsResponse>(new ListGroupsRequest { StatesFilter = ["Asleep"] }, version).Groups);
    }

    private static void CommitOne(VersionsSpec spec, short version) => Assert.Equal(ErrorCode.None, spec.Commit(version, 7));

    private static void CommitAtTheBound(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.None, spec.Commit(version, 7, new string('m', 4_096)));
        Assert.Equal(ErrorCode.OffsetMetadataTooLarge, spec.Commit(version, 7, new string('m', 4_097)));
    }

    private static void CommitWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, spec.Commit(version, 7, partition: 99));
        var (member, generation) = spec.Stable();
        Assert.Equal(ErrorCode.IllegalGeneration, spec.Commit(version, 7, member: member, generation: generation + 1));
        Assert.Equal(ErrorCode.UnknownMemberId, spec.Commit(version, 7, member: "nobody", generation: generation));
    }

    private ErrorCode Commit(short version, long offset, string metadata = "", int partition = 0, string member = "", int generation = -1)
    {
        Find(2, 0, Group);
        var request = new OffsetCommitRequest { GroupId = Group, MemberId = member, GenerationIdOrMemberEpoch = generation };
        request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = Topic });
        request.Topics[0].Partitions.Add(new OffsetCommitRequest.OffsetCommitRequestPartition { PartitionIndex = partition, CommittedOffset = offset, CommittedMetadata = metadata });
        return (ErrorCode)Ask<OffsetCommitResponse>(request, version).Topics.Single().Partitions.Single().ErrorCode;
    }

    private static void FetchCommitted(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.None, spec.Commit(8, 7));
        Assert.Equal([7L], spec.Committed(version, [0]));
        if (version >= 2)
            Assert.Equal([7L], spec.Committed(version, null));
    }

    private static void FetchUncommitted(VersionsSpec spec, short version) => Assert.Equal([-1L], spec.Committed(version, [1]));

    private static void FetchCommittedWrongly(VersionsSpec spec, short version) => Assert.Equal([-1L], spec.Committed(version, [99]));

    private IEnumerable<long> Committed(short version, List<int>? partitions)
    {
        if (version >= 8)
        {
            var asked = new OffsetFetchRequest { Groups = [new OffsetFetchRequest.OffsetFetchRequestGroup { GroupId = Group, Topics = partitions is null ? null : [new OffsetFetchRequest.OffsetFetchRequestTopics { Name = Topic, PartitionIndexes = partitions }] }] };
            return Ask<OffsetFetchResponse>(asked, version).Groups.Single().Topics.SelectMany(topic => topic.Partitions).Select(each => each.CommittedOffset);
        }
        var request = new OffsetFetchRequest { GroupId = Group, Topics = partitions is null ? null : [new OffsetFetchRequest.OffsetFetchRequestTopic { Name = Topic, PartitionIndexes = partitions }] };
        return Ask<OffsetFetchResponse>(request, version).Topics.SelectMany(topic => topic.Partitions).Select(each => each.CommittedOffset);
    }

    private static void DeleteOneGroup(VersionsSpec spec, short version)
    {
        spec.Commit(8, 7);
        Assert.Equal([ErrorCode.None], spec.DeleteGroups(version, Group));
    }

    private static void DeleteNoGroup(VersionsSpec spec, short version) => Assert.Empty(spec.DeleteGroups(version));

    private static void DeleteGroupsWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal([ErrorCode.GroupIdNotFound], spec.DeleteGroups(version, "nobody"));
        spec.Stable();
        Assert.Equal([ErrorCode.NonEmptyGroup], spec.DeleteGroups(version, Group));
    }

    private IEnumerable<ErrorCode> DeleteGroups(short version, params string[] groups) =>
        Ask<DeleteGroupsResponse>(new DeleteGroupsRequest { GroupsNames = [.. groups] }, version).Results.Select(result => (ErrorCode)result.ErrorCode);

    private static void DeleteOneOffset(VersionsSpec spec, short version)
    {
        spec.Commit(8, 7);
        Assert.Equal((ErrorCode.None, ErrorCode.None), spec.DeleteOffset(version, Group, 0));
        Assert.Equal([-1L], spec.Committed(8, [0]));
    }

    private static void DeleteNoOffset(VersionsSpec spec, short version) => Assert.Equal((ErrorCode.None, ErrorCode.None), spec.DeleteOffset(version, Group, 1));

    private static void DeleteOffsetsWrongly(VersionsSpec spec, short version) => Assert.Equal(ErrorCode.GroupIdNotFound, spec.DeleteOffset(version, "nobody", 0).Group);

    private (ErrorCode Group, ErrorCode? Partition) DeleteOffset(short version, string group, int partition)
    {
        var request = new OffsetDeleteRequest { GroupId = group };
        request.Topics.Add(new OffsetDeleteRequest.OffsetDeleteRequestTopic { Name = Topic, Partitions = [new OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = partition }] });
        var answer = Ask<OffsetDeleteResponse>(request, version);
        return ((ErrorCode)answer.ErrorCode, (ErrorCode?)answer.Topics.SingleOrDefault()?.Partitions.Single().ErrorCode);
    }
}
