using Actors.Broker.Durability;
using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Akka.Actor;
using Akka.Pattern;

namespace Actors.Broker.Topics;

/// <summary>
/// Says what topics exist: the persistent actor around <see cref="TopicsMachine"/>. What becomes durable is published to the node's image, and then partitions are
/// started, configured or purged accordingly.
/// </summary>
internal sealed class TopicsActor : MachineActor
{
    private static readonly TimeSpan ServingCheck = TimeSpan.FromMilliseconds(50);
    private const long ServingTimeoutMs = 5_000;
    private const int SnapshotEvents = 200;

    private readonly BrokerContext _broker;
    private readonly Action _serving;
    private readonly Queue<(long SequenceNr, IMachineEvent Event, TopicsImage Image)> _unpublished = new();
    private readonly List<Creation> _creations = [];
    private readonly TopicsSettings _settings;
    private TopicsMachine _machine;
    private (long Next, long End) _producerIds;
    private int _eventsSinceSnapshot;
    private bool _started;

    public TopicsActor(BrokerContext broker, Action serving)
    {
        _broker = broker;
        _serving = serving;
        _settings = new TopicsSettings(broker.Settings.DefaultPartitions);
        _machine = new TopicsMachine(_settings);
    }

    public override string PersistenceId => "topics";

