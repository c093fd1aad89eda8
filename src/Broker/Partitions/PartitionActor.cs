using Actors.Broker.Durability;
using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Machines;
using Akka.Actor;
using Akka.Persistence;

namespace Actors.Broker.Partitions;

/// <summary>
/// A partition: the persistent actor around <see cref="PartitionMachine"/>. It takes a new leader epoch before it serves, keeps the log's tail in memory,
/// reads the rest from the journal, and wakes fetches that wait for records.
/// </summary>
internal sealed partial class PartitionActor : MachineActor
{
    private static readonly TimeSpan ProducerExpiryInterval = TimeSpan.FromMinutes(10);
    private const long ProducerExpirationMs = 86_400_000;

    private readonly BrokerContext _broker;
    private readonly PartitionId _id;
    private readonly PartitionLimits _limits;
    private readonly RecentBatches _recent;
    private readonly JournalPlaces _places = new();
    private readonly Dictionary<(IActorRef, long), long> _awaiting = [];
    private PartitionMachine _machine;
    private string _name = "";
    private long _settledAt;
    private bool _serving;
    private bool _deleting;
    private IActorRef? _groups;

    public PartitionActor(BrokerContext broker, PartitionId id)
        : base(broker.Lease)
    {
        _broker = broker;
        _id = id;
        _limits = new PartitionLimits(broker.Settings.SnapshotEveryBytes, broker.Settings.SnapshotEveryEvents);
        _recent = new RecentBatches(broker.Cache, broker.Settings.CacheBytesPerPartition);
        _machine = new PartitionMachine(broker.TopicDefaults, _limits);
    }

    public override string PersistenceId => _id.PersistenceId;

    public static Props Props(BrokerContext broker, PartitionId id) => Akka.Actor.Props.Create(() => new PartitionActor(broker, id));

    protected override void Apply(IMachineEvent @event, long sequenceNr)
    {
        _machine.Apply(@event, sequenceNr);
        if (@event is BatchAppended appended)
        {
            Keep(new StoredBatch(sequenceNr, appended));
            return;
        }
        _settledAt = sequenceNr;
        if (@event is LogStartOffsetMoved moved)
            _recent.DropBefore(moved.Offset);
    }

    protected override void ApplyVolatile(IVolatileChange change) => _machine.Apply(change);

    protected override void Restore(object snapshot) => _machine = PartitionMachine.From((PartitionSnapshot)snapshot, _limits);

    protected override object? SnapshotDue()
    {
        if (!_machine.SnapshotDue)
            return null;
        _machine.SnapshotTaken();
        return _machine.ToSnapshot();
    }

    protected override void SnapshotSaved()
    {
        _machine.SnapshotSaved(SavedSnapshot);
        DeleteNext();
    }

    protected override void Recovered()
    {
        _machine.Durable(Applied);
        if (StartsReadOnly)
            StartReadOnly();
        else
        {
            Carry(_machine.Decide(new StartLeaderEpoch(), Now));
            Configure();
        }
        Timers.StartPeriodicTimer("retention", new CheckRetention(), _broker.Settings.RetentionCheckInterval);
        Timers.StartPeriodicTimer("producers", new ExpireProducers(ProducerExpirationMs), ProducerExpiryInterval);
    }

    protected override void BecameDurable()
    {
        var moved = _machine.Durable(Durable);
        if (!_serving && Durable >= _settledAt)
            Serve();
        TellEpoch();
        if (moved)
            Wake();
        if (Durable == _settledAt)
            DeleteNext();
    }

    private void Serve()
    {
        _serving = true;
        _broker.Partitions.Enter(_id, new LedPartition(Self, _machine.LeaderEpoch));
        // From here on changes are told; one in between would be missed.
        Configure();
        if (_broker.Metadata.Current.Find(_id.TopicId) is { Name: InternalTopics.ConsumerOffsets } topic)
            _groups = Context.Watch(Context.ActorOf(GroupRegion.Props(_broker, _id.Partition, topic.Partitions), "groups"));
    }

