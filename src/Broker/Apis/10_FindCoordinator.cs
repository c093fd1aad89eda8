using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Where a group's coordinator is: at the leader of its partition of <c>__consumer_offsets</c>, which is created when first asked for. v1: key types and messages; v3: flexible; v4: several keys at once.</summary>
internal sealed class FindCoordinator() : Api<FindCoordinatorRequest>(ApiKey.FindCoordinator, 0, 5)
{
    private const sbyte Group = 0;

    protected override void Dispatch(FindCoordinatorRequest request, Exchange exchange)
    {
        if (request.KeyType != Group || exchange.Broker.Metadata.Current.Find(InternalTopics.ConsumerOffsets) is not null)
        {
            Answer(request, exchange);
            return;
        }
        exchange.Ask(
            exchange.Broker.Topics, token => new CreateMissingTopics(token, [InternalTopics.ConsumerOffsets]),
            _ => exchange.Once(() => exchange.Broker.Metadata.Current.Find(InternalTopics.ConsumerOffsets) is not null, () => Answer(request, exchange)),
            _ => Answer(request, exchange),
            IControllerRequest.Patience);
    }

    private static void Answer(FindCoordinatorRequest request, Exchange exchange)
    {
        var response = new FindCoordinatorResponse();
        if (exchange.ApiVersion >= 4)
            response.Coordinators.AddRange(request.CoordinatorKeys.Select(key => Find(key, request.KeyType, exchange)));
        else
        {
            var found = Find(request.Key, request.KeyType, exchange);
            (response.ErrorCode, response.ErrorMessage, response.NodeId, response.Host, response.Port) = (found.ErrorCode, found.ErrorMessage, found.NodeId, found.Host, found.Port);
        }
        exchange.Complete(response);
    }

    private static FindCoordinatorResponse.Coordinator Find(string key, sbyte keyType, Exchange exchange)
    {
        if (keyType != Group)
            return Refused(key, keyType == 1 ? ErrorCode.CoordinatorNotAvailable : ErrorCode.InvalidRequest, keyType == 1 ? "Transactions are not served yet." : null);
        if (key.Length == 0)
            return Refused(key, ErrorCode.InvalidGroupId, null);
        var broker = exchange.Broker;
        if (broker.Metadata.Current.Find(InternalTopics.ConsumerOffsets) is not { } offsets
            || broker.Metadata.Cluster.Leader(new PartitionId(offsets.Id, InternalTopics.PartitionFor(key, offsets.Partitions))) is not { Node: var leader }
            || broker.Address(leader, exchange.Connection.Listener) is not { } address)
            return Refused(key, ErrorCode.CoordinatorNotAvailable, "The coordinator is not available.");
        return new FindCoordinatorResponse.Coordinator { Key = key, NodeId = leader, Host = address.Host, Port = address.Port };
    }

    private static FindCoordinatorResponse.Coordinator Refused(string key, ErrorCode error, string? message) =>
        new() { Key = key, ErrorCode = (short)error, ErrorMessage = message, NodeId = -1, Port = -1 };
}
