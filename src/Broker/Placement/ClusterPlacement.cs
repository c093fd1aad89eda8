using Actors.Broker.Partitions;
using Actors.Broker.Topics;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;

namespace Actors.Broker.Placement;

/// <summary>
/// The broker's actors when it is one of several: partitions behind a shard region, one shard a partition, the topics actor as the cluster's singleton, and on every
/// node the exchange of images.
/// </summary>
internal static class ClusterPlacement
{
    private const string Partitions = "partitions", Topics = "topics";

    public static void Start(ActorSystem system, BrokerContext context)
    {
        var self = Akka.Cluster.Cluster.Get(system).SelfAddress.ToString();
        context.Metadata.Describe(own => own with { System = self });
        system.ActorOf(ImageExchange.Props(context), ImageExchange.Name);
        context.PartitionRegion = ClusterSharding.Get(system).Start(
            Partitions, id => PartitionEntity.Props(context, Machines.PartitionId.Parse(id) ?? throw new ArgumentException($"{id} is no partition")),
            ClusterShardingSettings.Create(system).WithRole(BrokerSettings.BrokerRole), new ByPartition(), new EvenLeaders(context.Metadata), HandOff.Instance);
        if (context.Settings.Roles.Contains(BrokerSettings.BrokerRole))
        {
            var manager = ClusterSingletonManagerSettings.Create(system).WithSingletonName(Topics).WithRole(BrokerSettings.BrokerRole);
            system.ActorOf(ClusterSingletonManager.Props(TopicsActor.SupervisorProps(context), HandOff.Instance, manager), Topics);
        }
        var proxy = ClusterSingletonProxySettings.Create(system).WithSingletonName(Topics).WithRole(BrokerSettings.BrokerRole);
        var singleton = system.ActorOf(ClusterSingletonProxy.Props($"/user/{Topics}", proxy), "topics-proxy");
        context.Topics = system.ActorOf(ControllerProxy.Props(context, singleton), "controller");
    }

    /// <summary>A partition is a shard of its own.</summary>
    private sealed class ByPartition : IMessageExtractor
    {
        public string? EntityId(object message) => (message as IPartitionMessage)?.Id.PersistenceId;

        public object EntityMessage(object message) => message;

        public string? ShardId(object message) => EntityId(message);

        public string ShardId(string entityId, object? messageHint = null) => entityId;
    }
}
