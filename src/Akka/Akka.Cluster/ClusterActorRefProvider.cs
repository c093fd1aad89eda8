using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>The provider of a system that is a node of a cluster.</summary>
public interface IClusterActorRefProvider : IRemoteActorRefProvider;

/// <summary>Remoting whose watches of members end when the cluster removes them, not when one node hears nothing of another.</summary>
public class ClusterActorRefProvider : RemoteActorRefProvider, IClusterActorRefProvider
{
    public ClusterActorRefProvider(string systemName, Settings settings, EventStream eventStream) : base(systemName, settings, eventStream) { }

    public override void Init(ActorSystemImpl system)
    {
        base.Init(system);
        Cluster.Get(system);
    }

    protected override IActorRef CreateRemoteWatcher(ActorSystemImpl system)
    {
        var failureDetector = CreateRemoteWatcherFailureDetector(system);
        return system.SystemActorOf(
            Props.Create(() => new ClusterRemoteWatcher(
                failureDetector, RemoteSettings.WatchHeartBeatInterval, RemoteSettings.WatchUnreachableReaperInterval, RemoteSettings.WatchHeartbeatExpectedResponseAfter)),
            "remote-watcher");
    }
}

/// <summary>Members are not asked for heartbeats: that they are removed is what ends their actors here.</summary>
internal sealed class ClusterRemoteWatcher : RemoteWatcher
{
    private readonly HashSet<Address> _members = [];
    private readonly RemoteActorRefProvider _provider = (RemoteActorRefProvider)((ExtendedActorSystem)Context.System).Provider;

    public ClusterRemoteWatcher(IFailureDetectorRegistry<Address> failureDetector, TimeSpan heartbeatInterval, TimeSpan unreachableReaperInterval, TimeSpan heartbeatExpectedResponseAfter)
        : base(failureDetector, heartbeatInterval, unreachableReaperInterval, heartbeatExpectedResponseAfter)
    {
    }

    protected override void PreStart()
    {
        base.PreStart();
        // The extension is made after this actor, by the provider that made it.
        Self.Tell(SubscribeToMembers.Instance);
    }

    protected override void PostStop()
    {
        base.PostStop();
        if (Context.System.TryGetExtension<Cluster>(out var cluster)) cluster.Unsubscribe(Self);
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case SubscribeToMembers: Cluster.Get(Context.System).Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent)); break;
            case ClusterEvent.MemberRemoved removed: Lose(removed); break;
            case ClusterEvent.IMemberEvent { Member: var member }: TakeOver(member.Address); break;
            default: base.OnReceive(message); break;
        }
    }

    protected override void WatchNode(IInternalActorRef watchee)
    {
        if (!_members.Contains(watchee.Path.Address)) base.WatchNode(watchee);
    }

    private void TakeOver(Address address)
    {
        if (_provider.HasAddress(address) || !_members.Add(address)) return;
        Unreachable.Remove(address);
        UnwatchNode(address);
    }

    private void Lose(ClusterEvent.MemberRemoved removed)
    {
        var address = removed.Member.Address;
        if (!_members.Remove(address)) return;
        if (removed.PreviousStatus == MemberStatus.Down) Quarantine(address, removed.Member.UniqueAddress.Uid);
        PublishAddressTerminated(address);
    }

    private sealed class SubscribeToMembers
    {
        public static readonly SubscribeToMembers Instance = new();
    }
}
