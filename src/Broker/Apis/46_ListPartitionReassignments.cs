using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Nothing is ever on the move: a partition has no replicas that could be assigned anew, its one leader is where the cluster puts it.</summary>
internal sealed class ListPartitionReassignments() : Api<ListPartitionReassignmentsRequest>(ApiKey.ListPartitionReassignments, 0, 0)
{
    protected override void Dispatch(ListPartitionReassignmentsRequest request, Exchange exchange) => exchange.Complete(new ListPartitionReassignmentsResponse { ErrorMessage = null });
}
