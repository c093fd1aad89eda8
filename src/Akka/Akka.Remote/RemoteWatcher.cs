using System.Collections.Immutable;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Remote;

/// <summary>
/// Watches actors of other nodes for the actors of this one. Each watched node is asked for heartbeats; when they stay away, or the
/// node has gone, its watched actors have ended as far as this node is concerned, and that incarnation of it is quarantined.
/// </summary>
public partial class RemoteWatcher : UntypedActor, IRequiresMessageQueue<IUnboundedMessageQueueSemantics>
{
    protected readonly ILoggingAdapter Log = Context.GetLogger();
    protected readonly Dictionary<IInternalActorRef, HashSet<IInternalActorRef>> Watching = [];
    protected readonly Dictionary<Address, HashSet<IInternalActorRef>> WatcheeByNodes = [];

    private readonly Dictionary<Address, int> _addressUids = [];
    private readonly IFailureDetectorRegistry<Address> _failureDetector;
    private readonly TimeSpan _heartbeatInterval;
    private readonly TimeSpan _unreachableReaperInterval;
    private readonly TimeSpan _heartbeatExpectedResponseAfter;
    private readonly RemoteActorRefProvider _provider;
    private readonly Action<PeerGone> _onPeerGone;
    private ICancelable? _heartbeatTimer;
    private ICancelable? _reaperTimer;

    public RemoteWatcher(IFailureDetectorRegistry<Address> failureDetector, TimeSpan heartbeatInterval, TimeSpan unreachableReaperInterval, TimeSpan heartbeatExpectedResponseAfter)
    {
        _failureDetector = failureDetector;
        _heartbeatInterval = heartbeatInterval;
        _unreachableReaperInterval = unreachableReaperInterval;
        _heartbeatExpectedResponseAfter = heartbeatExpectedResponseAfter;
        _provider = ((ExtendedActorSystem)Context.System).Provider as RemoteActorRefProvider
            ?? throw new NotSupportedException($"ActorSystem [{Context.System}] needs to have a 'RemoteActorRefProvider' enabled in the configuration");
        var self = Self;
        _onPeerGone = gone => self.Tell(gone, ActorRefs.NoSender);
    }

    public static Props Props(
        IFailureDetectorRegistry<Address> failureDetector, TimeSpan heartbeatInterval, TimeSpan unreachableReaperInterval, TimeSpan heartbeatExpectedResponseAfter) =>
        Actor.Props.Create(() => new RemoteWatcher(failureDetector, heartbeatInterval, unreachableReaperInterval, heartbeatExpectedResponseAfter)).WithDeploy(Deploy.Local);

    protected HashSet<Address> Unreachable { get; } = [];

    protected ICollection<Address> WatchingNodes => WatcheeByNodes.Keys;

    protected override void PreStart()
    {
        _provider.PeerIsGone += _onPeerGone;
        var scheduler = Context.System.Scheduler;
        _heartbeatTimer = scheduler.ScheduleTellRepeatedlyCancelable(_heartbeatInterval, _heartbeatInterval, Self, HeartbeatTick.Instance, Self);
        _reaperTimer = scheduler.ScheduleTellRepeatedlyCancelable(_unreachableReaperInterval, _unreachableReaperInterval, Self, ReapUnreachableTick.Instance, Self);
    }

