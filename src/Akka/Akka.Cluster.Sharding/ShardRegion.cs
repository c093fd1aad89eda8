using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Sharding.Regions;
using Akka.Cluster.Tools;
using Akka.Coordination;
using Akka.Event;

namespace Akka.Cluster.Sharding;

/// <summary>
/// A node's door to the entities of one type: hosts the shards that the coordinator gave it, and forwards what is for others. Messages
/// wait here while a shard's home is unknown, moves or starts. As a proxy it hosts none.
/// </summary>
public sealed partial class ShardRegion : ActorBase, IWithTimers
{
    private static readonly TimeSpan LeastPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan LastPatience = TimeSpan.FromSeconds(1);

    private readonly string _typeName;
    private readonly Func<string, Props> _entityProps;
    private readonly ClusterShardingSettings _settings;
    private readonly string _coordinatorPath;
    private readonly Extraction _extraction;
    private readonly object _handOffStopMessage;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly MembersByAge _members;
    private readonly ShardBuffers _buffers;
    private readonly Dictionary<string, IActorRef> _homes = [];
    private readonly Dictionary<string, Hosted> _hosted = [];
    private readonly Dictionary<string, LeaseInTurn> _leases = [];
    private readonly HashSet<Address> _gone = [];
    private readonly TaskCompletionSource<Done> _stopped = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IActorRef _coordinator;
    private TimeSpan _pause = LeastPause;
    private bool _leaving;
    private long _dropped;

    internal ShardRegion(string typeName, Func<string, Props> entityProps, ClusterShardingSettings settings, string coordinatorPath, IMessageExtractor extractor, object handOffStopMessage)
    {
        _typeName = typeName;
        _entityProps = entityProps;
        _settings = settings;
        _coordinatorPath = coordinatorPath;
        _extraction = new Extraction(extractor);
        _handOffStopMessage = handOffStopMessage;
        _members = new MembersByAge(settings.Role);
        _buffers = new ShardBuffers(settings.TuningParameters.BufferSize);
    }

    public ITimerScheduler Timers { get; set; }

    private bool IsProxy => _entityProps is null;

    private TuningParameters Tuning => _settings.TuningParameters;

