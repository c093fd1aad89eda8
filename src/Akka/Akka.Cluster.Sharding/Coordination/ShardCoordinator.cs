using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence;

namespace Akka.Cluster.Sharding.Coordination;

/// <summary>
/// One for each type in the cluster, kept so by a singleton. Decisions take effect at once and are stored in the order they were made;
/// whatever is told to a region leaves after everything decided before it is stored.
/// </summary>
internal sealed class ShardCoordinator : PersistentActor, IWithTimers
{
    private readonly string _typeName;
    private readonly ClusterShardingSettings _settings;
    private readonly IShardAllocationStrategy _strategy;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly CoordinatorMachine _machine;
    private CoordinatorState _stored = CoordinatorState.Empty;
    private bool _rebalancing;
    private long _eventsSinceSnapshot;

    public ShardCoordinator(string typeName, ClusterShardingSettings settings, IShardAllocationStrategy strategy)
    {
        _typeName = typeName;
        _settings = settings;
        _strategy = strategy;
        JournalPluginId = settings.JournalPluginId;
        SnapshotPluginId = settings.SnapshotPluginId;
        var cluster = _cluster.Settings;
        _machine = new CoordinatorMachine(settings.Role is not null && cluster.MinNrOfMembersOfRole.TryGetValue(settings.Role, out var ofRole) ? ofRole : cluster.MinNrOfMembers);
    }

    public override string PersistenceId => $"/sharding/{_typeName}Coordinator";

    public ITimerScheduler Timers { get; set; }

    private TuningParameters Tuning => _settings.TuningParameters;

    /// <summary>The coordinator under its singleton's supervisor, which starts it again after a pause and ends with it.</summary>
    internal static Props Props(string typeName, ClusterShardingSettings settings, IShardAllocationStrategy strategy)
    {
        var backoff = settings.TuningParameters.CoordinatorFailureBackoff;
        return BackoffSupervisor.Props(
            Backoff.OnStop(Actor.Props.Create(() => new ShardCoordinator(typeName, settings, strategy)), "coordinator", backoff, backoff * 5, 0.2)
                .WithFinalStopMessage(message => message is Terminate));
    }

