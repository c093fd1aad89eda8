using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>A member is alive. v3: static members; v4: flexible.</summary>
internal sealed class Heartbeat() : GroupApi<HeartbeatRequest>(ApiKey.Heartbeat, 0, 4)
{
    protected override string GroupOf(HeartbeatRequest request) => request.GroupId;

    protected override IMessage Refuse(HeartbeatRequest request, ErrorCode error, short version) => new HeartbeatResponse { ErrorCode = (short)error };
}