    internal static Props Props(string typeName, Func<string, Props> entityProps, ClusterShardingSettings settings, string coordinatorPath, IMessageExtractor extractor, object handOffStopMessage) =>
        Actor.Props.Create(() => new ShardRegion(typeName, entityProps, settings, coordinatorPath, extractor, handOffStopMessage));

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsSnapshot, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(Retry.Instance, Retry.Instance, Tuning.RetryInterval);
        if (IsProxy) return;
        var (self, stopped, cluster) = (Self, _stopped.Task, _cluster);
        CoordinatedShutdown.Get(Context.System).AddTask(CoordinatedShutdown.PhaseClusterShardingShutdownRegion, "region-shutdown", () =>
        {
            if (cluster.IsTerminated || cluster.SelfMember.Status == MemberStatus.Down) return Task.FromResult(Done.Instance);
            self.Tell(GracefulShutdown.Instance, ActorRefs.NoSender);
            return stopped;
        });
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _stopped.TrySetResult(Done.Instance);
    }

    // A shard that fails is started anew as one that stopped: it gives back its lease first.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated terminated: Ended(terminated.ActorRef); break;
            case Shard.Ready ready: ShardReady(ready.ShardId, Sender); break;
            case Shard.NotReady not:
                if (_hosted.TryGetValue(not.ShardId, out var lost) && lost.Ref.Equals(Sender)) lost.Ready = false;
                Sender.Tell(Shard.NothingMore.Instance);
                LeaseLost(not.Cause);
                break;
            case SayWhatWasLost: SayLost(); break;
            case ClusterEvent.CurrentClusterState state:
                _members.Reset(state);
                Register();
                break;
            case ClusterEvent.IMemberEvent change: MemberChanged(change); break;
            case RegisterAck ack: Registered(ack); break;
            case ShardHome or HostShard or BeginHandOff or HandOff: Ordered(message); break;
            // The end of a shard that the coordinator did not ask for.
            case ShardStopped: break;
            case RegisterAgain: Register(); break;
            case Retry: AskAgain(); break;
            case RestartShard restart:
                if (IsHome(restart.ShardId)) StartShard(restart.ShardId);
                break;
            case GracefulShutdown: Leave(); break;
            case LeaveNow:
                _log.Warning("{0}: region stops, {1} messages were for shards without a home", _typeName, _buffers.Count);
                Context.Stop(Self);
                break;
            case IShardRegionQuery query: Answer(query); break;
            default:
                if (string.IsNullOrEmpty(_extraction.EntityId(message))) return false;
                Deliver(message, Sender);
                break;
        }
        return true;
    }

    // Only the coordinator that this region is registered with gives orders: what an earlier one sent may be out of date, and what a
    // later one sent comes again.
    private void Ordered(object order)
    {
        if (!Sender.Equals(_coordinator)) return;
        switch (order)
        {
            case ShardHome home: HomeKnown(home.Shard, home.Region); break;
            case HostShard host:
                HomeKnown(host.Shard, Self);
                Sender.Tell(new ShardStarted(host.Shard));
                break;
            case BeginHandOff begin:
                _homes.Remove(begin.Shard);
                Sender.Tell(new BeginHandOffAck(begin.Shard, begin.Attempt));
                break;
            case HandOff handOff: StopShard(handOff); break;
        }
    }

    private bool IsHome(string shard) => _homes.TryGetValue(shard, out var home) && home.Equals(Self);

    private void Deliver(object message, IActorRef sender)
    {
        var shard = _extraction.ShardId(message);
        if (string.IsNullOrEmpty(shard))
        {
            _log.Warning("{0}: no shard for a message of type {1}", _typeName, message.GetType());
            Context.System.DeadLetters.Tell(message, sender);
            return;
        }
        if (!_homes.TryGetValue(shard, out var home))
        {
            var first = !_buffers.Contains(shard);
            Keep(shard, message, sender);
            if (first) AskFor(shard);
        }
        else if (!home.Equals(Self)) home.Tell(message, sender);
        else if (_hosted.TryGetValue(shard, out var hosted) && hosted.Serves) hosted.Ref.Tell(message, sender);
        else
        {
            Keep(shard, message, sender);
            StartShard(shard);
        }
    }

    private void Keep(string shard, object message, IActorRef sender)
    {
        if (_buffers.Add(shard, message, sender)) return;
        // One line a thousand: a full buffer must not fill the log as well.
        if (_dropped++ % 1000 == 0) _log.Warning("{0}: buffer is full ({1} messages), {2} dropped so far", _typeName, _buffers.Count, _dropped);
        Context.System.DeadLetters.Tell(message, sender);
    }

    private void AskFor(string shard) => _coordinator?.Tell(new GetShardHome(shard), Self);

    private void HomeKnown(string shard, IActorRef region)
    {
        // The coordinator has not heard of the node's end yet; what waits is asked for again.
        if (_gone.Contains(region.Path.Address)) return;
        _homes[shard] = region;
        if (region.Equals(Self)) StartShard(shard);
        else
        {
            StopStray(shard);
            Context.Watch(region);
            foreach (var (message, sender) in _buffers.Take(shard)) region.Tell(message, sender);
        }
    }

    // One that still stops starts again once it has stopped.
    private void StartShard(string shard)
    {
        if (_hosted.ContainsKey(shard) || IsProxy) return;
        if (_settings.LeaseSettings is { } lease && !_leases.ContainsKey(shard))
        {
            var name = $"{Context.System.Name}-shard-{_typeName}-{shard}";
            _leases[shard] = new LeaseInTurn(LeaseProvider.Get(Context.System).GetLease(name, lease.LeaseImplementation, _cluster.SelfAddress.HostPort()));
        }
        var props = Shard.Props(_typeName, shard, _entityProps, _settings, _extraction, _handOffStopMessage, _leases.GetValueOrDefault(shard));
        _hosted[shard] = new Hosted(Context.Watch(Context.ActorOf(props, Uri.EscapeDataString(shard))));
    }

    private void ShardReady(string shard, IActorRef actor)
    {
        if (!_hosted.TryGetValue(shard, out var hosted) || !hosted.Ref.Equals(actor) || hosted.Stopping) return;
        hosted.Ready = true;
        if (IsHome(shard)) Pass(shard, hosted);
    }

    private void Pass(string shard, Hosted hosted)
    {
        foreach (var (message, sender) in _buffers.Take(shard)) hosted.Ref.Tell(message, sender);
    }

    // What came between the announcement and this was sent before its sender heard of the move: it belongs to the old home.
    private void StopShard(HandOff handOff)
    {
        _homes.Remove(handOff.Shard);
        if (_hosted.TryGetValue(handOff.Shard, out var hosted))
        {
            if (hosted.Serves) Pass(handOff.Shard, hosted);
            hosted.Stopping = true;
            hosted.Ref.Forward(handOff);
        }
        else Sender.Tell(new ShardStopped(handOff.Shard, handOff.Attempt));
    }

    // Runs here, but the coordinator says that it is elsewhere, or nowhere.
    private void StopStray(string shard)
    {
        if (!_hosted.TryGetValue(shard, out var hosted) || hosted.Stopping) return;
        _log.Warning("{0}: shard [{1}] is not this region's any more, it stops", _typeName, shard);
        hosted.Stopping = true;
        hosted.Ref.Tell(new HandOff(shard, 0), Self);
    }

    private void Ended(IActorRef actor)
    {
        if (actor.Equals(_coordinator)) CoordinatorGone();
        else if (_hosted.FirstOrDefault(each => each.Value.Ref.Equals(actor)) is { Key: { } shard, Value: var hosted })
        {
            _hosted.Remove(shard);
            if (IsHome(shard))
            {
                if (hosted.Stopping || _buffers.Contains(shard)) StartShard(shard);
                else Timers.StartSingleTimer(("restart", shard), new RestartShard(shard), Tuning.ShardFailureBackoff);
            }
            StopIfDone();
        }
        else Forget(home => home.Equals(actor));
    }

    private void Forget(Func<IActorRef, bool> gone)
    {
        foreach (var shard in _homes.Where(each => gone(each.Value)).Select(each => each.Key).ToList()) _homes.Remove(shard);
    }

    private sealed class Hosted(IActorRef actor)
    {
        public IActorRef Ref => actor;

        public bool Ready { get; set; }

        public bool Stopping { get; set; }

        public bool Serves => Ready && !Stopping;
    }

    private sealed class Retry : INoSerializationVerificationNeeded
    {
        public static readonly Retry Instance = new();
    }

    private sealed class RegisterAgain : INoSerializationVerificationNeeded
    {
        public static readonly RegisterAgain Instance = new();
    }

    private sealed class LeaveNow : INoSerializationVerificationNeeded
    {
        public static readonly LeaveNow Instance = new();
    }

    private sealed record RestartShard(string ShardId) : INoSerializationVerificationNeeded;

    /// <summary>Starts an entity without a message for it.</summary>
    public sealed class StartEntity : IClusterShardingSerializable, IEquatable<StartEntity>
    {
        public readonly string EntityId;

        public StartEntity(string entityId) => EntityId = entityId;

        public bool Equals(StartEntity other) => other is not null && EntityId == other.EntityId;

        public override bool Equals(object obj) => Equals(obj as StartEntity);

        public override int GetHashCode() => EntityId?.GetHashCode() ?? 0;

        public override string ToString() => $"StartEntity({EntityId})";
    }
}
