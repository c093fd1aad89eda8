using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Where a group's coordinator is. v1: key types and messages; v3: flexible; v4: several keys at once.</summary>
internal sealed class FindCoordinator() : Api<FindCoordinatorRequest>(ApiKey.FindCoordinator, 0, 5)
{
    private const sbyte Group = 0;

    protected override void Dispatch(FindCoordinatorRequest request, Exchange exchange)
    {
        var response = new FindCoordinatorResponse();
        var keys = exchange.ApiVersion >= 4 ? request.CoordinatorKeys : [request.Key];
        var open = keys.Count;
        if (open == 0)
            exchange.Complete(response);
        foreach (var key in keys)
        {
            var found = new FindCoordinatorResponse.Coordinator { Key = key, NodeId = -1, Port = -1 };
            if (exchange.ApiVersion >= 4)
                response.Coordinators.Add(found);
            if (request.KeyType != Group)
                Found(found, request.KeyType == 1 ? ErrorCode.CoordinatorNotAvailable : ErrorCode.InvalidRequest);
            else if (key.Length == 0)
                Found(found, ErrorCode.InvalidGroupId);
            else
                Coordinators.Start(exchange, key, () => Found(found, ErrorCode.None), error => Found(found, error));
        }

        void Found(FindCoordinatorResponse.Coordinator found, ErrorCode error)
        {
            found.ErrorCode = (short)error;
            if (error == ErrorCode.None)
            {
                var address = exchange.Broker.Address(exchange.Connection.Listener);
                (found.NodeId, found.Host, found.Port) = (exchange.Broker.Settings.NodeId, address.Host, address.Port);
            }
            else
                found.ErrorMessage = request.KeyType == 1 ? "Transactions are not served yet." : null;
            if (--open > 0)
                return;
            if (exchange.ApiVersion < 4)
                (response.ErrorCode, response.ErrorMessage, response.NodeId, response.Host, response.Port) = (found.ErrorCode, found.ErrorMessage, found.NodeId, found.Host, found.Port);
            exchange.Complete(response);
        }
    }
}
