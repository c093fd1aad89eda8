using Actors.Machines;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Actors.Broker.Groups;

/// <summary>Tells the partitions of <c>__consumer_offsets</c> which groups the journal has, with one query for all that ask at a time; and the groups which topics are gone.</summary>
internal sealed class GroupCatalogue : UntypedActor
{
    private readonly BrokerContext _broker;
    private readonly List<IActorRef> _asked = [];
    private readonly List<IActorRef> _asking = [];

    public GroupCatalogue(BrokerContext broker) => _broker = broker;

    public static Props Props(BrokerContext broker) => Akka.Actor.Props.Create(() => new GroupCatalogue(broker));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case FindStoredGroups:
                _asking.Add(Sender);
                Query();
                break;
            case StoredGroups stored: Found(stored); break;
            case QueryFailed failed:
                Context.GetLogger().Warning("reading the groups from the journal failed, trying again: {0}", failed.Cause.Message);
                Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(500), Self, QueryAgain.Instance, Self);
                break;
            case QueryAgain:
                _asking.AddRange(_asked);
                _asked.Clear();
                Query();
                break;
            case ForgetTopics forget:
                foreach (var (_, coordinator) in _broker.Groups.All)
                    coordinator.Tell(forget, Self);
                break;
            default: Unhandled(message); break;
        }
    }

    /// <summary>Who asks while a query runs gets the next one's result: what it took over may be newer than the running one sees.</summary>
    private void Query()
    {
        if (_asked.Count > 0 || _asking.Count == 0)
            return;
        _asked.AddRange(_asking);
        _asking.Clear();
        var journal = PersistenceQuery.Get(Context.System).ReadJournalFor<ICurrentPersistenceIdsQuery>(_broker.Settings.ReadJournalPluginId);
        journal.CurrentPersistenceIds()
            .Where(id => GroupActor.GroupOf(id) is not null)
            .Select(id => GroupActor.GroupOf(id)!)
            .RunWith(Sink.Seq<string>(), Context.System.Materializer())
            .PipeTo(Self, Self, groups => new StoredGroups(groups), failure => new QueryFailed(failure));
    }

    private void Found(StoredGroups stored)
    {
        foreach (var region in _asked)
            region.Tell(stored, Self);
        _asked.Clear();
        Query();
    }

    private sealed record QueryFailed(Exception Cause);

    private sealed class QueryAgain
    {
        public static readonly QueryAgain Instance = new();
    }
}
