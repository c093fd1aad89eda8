using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>The leader brings the assignment, every member takes its own. v3: static members; v4: flexible; v5: protocol type and name.</summary>
internal sealed class SyncGroup() : GroupApi<SyncGroupRequest>(ApiKey.SyncGroup, 0, 5)
{
    protected override string GroupOf(SyncGroupRequest request) => request.GroupId;

    protected override TimeSpan Timeout(SyncGroupRequest request, Exchange exchange) => TimeSpan.FromMinutes(5) + exchange.Broker.Settings.RequestTimeout;

    protected override IMessage Refuse(SyncGroupRequest request, ErrorCode error, short version) => new SyncGroupResponse { ErrorCode = (short)error };
}
