using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Members leave. v3: several at once, by instance id too; v4: flexible; v5: reason.</summary>
internal sealed class LeaveGroup() : GroupApi<LeaveGroupRequest>(ApiKey.LeaveGroup, 0, 5)
{
    protected override string GroupOf(LeaveGroupRequest request) => request.GroupId;

    protected override IMessage Refuse(LeaveGroupRequest request, ErrorCode error, short version) => new LeaveGroupResponse { ErrorCode = (short)error };
}
