using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Tells a client that came to the wrong node who leads now, and where that is, so that it need not ask for metadata first (KIP-951).</summary>
internal static class LeaderHint
{
    public static void Add(Exchange exchange, PartitionId id, ProduceResponse response, ProduceResponse.PartitionProduceResponse answer)
    {
        if (exchange.ApiVersion < 10 || Find(exchange, id) is not { } found)
            return;
        (answer.CurrentLeader.LeaderId, answer.CurrentLeader.LeaderEpoch) = (found.Leader.Node, found.Leader.Epoch);
        if (response.NodeEndpoints.TrueForAll(node => node.NodeId != found.Leader.Node))
            response.NodeEndpoints.Add(new ProduceResponse.NodeEndpoint { NodeId = found.Leader.Node, Host = found.Address.Host, Port = found.Address.Port });
    }

    public static void Add(Exchange exchange, PartitionId id, FetchResponse response, FetchResponse.PartitionData answer)
    {
        if (exchange.ApiVersion < 12 || Find(exchange, id) is not { } found)
            return;
        (answer.CurrentLeader.LeaderId, answer.CurrentLeader.LeaderEpoch) = (found.Leader.Node, found.Leader.Epoch);
        if (exchange.ApiVersion >= 16 && response.NodeEndpoints.TrueForAll(node => node.NodeId != found.Leader.Node))
            response.NodeEndpoints.Add(new FetchResponse.NodeEndpoint { NodeId = found.Leader.Node, Host = found.Address.Host, Port = found.Address.Port });
    }

    private static (PartitionLeader Leader, ListenerAddress Address)? Find(Exchange exchange, PartitionId id) =>
        exchange.Broker.Metadata.Cluster.Leader(id) is { } leader && leader.Node != exchange.Broker.Metadata.NodeId && exchange.Broker.Address(leader.Node, exchange.Connection.Listener) is { } address
            ? (leader, address)
            : null;
}
