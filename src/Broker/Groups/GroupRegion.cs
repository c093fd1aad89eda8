using Actors.Broker.Partitions;
using Actors.Machines;
using Akka.Actor;
using Akka.Pattern;

namespace Actors.Broker.Groups;

/// <summary>
/// The groups of one partition of <c>__consumer_offsets</c>; it lives as long as that partition is led here. It starts the groups' actors: those the journal knows
/// at once, the others when first asked for. Each stands under a backoff supervisor.
/// </summary>
internal sealed class GroupRegion : UntypedActor, IWithTimers
{
    private static readonly TimeSpan LoadPatience = TimeSpan.FromSeconds(30);

    private readonly BrokerContext _broker;
    private readonly int _partition;
    private readonly int _partitions;
    private readonly Dictionary<string, Entity> _entities = [];
    private readonly HashSet<IActorRef> _ending = [];
    private bool _handsOff;

    /// <summary>Groups of the journal that do not serve yet; null before they are known and once none of them is waited for.</summary>
    private HashSet<string>? _loading;

    public GroupRegion(BrokerContext broker, int partition, int partitions)
    {
        _broker = broker;
        _partition = partition;
        _partitions = partitions;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private static DateTimeOffset Now => Context.System.Scheduler.Now;

    public static Props Props(BrokerContext broker, int partition, int partitions) => Akka.Actor.Props.Create(() => new GroupRegion(broker, partition, partitions));

    protected override void PreStart()
    {
        _broker.Groups.EnterRegion(_partition, Self);
        _broker.GroupCatalogue.Tell(FindStoredGroups.Instance, Self);
    }

    protected override void PostStop() => _broker.Groups.LeaveRegion(_partition, Self);

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartGroup when _handsOff: break;
            case StartGroup start: Start(start); break;
            case GroupServing serving: Serving(serving.Group); break;
            case StoredGroups stored: Load(stored); break;
            case LoadStalled: EndLoading(); break;
            case GroupEnded ended: End(ended); break;
            case HandOff: HandOver(); break;
            case Terminated terminated:
                _ending.Remove(terminated.ActorRef);
                StopOnceAllEnded();
                break;
            default: Unhandled(message); break;
        }
    }

    private void Load(StoredGroups stored)
    {
        if (_handsOff)
            return;
        _loading = [];
        foreach (var group in stored.Groups)
        {
            if (InternalTopics.PartitionFor(group, _partitions) != _partition)
                continue;
            EntityOf(group);
            if (!_broker.Groups.Has(group))
                _loading.Add(group);
        }
        LoadFurther();
    }

    /// <summary>Groups that cannot recover keep the others waiting no longer than until for a while none came up.</summary>
    private void LoadFurther()
    {
        if (_loading is { Count: > 0 })
            Timers.StartSingleTimer(nameof(LoadStalled), LoadStalled.Instance, LoadPatience);
        else
            EndLoading();
    }

    private void EndLoading()
    {
        _loading = null;
        Timers.Cancel(nameof(LoadStalled));
        _broker.Groups.Loaded(_partition, Self);
    }

    private void Start(StartGroup start)
    {
        var entity = EntityOf(start.Group);
        if (_broker.Groups.Has(start.Group))
        {
            Sender.Tell(new GroupStarted(start.Token), Self);
            return;
        }
        // Who asked longer ago has given up: those of a group that cannot recover would be kept for ever.
        while (entity.Waiting.TryPeek(out var first) && Now - first.Since > _broker.Settings.RequestTimeout)
            entity.Waiting.Dequeue();
        entity.Waiting.Enqueue(new Asker(Sender, start.Token, Now));
    }

    private Entity EntityOf(string group)
    {
        if (_entities.TryGetValue(group, out var entity))
            return entity;
        var props = Backoff.OnStop(GroupActor.Props(_broker, group, Self), "group", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), 0)
            .WithFinalStopMessage(message => message is HandOff).WithDefaultStoppingStrategy();
        return _entities[group] = new Entity(Context.ActorOf(BackoffSupervisor.Props(props)), new Queue<Asker>());
    }

    private void Serving(string group)
    {
        if (_loading?.Remove(group) == true)
            LoadFurther();
        if (!_entities.TryGetValue(group, out var entity))
            return;
        while (entity.Waiting.TryDequeue(out var asker))
            asker.Actor.Tell(new GroupStarted(asker.Token), Self);
    }

    private void End(GroupEnded ended)
    {
        if (_broker.Groups.Has(ended.Group) || !_entities.TryGetValue(ended.Group, out var entity))
            return;
        if (entity.Waiting.Count > 0)
        {
            // Somebody asked between its leaving the table and its word of it.
            ended.Actor.Tell(StillWanted.Instance, Self);
            return;
        }
        _entities.Remove(ended.Group);
        Context.Stop(entity.Supervisor);
    }

    /// <summary>Who waits for a group learns of the end when this actor stops.</summary>
    private void HandOver()
    {
        _handsOff = true;
        _broker.Groups.LeaveRegion(_partition, Self);
        foreach (var (_, entity) in _entities)
        {
            _ending.Add(Context.Watch(entity.Supervisor));
            entity.Supervisor.Tell(HandOff.Instance, Self);
        }
        StopOnceAllEnded();
    }

    private void StopOnceAllEnded()
    {
        if (_handsOff && _ending.Count == 0)
            Context.Stop(Self);
    }

    private sealed class LoadStalled
    {
        public static readonly LoadStalled Instance = new();
    }

    private sealed record Entity(IActorRef Supervisor, Queue<Asker> Waiting);

    private readonly record struct Asker(IActorRef Actor, long Token, DateTimeOffset Since);
}