    protected override void PreStart()
    {
        switch (_strategy)
        {
            case IStartableAllocationStrategy startable: startable.Start(); break;
            case IActorSystemDependentAllocationStrategy dependent: dependent.Start(Context.System); break;
        }
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    protected override bool ReceiveRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer { Snapshot: CoordinatorState snapshot }: _machine.Recover(snapshot); return true;
            case ICoordinatorEvent @event:
                _machine.Recover(@event);
                _eventsSinceSnapshot++;
                return true;
            case RecoveryCompleted: Recovered(); return true;
            default: return false;
        }
    }

    private void Recovered()
    {
        _stored = _machine.State;
        var members = _cluster.State.Members.Where(member => member.Status is not (MemberStatus.Removed or MemberStatus.Down)).Select(member => member.UniqueAddress).ToHashSet();
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));
        Timers.StartPeriodicTimer(Tick.Instance, Tick.Instance, Tuning.RebalanceInterval);
        // A reference to an actor of this node names no host.
        Do(_machine.Recovered(node => node.Address.HasLocalScope ? node.Uid == _cluster.SelfUniqueAddress.Uid : members.Contains(node)));
    }

    protected override bool ReceiveCommand(object message)
    {
        switch (message)
        {
            case Register register: Do(_machine.Register(register)); break;
            case GetShardHome get: Do(_machine.GetShardHome(get.Shard, Sender)); break;
            case Answered answered: Allocated(answered); break;
            case ShardStarted started: Do(_machine.ShardStarted(started.Shard, Sender)); break;
            case HostAgain again: Do(_machine.HostAgain(again.Shard)); break;
            case GracefulShutdownRequest leaving: Do(_machine.GracefulShutdown(leaving.Region)); break;
            case BeginHandOffAck ack: Do(_machine.BeginHandOffAck(ack, Sender)); break;
            case ShardStopped stopped: Do(_machine.ShardStopped(stopped)); break;
            case HandOffAgain again: Do(_machine.HandOffAgain(again.Shard, again.Attempt)); break;
            case HandOffTimeout timeout: Do(_machine.HandOffTimedOut(timeout.Shard, timeout.Attempt)); break;
            case Terminated terminated: Do(_machine.Terminated(terminated.ActorRef)); break;
            case ClusterEvent.MemberRemoved removed: Do(_machine.MemberRemoved(removed.Member.UniqueAddress)); break;
            case Tick: AskWhatToMove(); break;
            case Moves moves: Move(moves); break;
            case Terminate: Context.Stop(Self); break;
            case GetClusterShardingStats or GetCurrentRegions: Answer(message); break;
            case SaveSnapshotSuccess saved: Saved(saved.Metadata.SequenceNr); break;
            case ClusterEvent.IMemberEvent or DeleteMessagesSuccess or DeleteSnapshotsSuccess: break;
            default: return false;
        }
        return true;
    }

    private void Do(IReadOnlyList<CoordinatorEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case CoordinatorEffect.Persist persist: Store(persist.Event); break;
                case CoordinatorEffect.Send send: DeferAsync(send, each => each.To.Tell(each.Message, Self)); break;
                case CoordinatorEffect.Watch watch: Context.Watch(watch.Region); break;
                case CoordinatorEffect.Allocate allocate: Allocate(allocate); break;
                case CoordinatorEffect.HostLater later: Timers.StartSingleTimer(("host", later.Shard), new HostAgain(later.Shard), Tuning.ShardStartTimeout); break;
                case CoordinatorEffect.HandOffTimers timers:
                    Timers.StartSingleTimer(("time", timers.Shard), new HandOffTimeout(timers.Shard, timers.Attempt), Tuning.HandOffTimeout);
                    Timers.StartPeriodicTimer(("again", timers.Shard), new HandOffAgain(timers.Shard, timers.Attempt), Tuning.RetryInterval);
                    break;
                case CoordinatorEffect.HandOffEnded ended:
                    Timers.Cancel(("time", ended.Shard));
                    Timers.Cancel(("again", ended.Shard));
                    break;
                case CoordinatorEffect.Note note: Log.Warning("{0}: {1}", _typeName, note.What); break;
            }
        }
    }

    private void Store(ICoordinatorEvent @event) => PersistAsync(@event, stored =>
    {
        // The machine is ahead of what is stored; a snapshot is of what is stored.
        _stored = _stored.Apply(stored);
        if (++_eventsSinceSnapshot < Tuning.SnapshotAfter) return;
        _eventsSinceSnapshot = 0;
        SaveSnapshot(_stored);
    });

    private void Saved(long sequenceNr)
    {
        DeleteSnapshots(new SnapshotSelectionCriteria(sequenceNr - 1));
        var to = sequenceNr - (long)Tuning.KeepNrOfBatches * Tuning.SnapshotAfter;
        if (to > 0) DeleteMessages(to);
    }

    // The coordinator may go on before the strategy has answered; most answer at once.
    private void Allocate(CoordinatorEffect.Allocate allocate)
    {
        var shard = allocate.Shard;
        var answer = Called(() => _strategy.AllocateShard(allocate.Requester, shard, _machine.Allocations));
        if (answer.IsCompletedSuccessfully) Do(_machine.Allocated(shard, answer.Result));
        else answer.PipeTo(Self, success: region => new Answered(shard, region, null), failure: e => new Answered(shard, null, e));
    }

    private void Allocated(Answered answered)
    {
        if (answered.Failure is { } failure) Log.Error(failure, "{0}: the allocation strategy failed to allocate shard [{1}]", _typeName, answered.Shard);
        Do(_machine.Allocated(answered.Shard, answered.Region));
    }

    private void AskWhatToMove()
    {
        if (_rebalancing || _machine.State.Regions.IsEmpty) return;
        _rebalancing = true;
        var answer = Called(() => _strategy.Rebalance(_machine.Allocations, _machine.Moving));
        if (answer.IsCompletedSuccessfully) Move(new Moves(answer.Result, null));
        else answer.PipeTo(Self, success: shards => new Moves(shards, null), failure: e => new Moves(ImmutableHashSet<string>.Empty, e));
    }

    private void Move(Moves moves)
    {
        _rebalancing = false;
        if (moves.Failure is { } failure) Log.Error(failure, "{0}: the allocation strategy failed to rebalance", _typeName);
        Do(_machine.Rebalance(moves.Shards));
    }

    // A strategy that throws is one whose task failed.
    private static Task<T> Called<T>(Func<Task<T>> strategy)
    {
        try
        {
            return strategy();
        }
        catch (Exception e)
        {
            return Task.FromException<T>(e);
        }
    }

    private void Answer(object query)
    {
        var regions = _machine.State.Regions.Keys.ToList();
        if (query is not GetClusterShardingStats ask)
        {
            Sender.Tell(new CurrentRegions([.. regions.Select(AddressOf)]));
            return;
        }
        var answers = regions.Select(async region => (Address: AddressOf(region), Stats: await StatsOf(region, ask.Timeout).ConfigureAwait(false))).ToList();
        Task.WhenAll(answers).PipeTo(Sender, Self, all => new ClusterShardingStats(all.Where(each => each.Stats is not null).ToImmutableDictionary(each => each.Address, each => each.Stats)));
    }

    private static async Task<ShardRegionStats> StatsOf(IActorRef region, TimeSpan timeout)
    {
        try
        {
            return await region.Ask<ShardRegionStats>(GetShardRegionStats.Instance, timeout).ConfigureAwait(false);
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    private Address AddressOf(IActorRef region) => region.Path.Address.HasLocalScope ? _cluster.SelfAddress : region.Path.Address;

    /// <summary>The singleton's termination message.</summary>
    internal sealed class Terminate : IDeadLetterSuppression
    {
        public static readonly Terminate Instance = new();
    }

    private sealed class Tick : INoSerializationVerificationNeeded
    {
        public static readonly Tick Instance = new();
    }

    private sealed record Answered(string Shard, IActorRef Region, Exception Failure) : INoSerializationVerificationNeeded;

    private sealed record Moves(IImmutableSet<string> Shards, Exception Failure) : INoSerializationVerificationNeeded;

    private sealed record HostAgain(string Shard) : INoSerializationVerificationNeeded;

    private sealed record HandOffAgain(string Shard, long Attempt) : INoSerializationVerificationNeeded;

    private sealed record HandOffTimeout(string Shard, long Attempt) : INoSerializationVerificationNeeded;
}
