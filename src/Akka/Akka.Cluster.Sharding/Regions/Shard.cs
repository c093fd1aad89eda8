using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Tools;
using Akka.Event;

namespace Akka.Cluster.Sharding.Regions;

/// <summary>
/// The parent of a shard's entities. With a lease it starts none before it holds it, stops when it is lost, and says that it has
/// stopped only after it gave the lease back.
/// </summary>
internal sealed class Shard : ActorBase, IWithTimers
{
    private readonly string _typeName;
    private readonly string _shardId;
    private readonly Func<string, Props> _entityProps;
    private readonly ClusterShardingSettings _settings;
    private readonly Extraction _extraction;
    private readonly object _handOffStopMessage;
    private readonly LeaseInTurn _lease;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private readonly Dictionary<string, Entity> _entities = [];
    private readonly Dictionary<IActorRef, string> _ids = [];
    private readonly Dictionary<IActorRef, HandOff> _askers = [];
    private bool _holds;
    private bool _stopping;
    private bool _releasing;

    public Shard(
        string typeName, string shardId, Func<string, Props> entityProps, ClusterShardingSettings settings, Extraction extraction, object handOffStopMessage, LeaseInTurn lease)
    {
        _typeName = typeName;
        _shardId = shardId;
        _entityProps = entityProps;
        _settings = settings;
        _extraction = extraction;
        _handOffStopMessage = handOffStopMessage;
        _lease = lease;
    }

    public ITimerScheduler Timers { get; set; }

    internal static Props Props(
        string typeName, string shardId, Func<string, Props> entityProps, ClusterShardingSettings settings, Extraction extraction, object handOffStopMessage, LeaseInTurn lease) =>
        Actor.Props.Create(() => new Shard(typeName, shardId, entityProps, settings, extraction, handOffStopMessage, lease));

    protected override void PreStart()
    {
        if (_settings.PassivateIdleEntityAfter > TimeSpan.Zero) Timers.StartPeriodicTimer(LookForIdle.Instance, LookForIdle.Instance, _settings.PassivateIdleEntityAfter / 2);
        if (_lease is null) Serve();
        else AcquireLease();
    }

