using Actors.Broker.Durability;
using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Akka.Actor;
using Akka.Pattern;

namespace Actors.Broker.Topics;

/// <summary>
/// Says what topics exist: the persistent actor around <see cref="TopicsMachine"/>, the cluster's controller. What becomes durable is published to the node's image,
/// and then partitions are started or purged accordingly. In a cluster it starts again those that nobody leads.
/// </summary>
internal sealed class TopicsActor : MachineActor
{
    private static readonly TimeSpan ServingCheck = TimeSpan.FromMilliseconds(50), PurgeCheck = TimeSpan.FromSeconds(1), StartCheck = TimeSpan.FromMilliseconds(200);
    private const long MaxStartPauseMs = 5_000;
    private const int SnapshotEvents = 200;

    private readonly BrokerContext _broker;
    private readonly Queue<(long SequenceNr, IMachineEvent Event, TopicsImage Image)> _unpublished = new();
    private readonly AwaitedLeaders _awaited = new();
    private readonly Dictionary<Guid, HashSet<int>> _purging = [];
    private readonly Dictionary<PartitionId, (long NextAt, long Pause)> _starts = [];
    private readonly TopicsSettings _settings;
    private readonly Action _clusterChanged;
    private TopicsMachine _machine;
    private (long Next, long End) _producerIds;
    private int _eventsSinceSnapshot;
    private int _told;
    private bool _started;

    public TopicsActor(BrokerContext broker)
        : base(broker.Lease)
    {
        _broker = broker;
        _settings = new TopicsSettings(broker.Settings.DefaultPartitions);
        _machine = new TopicsMachine(_settings);
        var self = Self;
        _clusterChanged = () =>
        {
            if (Interlocked.Exchange(ref _told, 1) == 0)
                self.Tell(LeadersChanged.Instance, ActorRefs.NoSender);
        };
    }

    public override string PersistenceId => "topics";

