using Akka.Actor;
using Akka.Pattern;

namespace Actors.Broker.Partitions;

/// <summary>Runs the partitions of this node, each under a supervisor that starts it again with growing pauses; and deletes the events of those whose topic is gone.</summary>
internal sealed class PartitionRegion : UntypedActor
{
    private static readonly TimeSpan PurgeRetry = TimeSpan.FromSeconds(1);

    private readonly BrokerContext _broker;
    private readonly Dictionary<PartitionId, IActorRef> _supervisors = [];
    private readonly Dictionary<IActorRef, PartitionId> _stopping = [];
    private readonly Dictionary<IActorRef, PartitionId> _purging = [];
    private readonly Dictionary<Guid, (HashSet<int> Left, IActorRef ReplyTo)> _goneTopics = [];

    public PartitionRegion(BrokerContext broker) => _broker = broker;

    public static Props Props(BrokerContext broker) => Akka.Actor.Props.Create(() => new PartitionRegion(broker));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartPartition start: Start(start.Id); break;
            case ConfigurePartition configure: _broker.Partitions.Find(configure.Id)?.Actor.Tell(configure, Self); break;
            case PurgeTopicPartitions purge: Purge(purge); break;
            case PartitionPurged: Purged(); break;
            case PurgeAgain again: DeleteEvents(again.Id); break;
            case Terminated terminated: Ended(terminated.ActorRef); break;
            default: Unhandled(message); break;
        }
    }

    private void Start(PartitionId id)
    {
        if (_supervisors.ContainsKey(id))
            return;
        var backoff = Backoff.OnStop(PartitionActor.Props(_broker, id), "partition", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), 0);
        _supervisors.Add(id, Context.ActorOf(BackoffSupervisor.Props(backoff), id.PersistenceId));
    }

    private void Purge(PurgeTopicPartitions gone)
    {
        if (_goneTopics.ContainsKey(gone.TopicId))
            return;
        _goneTopics.Add(gone.TopicId, (Enumerable.Range(0, gone.Partitions).ToHashSet(), Sender));
        for (var index = 0; index < gone.Partitions; index++)
        {
            var id = new PartitionId(gone.TopicId, index);
            if (!_supervisors.Remove(id, out var supervisor))
            {
                DeleteEvents(id);
                continue;
            }
            _stopping.Add(supervisor, id);
            Context.Watch(supervisor);
            Context.Stop(supervisor);
        }
    }

    private void DeleteEvents(PartitionId id)
    {
        var purge = Context.ActorOf(PartitionPurge.Props(id));
        _purging.Add(purge, id);
        Context.Watch(purge);
    }

    private void Purged()
    {
        if (!_purging.Remove(Sender, out var id) || !_goneTopics.TryGetValue(id.TopicId, out var topic))
            return;
        topic.Left.Remove(id.Partition);
        if (topic.Left.Count > 0)
            return;
        _goneTopics.Remove(id.TopicId);
        topic.ReplyTo.Tell(new TopicPurgeDone(id.TopicId), Self);
    }

    /// <summary>A partition stopped, so that its events may go; or a purge stopped without having finished, and is tried again.</summary>
    private void Ended(IActorRef actor)
    {
        if (_stopping.Remove(actor, out var stopped))
            DeleteEvents(stopped);
        else if (_purging.Remove(actor, out var unfinished))
            Context.System.Scheduler.ScheduleTellOnce(PurgeRetry, Self, new PurgeAgain(unfinished), Self);
    }

    private sealed record PurgeAgain(PartitionId Id);
}