    protected override void PostStop()
    {
        // Children have stopped by now. Releasing what was never acquired, or has been asked for and not answered, does no harm.
        if (_lease is not null && !_releasing) _ = _lease.Release();
    }

    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated terminated: EntityEnded(terminated.ActorRef); break;
            case Passivate passivate: PassivateEntity(Sender, passivate.StopMessage); break;
            case HandOff handOff: Stop(handOff); break;
            case LeaseAnswer answer: Acquired(answer); break;
            case AcquireAgain: AcquireLease(); break;
            case LeaseLost lost: Lost(lost.Cause); break;
            case NothingMore: Context.Stop(Self); break;
            case Released released: GaveBack(released); break;
            case StopEntities:
                foreach (var entity in _ids.Keys.ToList()) Context.Stop(entity);
                ReleaseIfEmpty();
                break;
            case LookForIdle: PassivateIdle(); break;
            case GetState: Sender.Tell(new ShardState(_shardId, [.. _entities.Keys])); break;
            default: Deliver(message, Sender); break;
        }
        return true;
    }

    private void Serve()
    {
        _holds = true;
        Context.Parent.Tell(new Ready(_shardId));
    }

    private void AcquireLease()
    {
        if (_stopping) return;
        var self = Self;
        _lease.Acquire(cause => self.Tell(new LeaseLost(cause), ActorRefs.NoSender))
            .PipeTo(Self, success: acquired => new LeaseAnswer(acquired, null), failure: e => new LeaseAnswer(false, e));
    }

    private void Acquired(LeaseAnswer answer)
    {
        if (_stopping) return;
        if (answer.Acquired)
        {
            Serve();
            return;
        }
        if (answer.Failure is { } failure) _log.Warning("{0}: shard [{1}] has no lease yet: {2}", _typeName, _shardId, failure.Message);
        Timers.StartSingleTimer(AcquireAgain.Instance, AcquireAgain.Instance, _settings.LeaseSettings.LeaseRetryInterval);
    }

    private void Lost(Exception cause)
    {
        if (!_holds || _stopping) return;
        _log.Debug("{0}: shard [{1}] lost its lease, it stops with {2} entities", _typeName, _shardId, _entities.Count);
        _holds = false;
        foreach (var entity in _ids.Keys.ToList()) Context.Stop(entity);
        // What is on its way here goes back to the region, which keeps it until the shard serves again.
        Context.Parent.Tell(new NotReady(_shardId, cause));
    }

    private void Deliver(object message, IActorRef sender)
    {
        if (_stopping || !_holds)
        {
            // The region keeps it for the shard's next home.
            Context.Parent.Tell(message, sender);
            return;
        }
        var id = _extraction.EntityId(message);
        if (_entities.TryGetValue(id, out var entity) && entity.Waiting is { } waiting)
        {
            if (waiting.Count < _settings.TuningParameters.BufferSize) waiting.Add((message, sender));
            else Context.System.DeadLetters.Tell(message, sender);
            return;
        }
        entity ??= Start(id);
        if (message is ShardRegion.StartEntity) return;
        entity.LastMessage = Environment.TickCount64;
        entity.Ref.Tell(_extraction.EntityMessage(message), sender);
    }

    private Entity Start(string id)
    {
        var actor = Context.Watch(Context.ActorOf(_entityProps(id), Uri.EscapeDataString(id)));
        _ids[actor] = id;
        return _entities[id] = new Entity(actor) { LastMessage = Environment.TickCount64 };
    }

    private void PassivateEntity(IActorRef actor, object stopMessage)
    {
        if (!_ids.TryGetValue(actor, out var id) || _entities[id].Waiting is not null) return;
        _entities[id].Waiting = [];
        actor.Tell(stopMessage);
    }

    private void PassivateIdle()
    {
        var since = Environment.TickCount64 - (long)_settings.PassivateIdleEntityAfter.TotalMilliseconds;
        foreach (var entity in _entities.Values.Where(each => each.LastMessage <= since).ToList()) PassivateEntity(entity.Ref, _handOffStopMessage);
    }

    private void EntityEnded(IActorRef actor)
    {
        if (!_ids.Remove(actor, out var id)) return;
        _entities.Remove(id, out var entity);
        foreach (var (message, sender) in entity.Waiting ?? []) Deliver(message, sender);
        if (_stopping) ReleaseIfEmpty();
    }

    private void Stop(HandOff handOff)
    {
        _askers[Sender] = handOff;
        if (_stopping) return;
        _stopping = true;
        foreach (var entity in _ids.Keys) entity.Tell(_handOffStopMessage);
        // What does not heed the message is stopped while there is still time before the coordinator gives up.
        Timers.StartSingleTimer(StopEntities.Instance, StopEntities.Instance, _settings.TuningParameters.HandOffTimeout * 0.75);
        ReleaseIfEmpty();
    }

    private void ReleaseIfEmpty()
    {
        if (_ids.Count > 0 || _releasing) return;
        _releasing = true;
        if (_lease is null) GaveBack(new Released(true, null));
        else _lease.Release().PipeTo(Self, success: released => new Released(released, null), failure: e => new Released(false, e));
    }

    // Nobody else can start the shard while the lease is ours, so it does not say that it stopped before.
    private void GaveBack(Released released)
    {
        if (released.Done)
        {
            foreach (var (asker, handOff) in _askers) asker.Tell(new ShardStopped(_shardId, handOff.Attempt));
            Context.Stop(Self);
            return;
        }
        _log.Warning("{0}: shard [{1}] cannot give back its lease: {2}", _typeName, _shardId, released.Failure?.Message ?? "refused");
        _releasing = false;
        Timers.StartSingleTimer(StopEntities.Instance, StopEntities.Instance, _settings.LeaseSettings.LeaseRetryInterval);
    }

    private sealed class Entity(IActorRef actor)
    {
        public IActorRef Ref => actor;

        /// <summary>Milliseconds of the system's tick count.</summary>
        public long LastMessage { get; set; }

        /// <summary>What came since it was told to stop; null while it serves.</summary>
        public List<(object Message, IActorRef Sender)> Waiting { get; set; }
    }

    internal sealed record Ready(string ShardId) : INoSerializationVerificationNeeded;

    /// <summary>To the region: the lease is lost, send nothing more. Answered by <see cref="NothingMore"/>.</summary>
    internal sealed record NotReady(string ShardId, Exception Cause) : INoSerializationVerificationNeeded;

    internal sealed class NothingMore : INoSerializationVerificationNeeded
    {
        public static readonly NothingMore Instance = new();
    }

    internal sealed class GetState : INoSerializationVerificationNeeded
    {
        public static readonly GetState Instance = new();
    }

    private sealed record LeaseAnswer(bool Acquired, Exception Failure) : INoSerializationVerificationNeeded;

    private sealed record LeaseLost(Exception Cause) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

    private sealed record Released(bool Done, Exception Failure) : INoSerializationVerificationNeeded;

    private sealed class AcquireAgain : INoSerializationVerificationNeeded
    {
        public static readonly AcquireAgain Instance = new();
    }

    private sealed class StopEntities : INoSerializationVerificationNeeded
    {
        public static readonly StopEntities Instance = new();
    }

    private sealed class LookForIdle : INoSerializationVerificationNeeded
    {
        public static readonly LookForIdle Instance = new();
    }
}
