using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>
/// A member is alive. v3: static members; v4: flexible. The answer to a client that goes on with its work meanwhile is kept until there is news, a few seconds at most,
/// or until the client sends something else over this connection, whose answers are in order.
/// </summary>
internal sealed class Heartbeat() : GroupApi<HeartbeatRequest>(ApiKey.Heartbeat, 0, 4)
{
    protected override string GroupOf(HeartbeatRequest request) => request.GroupId;

    protected override void Dispatch(HeartbeatRequest request, Exchange exchange)
    {
        var software = exchange.ClientSoftware;
        var mayWait = exchange.Broker.Settings.KeepHeartbeatsOf.Any(name => software.StartsWith(name, StringComparison.OrdinalIgnoreCase));
        Ask(request, exchange, mayWait);
        if (mayWait && !exchange.IsComplete)
            exchange.Followed = () => Ask(request, exchange, mayWait: false);
    }

    private static void Ask(HeartbeatRequest request, Exchange exchange, bool mayWait) => Coordinators.Ask(
        exchange, request.GroupId, false, request, exchange.Broker.Settings.RequestTimeout,
        response => Complete(exchange, (IMessage)response), error => Complete(exchange, Refused(error)), mayWait);

    /// <summary>A heartbeat that was asked about twice has two answers; the first is as good as the second.</summary>
    private static void Complete(Exchange exchange, IMessage response)
    {
        if (!exchange.IsComplete)
            exchange.Complete(response);
    }

    private static HeartbeatResponse Refused(ErrorCode error) => new() { ErrorCode = (short)error };

    protected override IMessage Refuse(HeartbeatRequest request, ErrorCode error, short version) => Refused(error);
}
