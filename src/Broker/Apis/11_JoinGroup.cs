using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Joins a group and waits for the rebalance. v1: rebalance time-out; v4: MEMBER_ID_REQUIRED; v5: static members; v6: flexible; v7: protocol type; v8: reason; v9: skip assignment.</summary>
internal sealed class JoinGroup() : GroupApi<JoinGroupRequest>(ApiKey.JoinGroup, 0, 9)
{
    protected override string GroupOf(JoinGroupRequest request) => request.GroupId;

    protected override TimeSpan Timeout(JoinGroupRequest request, Exchange exchange) => TimeSpan.FromMilliseconds(Math.Max(request.RebalanceTimeoutMs, request.SessionTimeoutMs)) + exchange.Broker.Settings.RequestTimeout;

    protected override IMessage Refuse(JoinGroupRequest request, ErrorCode error, short version) => new JoinGroupResponse { ErrorCode = (short)error, MemberId = request.MemberId, ProtocolName = version >= 7 ? null : "" };
}