    public static Props SupervisorProps(BrokerContext broker) => BackoffSupervisor.Props(Backoff.OnStop(
        Akka.Actor.Props.Create(() => new TopicsActor(broker)), "topics", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), 0)
        .WithFinalStopMessage(message => message is HandOff).WithDefaultStoppingStrategy());

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

    protected override void Recovered() => Carry(_machine.Decide(new StartTopicsEpoch(), Now));

    protected override void PostStop()
    {
        _broker.Metadata.ClusterChanged -= _clusterChanged;
        _broker.Metadata.Describe(own => own with { ControllerEpoch = 0 });
        base.PostStop();
    }

    protected override void BecameDurable()
    {
        while (_unpublished.TryPeek(out var next) && next.SequenceNr <= Durable)
        {
            _unpublished.Dequeue();
            if (_started)
            {
                _broker.Metadata.Publish(next.Image, next.Event);
                Follow(next.Event, next.Image);
            }
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
            case TopicsRequest { Command: CreatePartitions create } request: CreatePartitions(create, request.Token); break;
            case TopicsRequest request: Carry(_machine.Decide(request.Command, Now), Sender, reply => new TopicsAnswer(request.Token, reply)); break;
            case CreateMissingTopics missing: CreateMissing(missing); break;
            case TakeProducerId take: GiveProducerId(take); break;
            case LeadersChanged:
                Volatile.Write(ref _told, 0);
                AfterServing();
                if (_broker.IsClustered)
                    StartLeaderless();
                break;
            case CheckServing: AfterServing(); break;
            case CheckPurges: PurgeAgain(); break;
            case CheckStarts: StartLeaderless(); break;
            case PartitionPurged purged: Purged(purged.Id); break;
            case HandOff: StopOnceDurable(); break;
            case Akka.Persistence.DeleteMessagesSuccess or Akka.Persistence.DeleteMessagesFailure: break;
            case Akka.Persistence.DeleteSnapshotsSuccess or Akka.Persistence.DeleteSnapshotsFailure: break;
            default: Unhandled(command); break;
        }
    }

    private void StartAll(TopicsImage image)
    {
        _started = true;
        _broker.Metadata.ClusterChanged += _clusterChanged;
        _broker.Metadata.Publish(image);
        _broker.Metadata.Describe(own => own with { ControllerEpoch = image.Epoch });
        foreach (var topic in image.ById.Values)
            StartPartitions(topic);
        foreach (var deleted in image.Deleted.Values)
            Purge(deleted);
        if (_broker.IsClustered)
            Timers.StartPeriodicTimer("starts", CheckStarts.Instance, StartCheck);
        AfterServing();
    }

    private void Follow(IMachineEvent @event, TopicsImage image)
    {
        switch (@event)
        {
            case TopicCreated created: StartPartitions(image.ById[created.Id]); break;
            case PartitionsAdded added: StartPartitions(image.ById[added.Id]); break;
            case TopicDeleted deleted: Purge(image.Deleted[deleted.Id]); break;
        }
    }

    private void StartPartitions(TopicImage topic)
    {
        foreach (var id in PartitionId.Of(topic))
            Start(id);
    }

    /// <summary>A shard that moved, or whose node died, runs nothing until somebody asks for it.</summary>
    private void StartLeaderless()
    {
        var (cluster, topics, now) = (_broker.Metadata.Cluster, _broker.Metadata.Current, Now);
        if (cluster.Leaders.Count >= topics.ById.Values.Sum(topic => topic.Partitions))
        {
            _starts.Clear();
            return;
        }
        foreach (var topic in topics.ById.Values)
            foreach (var id in PartitionId.Of(topic))
                if (cluster.Leader(id) is not null)
                    _starts.Remove(id);
                else if (now >= _starts.GetValueOrDefault(id).NextAt)
                    Start(id);
    }

    /// <summary>The region keeps what it cannot deliver yet, so that asking again grows rarer.</summary>
    private void Start(PartitionId id)
    {
        if (_broker.IsClustered)
        {
            var pause = Math.Clamp(_starts.GetValueOrDefault(id).Pause * 2, (long)StartCheck.TotalMilliseconds, MaxStartPauseMs);
            _starts[id] = (Now + pause, pause);
        }
        _broker.PartitionRegion.Tell(new StartPartition(id), Self);
    }

    private void Purge(DeletedTopic topic)
    {
        _purging[topic.Id] = Enumerable.Range(0, topic.Partitions).ToHashSet();
        foreach (var id in PartitionId.Of(topic.Id, topic.Partitions))
            _broker.PartitionRegion.Tell(new PurgePartition(id), Self);
        if (_broker.IsClustered)
            Timers.StartPeriodicTimer("purges", CheckPurges.Instance, PurgeCheck);
    }

    private void PurgeAgain()
    {
        foreach (var (topic, partitions) in _purging)
            foreach (var partition in partitions)
                _broker.PartitionRegion.Tell(new PurgePartition(new PartitionId(topic, partition)), Self);
        if (_purging.Count == 0)
            Timers.Cancel("purges");
    }

    private void Purged(PartitionId id)
    {
        if (!_purging.TryGetValue(id.TopicId, out var left) || !left.Remove(id.Partition) || left.Count > 0)
            return;
        _purging.Remove(id.TopicId);
        Carry(_machine.Decide(new PurgeTopic(id.TopicId), Now));
    }

    private void Create(CreateTopics create, Func<CreateTopicsReply, IAnswer> answer)
    {
        var decision = _machine.Decide(create with { Brokers = Brokers }, Now);
        var reply = (CreateTopicsReply)decision.Reply!;
        Carry(decision);
        ReplyServing(answer(reply), create.ValidateOnly ? [] : [.. reply.Topics.Where(topic => topic.Topic is not null).SelectMany(topic => PartitionId.Of(topic.Topic!))]);
    }

    private int[] Brokers => [.. _broker.Brokers.Select(node => node.Id)];

    private void CreatePartitions(CreatePartitions create, long token)
    {
        var before = _machine.Image;
        var decision = _machine.Decide(create with { Brokers = Brokers }, Now);
        var added = decision.Events.OfType<PartitionsAdded>().SelectMany(added => PartitionId.Of(added.Id, added.Total).Skip(before.ById[added.Id].Partitions)).ToList();
        Carry(decision);
        ReplyServing(new TopicsAnswer(token, decision.Reply!), added);
    }

    /// <summary>Answers who made partitions once they serve.</summary>
    private void ReplyServing(IAnswer answer, IReadOnlyCollection<PartitionId> partitions)
    {
        if (partitions.Count == 0)
        {
            Reply(Sender, answer);
            return;
        }
        _awaited.Add(Sender, answer, partitions, Applied, Now);
        if (!Timers.IsTimerActive("serving"))
            Timers.StartPeriodicTimer("serving", CheckServing.Instance, ServingCheck);
    }

    private void CreateMissing(CreateMissingTopics missing)
    {
        var known = _machine.Image;
        var wanted = missing.Names.Where(name => known.Find(name) is null).Select(Missing).ToList();
        if (wanted.Count == 0)
            Reply(Sender, new MissingTopicsAnswer(missing.Token, new Dictionary<string, ErrorCode>()));
        else
            Create(
                new CreateTopics(wanted, ValidateOnly: false, []),
                reply => new MissingTopicsAnswer(missing.Token, reply.Topics.Where(topic => topic.Error != ErrorCode.None).ToDictionary(topic => topic.Name, topic => topic.Error)));
    }

    private NewTopic Missing(string name) => InternalTopics.Contains(name)
        ? new NewTopic(name, _broker.Settings.NewId(), _broker.Settings.OffsetsTopicPartitions) { Configs = InternalConfigs }
        : new NewTopic(name, _broker.Settings.NewId());

    private static readonly KeyValuePair<string, string?>[] InternalConfigs =
        [new("cleanup.policy", "compact"), new("compression.type", "producer"), new("segment.bytes", "104857600")];

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

    private void AfterServing()
    {
        foreach (var (replyTo, answer) in _awaited.Take(_broker.Metadata.Cluster, Now, Durable))
            Reply(replyTo, answer);
        if (_awaited.IsEmpty)
            Timers.Cancel("serving");
    }

    private sealed class CheckServing
    {
        public static readonly CheckServing Instance = new();
    }

    private sealed class CheckPurges
    {
        public static readonly CheckPurges Instance = new();
    }

    private sealed class CheckStarts
    {
        public static readonly CheckStarts Instance = new();
    }

    /// <summary>Told at most once until it is handled, however many leaders change.</summary>
    private sealed class LeadersChanged
    {
        public static readonly LeadersChanged Instance = new();
    }
}