    protected override void PostStop()
    {
        _provider.PeerIsGone -= _onPeerGone;
        _heartbeatTimer?.Cancel();
        _reaperTimer?.Cancel();
        base.PostStop();
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case HeartbeatTick: SendHeartbeats(); break;
            case Heartbeat: Sender.Tell(new HeartbeatRsp(AddressUidExtension.Uid(Context.System)), Self); break;
            case HeartbeatRsp answer: ReceiveHeartbeatRsp(answer.AddressUid); break;
            case ReapUnreachableTick: ReapUnreachable(); break;
            case ExpectedFirstHeartbeat expected: TriggerFirstHeartbeat(expected.From); break;
            case WatchRemote watch: AddWatching(watch.Watchee, watch.Watcher); break;
            case UnwatchRemote unwatch: RemoveWatch(unwatch.Watchee, unwatch.Watcher); break;
            case PeerGone gone: OnPeerGone(gone); break;
            case Terminated terminated: ProcessTerminated((IInternalActorRef)terminated.ActorRef, terminated.ExistenceConfirmed, terminated.AddressTerminated); break;
            case Stats: Sender.Tell(CurrentStats(), Self); break;
            default: Unhandled(message); break;
        }
    }

    private Stats CurrentStats() => new(
        Watching.Values.Sum(watchers => watchers.Count),
        WatchingNodes.Count,
        Watching.SelectMany(pair => pair.Value.Select(watcher => ((IActorRef)pair.Key, (IActorRef)watcher))).ToImmutableHashSet(),
        WatchingNodes.ToImmutableHashSet());

    private void ReceiveHeartbeatRsp(int uid)
    {
        var from = Sender.Path.Address;
        if (!WatcheeByNodes.ContainsKey(from) || Unreachable.Contains(from)) return;
        _failureDetector.Heartbeat(from);
        if (_addressUids.TryGetValue(from, out var known) && known == uid) return;
        _addressUids[from] = uid;
        // Another incarnation answers for the actors that it does not have.
        foreach (var watchee in WatcheeByNodes[from]) watchee.SendSystemMessage(new Watch(watchee, (IInternalActorRef)Self));
    }

    private void ReapUnreachable()
    {
        foreach (var address in WatchingNodes.Where(a => !Unreachable.Contains(a) && !_failureDetector.IsAvailable(a)).ToList())
        {
            Log.Warning("Detected unreachable: [{0}]", address);
            NodeIsLost(address);
        }
    }

    // A node that came back under its address meanwhile has another uid: then the one that has gone is not the one watched.
    internal virtual void OnPeerGone(PeerGone gone)
    {
        if (gone.Reason == PeerGoneReason.Refused || !WatcheeByNodes.ContainsKey(gone.Address) || Unreachable.Contains(gone.Address)) return;
        if (_addressUids.TryGetValue(gone.Address, out var uid) && uid != gone.Uid) return;
        _addressUids[gone.Address] = gone.Uid;
        if (gone.Reason == PeerGoneReason.Left) NodeHasLeft(gone.Address);
        else NodeIsLost(gone.Address);
    }

    private void NodeIsLost(Address address)
    {
        Quarantine(address, _addressUids.TryGetValue(address, out var uid) ? uid : null);
        NodeHasLeft(address);
    }

    // After its goodbye that incarnation says nothing more: there is nobody to quarantine.
    private void NodeHasLeft(Address address)
    {
        PublishAddressTerminated(address);
        Unreachable.Add(address);
    }

    protected virtual void PublishAddressTerminated(Address address) => AddressTerminatedTopic.Get(Context.System).Publish(new AddressTerminated(address));

    protected virtual void Quarantine(Address address, int? addressUid) => _provider.Quarantine(address, addressUid);

    protected void AddWatching(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        if (watcher.Equals(Self)) throw new InvalidOperationException("Watcher cannot be the RemoteWatcher!");
        if (!Watching.TryGetValue(watchee, out var watchers)) Watching[watchee] = watchers = [];
        watchers.Add(watcher);
        WatchNode(watchee);
        Context.Watch(watchee);
    }

    protected virtual void WatchNode(IInternalActorRef watchee)
    {
        var address = watchee.Path.Address;
        if (!WatcheeByNodes.ContainsKey(address) && Unreachable.Remove(address))
        {
            // First watch since the node was lost: it may have come back.
            _failureDetector.Remove(address);
        }
        if (!WatcheeByNodes.TryGetValue(address, out var watchees)) WatcheeByNodes[address] = watchees = [];
        watchees.Add(watchee);
    }

    protected void RemoveWatch(IInternalActorRef watchee, IInternalActorRef watcher)
    {
        if (watcher.Equals(Self)) throw new InvalidOperationException("Watcher cannot be the RemoteWatcher!");
        if (!Watching.TryGetValue(watchee, out var watchers)) return;
        watchers.Remove(watcher);
        if (watchers.Count > 0) return;
        Context.Unwatch(watchee);
        RemoveWatchee(watchee);
    }

    protected void RemoveWatchee(IInternalActorRef watchee)
    {
        var address = watchee.Path.Address;
        Watching.Remove(watchee);
        if (!WatcheeByNodes.TryGetValue(address, out var watchees)) return;
        watchees.Remove(watchee);
        if (watchees.Count == 0) UnwatchNode(address);
    }

    protected void UnwatchNode(Address watcheeAddress)
    {
        WatcheeByNodes.Remove(watcheeAddress);
        _addressUids.Remove(watcheeAddress);
        _failureDetector.Remove(watcheeAddress);
    }

    private void ProcessTerminated(IInternalActorRef watchee, bool existenceConfirmed, bool addressTerminated)
    {
        // A lost node's watchers have heard of it from the topic.
        if (!addressTerminated && Watching.TryGetValue(watchee, out var watchers))
        {
            foreach (var watcher in watchers) watcher.SendSystemMessage(new DeathWatchNotification(watchee, existenceConfirmed, addressTerminated));
        }
        RemoveWatchee(watchee);
    }

    private void SendHeartbeats()
    {
        foreach (var address in WatchingNodes)
        {
            if (Unreachable.Contains(address)) continue;
            if (!_failureDetector.IsMonitoring(address))
            {
                Context.System.Scheduler.ScheduleTellOnce(_heartbeatExpectedResponseAfter, Self, new ExpectedFirstHeartbeat(address), Self);
            }
            Context.ActorSelection(new RootActorPath(address) / Self.Path.Elements).Tell(Heartbeat.Instance, Self);
        }
    }

    private void TriggerFirstHeartbeat(Address address)
    {
        if (WatcheeByNodes.ContainsKey(address) && !_failureDetector.IsMonitoring(address)) _failureDetector.Heartbeat(address);
    }
}
