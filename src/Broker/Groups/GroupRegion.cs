using Actors.Machines;
using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Actors.Broker.Groups;

/// <summary>Starts the groups' actors: those the journal knows at once, the others when first asked for. Each stands under a backoff supervisor.</summary>
internal sealed class GroupRegion : UntypedActor
{
    private readonly BrokerContext _broker;
    private readonly Dictionary<string, Entity> _entities = [];

    public GroupRegion(BrokerContext broker) => _broker = broker;

    public static Props Props(BrokerContext broker) => Akka.Actor.Props.Create(() => new GroupRegion(broker));

    protected override void PreStart() => LoadStored();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartGroup start: Start(start); break;
            case GroupServing serving: Serving(serving.Group); break;
            case ForgetTopics forget:
                foreach (var (_, coordinator) in _broker.Groups.All)
                    coordinator.Tell(forget, Self);
                break;
            case StoredGroups stored: Load(stored); break;
            case LoadAgain: LoadStored(); break;
            case GroupEnded ended: End(ended); break;
            case Terminated: break;
            default: Unhandled(message); break;
        }
    }

    private void LoadStored()
    {
        var journal = PersistenceQuery.Get(Context.System).ReadJournalFor<ICurrentPersistenceIdsQuery>(_broker.Settings.ReadJournalPluginId);
        journal.CurrentPersistenceIds()
            .Where(id => GroupActor.GroupOf(id) is not null)
            .Select(id => GroupActor.GroupOf(id)!)
            .RunWith(Sink.Seq<string>(), Context.System.Materializer())
            .PipeTo(Self, Self, groups => new StoredGroups(groups, null), failure => new StoredGroups([], failure));
    }

    private void Load(StoredGroups stored)
    {
        if (stored.Failure is { } failure)
        {
            Context.GetLogger().Warning("reading the groups from the journal failed, trying again: {0}", failure.Message);
            Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(500), Self, LoadAgain.Instance, Self);
            return;
        }
        foreach (var group in stored.Groups)
            EntityOf(group);
        _broker.Groups.IsLoaded = true;
    }

    private void Start(StartGroup start)
    {
        var entity = EntityOf(start.Group);
        if (_broker.Groups.Find(start.Group) is not null)
            Sender.Tell(new GroupStarted(start.Token), Self);
        else
            entity.Waiting.Add((Sender, start.Token));
    }

    private Entity EntityOf(string group)
    {
        if (_entities.TryGetValue(group, out var entity))
            return entity;
        var props = Backoff.OnStop(GroupActor.Props(_broker, group, Self), "group", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), 0);
        return _entities[group] = new Entity(Context.ActorOf(BackoffSupervisor.Props(props)), []);
    }

    private void Serving(string group)
    {
        if (!_entities.TryGetValue(group, out var entity))
            return;
        foreach (var (asker, token) in entity.Waiting)
            asker.Tell(new GroupStarted(token), Self);
        entity.Waiting.Clear();
    }

    private void End(GroupEnded ended)
    {
        if (_broker.Groups.Find(ended.Group) is not null || !_entities.TryGetValue(ended.Group, out var entity) || entity.Waiting.Count > 0)
            return;
        _entities.Remove(ended.Group);
        Context.Stop(entity.Supervisor);
    }

    private sealed record Entity(IActorRef Supervisor, List<(IActorRef Asker, long Token)> Waiting);

    private sealed record StoredGroups(IReadOnlyCollection<string> Groups, Exception? Failure);

    private sealed class LoadAgain
    {
        public static readonly LoadAgain Instance = new();
    }
}
