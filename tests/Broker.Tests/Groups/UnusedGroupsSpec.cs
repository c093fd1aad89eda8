using Actors.Broker.Tests.Admin;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Groups;

/// <summary>Groups that nobody ever joined: asking for one costs the node nothing that lasts.</summary>
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
}
