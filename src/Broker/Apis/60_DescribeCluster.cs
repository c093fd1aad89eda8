using Actors.Broker.Network;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Brokers, controller and cluster id. v1: whether brokers or controllers are asked for; only brokers answer here.</summary>
internal sealed class DescribeCluster() : Api<DescribeClusterRequest>(ApiKey.DescribeCluster, 0, 1)
{
    private const sbyte Brokers = 1, Controllers = 2;

    protected override void Dispatch(DescribeClusterRequest request, Exchange exchange)
    {
        var broker = exchange.Broker;
        var response = new DescribeClusterResponse { ClusterId = broker.Settings.ClusterId, ControllerId = broker.Metadata.Cluster.Controller };
        if (request.EndpointType != Brokers)
        {
            var known = request.EndpointType == Controllers;
            exchange.Complete(new DescribeClusterResponse
            {
                ErrorCode = (short)(known ? ErrorCode.MismatchedEndpointType : ErrorCode.UnsupportedEndpointType),
                ErrorMessage = known
                    ? "The request was sent to an endpoint of type BROKER, but we wanted an endpoint of type CONTROLLER"
                    : $"Unsupported endpoint type {request.EndpointType}",
            });
            return;
        }
        foreach (var node in broker.Brokers)
            if (broker.Address(node.Id, exchange.Connection.Listener) is { } address)
                response.Brokers.Add(new DescribeClusterResponse.DescribeClusterBroker { BrokerId = node.Id, Host = address.Host, Port = address.Port });
        if (request.IncludeClusterAuthorizedOperations)
            response.ClusterAuthorizedOperations = AuthorizedOperations.OfCluster;
        exchange.Complete(response);
    }
}