    protected override void Execute(object command)
    {
        switch (command)
        {
            case ProduceBatch produce: Append(produce); break;
            case ReadBatches read: Read(read, Sender); break;
            case AwaitRecords await: Await(await); break;
            case ForgetAwait forget: _awaiting.Remove((Sender, forget.Token)); break;
            case FindOffset find: Find(find); break;
            case DeleteBefore delete: Delete(delete); break;
            case FindEpochEnd find: Find(find); break;
            case DescribePartition describe: Reply(Sender, new PartitionDescription(describe.Token, _machine.Size, _machine.Producers)); break;
            case JournalRead read: AfterRead(read); break;
            case JournalScanned scanned: AfterScan(scanned); break;
            case CheckRetention retention:
                Carry(WithEpoch(_machine.Decide(retention, Now)));
                DeleteNext();
                break;
            case ExpireProducers expire when !_broker.Storage.IsFull: Carry(WithEpoch(_machine.Decide(expire, Now))); break;
            case ExpireProducers: break;
            case ConfigurePartition: Configure(); break;
            case YieldRecent: Yield(); break;
            case DeleteMessagesSuccess deleted: Deleted(deleted.ToSequenceNr); break;
            case DeleteMessagesFailure: _deleting = false; break;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure: break;
            case HandOff: HandOver(); break;
            case Terminated ended when ended.ActorRef.Equals(_groups): StopOnceDurable(); break;
            default: Unhandled(command); break;
        }
    }

    /// <summary>Nobody new comes in; what came in is answered, groups first, for they live with this partition.</summary>
    private void HandOver()
    {
        _serving = true;
        _tellsEpoch = false;
        _broker.Partitions.Leave(_id, Self);
        Wake(everyone: true);
        if (_groups is { } groups)
            groups.Tell(HandOff.Instance, Self);
        else
            StopOnceDurable();
    }

    protected override void PostStop()
    {
        _broker.Partitions.Leave(_id, Self);
        Wake(everyone: true);
        _recent.Clear();
        base.PostStop();
    }

    private void Configure()
    {
        if (_broker.Metadata.Current.Find(_id.TopicId) is not { } topic)
            return;
        _name = $"{topic.Name}-{_id.Partition}";
        _configuresLater = _broker.Storage.IsFull;
        if (!_configuresLater)
            Carry(WithEpoch(_machine.Decide(new Configure(_broker.TopicDefaults.With(topic.Configs)), Now)));
    }

    private void Append(ProduceBatch produce)
    {
        if (_broker.Storage.IsFull)
        {
            ReplyNow(Sender, Refused(produce.Token));
            return;
        }
        if (_configuresLater)
            Configure();
        var decision = _machine.Decide(new AppendBatch(produce.Header, produce.Batch, _owesEpoch) { Walked = produce.Walked, Partition = _name }, Now);
        if (_owesEpoch && decision.Events.Count > 0)
            (_owesEpoch, _tellsEpoch) = (false, true);
        Carry(decision, Sender, reply =>
        {
            var append = (AppendReply)reply;
            return new BatchAnswer(produce.Token, append.Error, append.BaseOffset, append.LogAppendTimeMs, append.LogStartOffset, append.Message) { Rejected = append.Rejected };
        });
    }

    /// <summary>The events go afterwards, as those that have expired do: once the move is durable, and below the saved snapshot.</summary>
    private void Delete(DeleteBefore delete) =>
        Carry(WithEpoch(_machine.Decide(new DeleteRecordsBefore(delete.Offset), Now)), Sender, reply =>
        {
            var deleted = (DeleteRecordsReply)reply;
            return new DeletedBefore(delete.Token, deleted.Error, deleted.LowWatermark);
        });

    /// <summary>Only once the move of the log's start is durable: were it lost, the log would begin with offsets whose events are gone.</summary>
    private void DeleteNext()
    {
        if (_deleting || Durable < _settledAt || _machine.NextDeletion() is not { } to)
            return;
        _deleting = true;
        DeleteMessages(to);
    }

    private void Deleted(long to)
    {
        _deleting = false;
        _machine.Deleted(to);
        DeleteNext();
    }
}
