using Actors.Broker.Tests.Admin;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Groups;

/// <summary>Groups that nobody ever joined, or that are gone: asking for one costs the node nothing that lasts.</summary>
public sealed class UnusedGroupsSpec : AdminBed
{
    private const int LongEnough = 61_000;

    public UnusedGroupsSpec()
    {
        // Brings __consumer_offsets into being.
        Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { Key = "g" }, 2);
        Run(1_000);
    }

    [Fact]
    public void A_group_that_was_only_asked_for_is_forgotten_and_may_be_asked_for_again()
    {
        for (var i = 0; i < 20; i++)
            Assert.Equal(ErrorCode.UnknownMemberId, Beat($"g{i}", "nobody"));
        Assert.Equal(20, Broker.Figures.Groups);
        Run(LongEnough);
        Assert.Equal(0, Broker.Figures.Groups);
        Assert.Equal(ErrorCode.UnknownMemberId, Beat("g0", "nobody"));
    }

    [Fact]
    public void A_group_that_was_deleted_is_forgotten_and_does_not_come_back()
    {
        Create("t");
        Assert.Equal(ErrorCode.None, Commit("g", 5));
        Run(LongEnough);
        Assert.Equal((1, 5L), (Broker.Figures.Groups, Committed("g")));
        Assert.Equal(0, Ask<DeleteGroupsResponse>(new DeleteGroupsRequest { GroupsNames = ["g"] }, 1).Results[0].ErrorCode);
        Run(LongEnough);
        Assert.Equal(0, Broker.Figures.Groups);
        Restart();
        Run(LongEnough);
        Assert.Equal(0, Broker.Figures.Groups);
        Assert.Equal(-1, Committed("g"));
        Assert.Equal(ErrorCode.None, Commit("g", 7));
        Run(LongEnough);
        Assert.Equal((1, 7L), (Broker.Figures.Groups, Committed("g")));
    }

    [Fact]
    public void A_group_that_somebody_may_join_yet_is_kept()
    {
        var join = new JoinGroupRequest { GroupId = "g", SessionTimeoutMs = 300_000, RebalanceTimeoutMs = 300_000, ProtocolType = "consumer" };
        join.Protocols.Add(new JoinGroupRequest.JoinGroupRequestProtocol { Name = "range", Metadata = new byte[] { 0 } });
        var told = Ask<JoinGroupResponse>(join, 5);
        Assert.Equal(ErrorCode.MemberIdRequired, (ErrorCode)told.ErrorCode);
        Run(LongEnough);
        join.MemberId = told.MemberId;
        Assert.Equal(ErrorCode.None, (ErrorCode)Ask<JoinGroupResponse>(join, 5).ErrorCode);
    }

    private ErrorCode Beat(string group, string member) =>
        (ErrorCode)Ask<HeartbeatResponse>(new HeartbeatRequest { GroupId = group, MemberId = member, GenerationId = 1 }, 3).ErrorCode;

    private ErrorCode Commit(string group, long offset)
    {
        var request = new OffsetCommitRequest { GroupId = group, GenerationIdOrMemberEpoch = -1, MemberId = "" };
        request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset, CommittedMetadata = "" }] });
        return (ErrorCode)Ask<OffsetCommitResponse>(request, 7).Topics[0].Partitions[0].ErrorCode;
    }

    private long Committed(string group)
    {
        var request = new OffsetFetchRequest { GroupId = group };
        request.Topics!.Add(new OffsetFetchRequest.OffsetFetchRequestTopic { Name = "t", PartitionIndexes = [0] });
        return Ask<OffsetFetchResponse>(request, 5).Topics[0].Partitions[0].CommittedOffset;
    }
}