    public static Props SupervisorProps(BrokerContext broker, Action serving) => BackoffSupervisor.Props(Backoff.OnStop(
        Akka.Actor.Props.Create(() => new TopicsActor(broker, serving)), "topics", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), 0));

    protected override void Apply(IMachineEvent @event, long sequenceNr)
    {
        _machine.Apply(@event, sequenceNr);
        _eventsSinceSnapshot++;
        if (IsRecovering)
            return;
        _unpublished.Enqueue((sequenceNr, @event, _machine.Image));
    }

    protected override void Restore(object snapshot) => _machine = TopicsMachine.From((TopicsImage)snapshot, _settings);

    protected override object? SnapshotDue()
    {
        if (_eventsSinceSnapshot < SnapshotEvents)
            return null;
        _eventsSinceSnapshot = 0;
        return _machine.ToSnapshot();
    }

    protected override void SnapshotSaved() => DeleteMessages(SavedSnapshot);

    protected override void Recovered()
    {
        Carry(_machine.Decide(new StartTopicsEpoch(), Now));
        Timers.StartPeriodicTimer("serving", CheckServing.Instance, ServingCheck);
    }

    protected override void BecameDurable()
    {
        while (_unpublished.TryPeek(out var next) && next.SequenceNr <= Durable)
        {
            _unpublished.Dequeue();
            var before = _broker.Metadata.Current;
            _broker.Metadata.Publish(next.Image);
            if (_started)
                Follow(next.Event, before, next.Image);
            else
                StartAll(next.Image);
        }
    }

    protected override void Execute(object command)
    {
        switch (command)
        {
            case TopicsRequest { Command: CreateTopics create } request:
                Create(create, reply => new TopicsAnswer(request.Token, reply));
                break;
            case TopicsRequest request: Carry(_machine.Decide(request.Command, Now), Sender, reply => new TopicsAnswer(request.Token, reply)); break;
            case CreateMissingTopics missing: CreateMissing(missing); break;
            case TakeProducerId take: GiveProducerId(take); break;
            case PartitionServing or CheckServing: AfterServing(); break;
            case TopicPurgeDone purged: Carry(_machine.Decide(new PurgeTopic(purged.TopicId), Now)); break;
            case Akka.Persistence.DeleteMessagesSuccess or Akka.Persistence.DeleteMessagesFailure: break;
            case Akka.Persistence.DeleteSnapshotsSuccess or Akka.Persistence.DeleteSnapshotsFailure: break;
            default: Unhandled(command); break;
        }
    }

    private void StartAll(TopicsImage image)
    {
        _started = true;
        foreach (var topic in image.ById.Values)
            StartPartitions(topic);
        foreach (var deleted in image.Deleted.Values)
            Purge(deleted);
        AfterServing();
    }

    private void Follow(IMachineEvent @event, TopicsImage before, TopicsImage image)
    {
        switch (@event)
        {
            case TopicCreated created: StartPartitions(image.ById[created.Id]); break;
            case PartitionsAdded added: StartPartitions(image.ById[added.Id]); break;
            case TopicDeleted deleted:
                Purge(image.Deleted[deleted.Id]);
                _broker.GroupRegion.Tell(new ForgetTopics([before.ById[deleted.Id].Name]), Self);
                break;
            case TopicConfigured configured:
                foreach (var id in PartitionsOf(image.ById[configured.Id]))
                    _broker.PartitionRegion.Tell(new ConfigurePartition(id), Self);
                break;
        }
    }

    private void StartPartitions(TopicImage topic)
    {
        foreach (var id in PartitionsOf(topic))
            _broker.PartitionRegion.Tell(new StartPartition(id), Self);
    }

    private void Purge(DeletedTopic topic) => _broker.PartitionRegion.Tell(new PurgeTopicPartitions(topic.Id, topic.Partitions), Self);

    private static IEnumerable<PartitionId> PartitionsOf(TopicImage topic) => Enumerable.Range(0, topic.Partitions).Select(index => new PartitionId(topic.Id, index));

    private void Create(CreateTopics create, Func<CreateTopicsReply, IAnswer> answer)
    {
        var decision = _machine.Decide(create, Now);
        var reply = (CreateTopicsReply)decision.Reply!;
        Carry(decision);
        var partitions = create.ValidateOnly ? [] : reply.Topics.Where(topic => topic.Topic is not null).SelectMany(topic => PartitionsOf(topic.Topic!)).ToHashSet();
        if (partitions.Count == 0)
            Reply(Sender, answer(reply));
        else
        {
            _creations.Add(new Creation(Sender, answer(reply), partitions, Applied, Now + ServingTimeoutMs));
            if (!Timers.IsTimerActive("serving"))
                Timers.StartPeriodicTimer("serving", CheckServing.Instance, ServingCheck);
        }
    }

    private void CreateMissing(CreateMissingTopics missing)
    {
        var known = _machine.Image;
        var wanted = missing.Names.Where(name => known.Find(name) is null).Select(name => new NewTopic(name, _broker.Settings.NewId())).ToList();
        if (wanted.Count == 0)
            Reply(Sender, new MissingTopicsAnswer(missing.Token, new Dictionary<string, ErrorCode>()));
        else
            Create(
                new CreateTopics(wanted, ValidateOnly: false, [_broker.Settings.NodeId]),
                reply => new MissingTopicsAnswer(missing.Token, reply.Topics.Where(topic => topic.Error != ErrorCode.None).ToDictionary(topic => topic.Name, topic => topic.Error)));
    }

    private void GiveProducerId(TakeProducerId take)
    {
        if (_producerIds.Next == _producerIds.End)
        {
            var decision = _machine.Decide(new AllocateProducerIds(), Now);
            var block = (ProducerIdBlock)decision.Reply!;
            Carry(decision);
            _producerIds = (block.First, block.First + block.Count);
        }
        Reply(Sender, new ProducerIdAnswer(take.Token, _producerIds.Next++));
    }

    /// <summary>Answers who created topics once their partitions serve, or have taken too long: clients then find them by asking again.</summary>
    private void AfterServing()
    {
        var now = Now;
        for (var i = _creations.Count - 1; i >= 0; i--)
        {
            var creation = _creations[i];
            creation.NotServing.RemoveWhere(id => _broker.Partitions.Find(id) is not null);
            if (creation.NotServing.Count > 0 && (now < creation.Deadline || Durable < creation.SequenceNr))
                continue;
            _creations.RemoveAt(i);
            creation.ReplyTo.Tell(creation.Answer, Self);
        }
        if (!_started || !_broker.Metadata.Current.ById.Values.SelectMany(PartitionsOf).All(id => _broker.Partitions.Find(id) is not null))
            return;
        _serving();
        if (_creations.Count == 0)
            Timers.Cancel("serving");
    }

    private sealed record Creation(IActorRef ReplyTo, IAnswer Answer, HashSet<PartitionId> NotServing, long SequenceNr, long Deadline);

    private sealed class CheckServing
    {
        public static readonly CheckServing Instance = new();
    }
}
