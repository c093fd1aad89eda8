using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Tools.Singleton;

namespace Akka.Cluster.Sharding.Regions;

/// <summary>The parent of all regions, proxies and coordinators of a node.</summary>
internal sealed class ShardingGuardian : ActorBase
{
    protected override bool Receive(object message)
    {
        if (message is not Start start) return false;
        try
        {
            Sender.Tell(start.EntityProps is null ? Proxy(start) : Region(start));
        }
        catch (Exception e)
        {
            // The caller hears why; the other types live on.
            Sender.Tell(new Status.Failure(e));
        }
        return true;
    }

    private static IActorRef Region(Start start)
    {
        var name = Uri.EscapeDataString(start.TypeName);
        var known = Context.Child(name);
        if (!known.IsNobody()) return known;
        if (Context.Child(name + "Coordinator").IsNobody())
        {
            var singleton = start.Settings.CoordinatorSingletonSettings.WithSingletonName("singleton").WithRole(start.Settings.Role);
            var coordinator = ShardCoordinator.Props(start.TypeName, start.Settings, start.AllocationStrategy);
            Context.ActorOf(ClusterSingletonManager.Props(coordinator, ShardCoordinator.Terminate.Instance, singleton), name + "Coordinator");
        }
        return Context.ActorOf(ShardRegion.Props(start.TypeName, start.EntityProps, start.Settings, CoordinatorPath(name), start.Extractor, start.HandOffStopMessage), name);
    }

    private static IActorRef Proxy(Start start)
    {
        var name = Uri.EscapeDataString(start.TypeName);
        var known = Context.Child(name + "Proxy");
        return known.IsNobody() ? Context.ActorOf(ShardRegion.Props(start.TypeName, null, start.Settings, CoordinatorPath(name), start.Extractor, null), name + "Proxy") : known;
    }

    private static string CoordinatorPath(string name) => (Context.Self.Path / (name + "Coordinator") / "singleton" / "coordinator").ToStringWithoutAddress();

    /// <summary>Without entity props: a proxy.</summary>
    internal sealed record Start(
        string TypeName, Func<string, Props> EntityProps, ClusterShardingSettings Settings, IMessageExtractor Extractor, IShardAllocationStrategy AllocationStrategy, object HandOffStopMessage)
        : INoSerializationVerificationNeeded;
}
