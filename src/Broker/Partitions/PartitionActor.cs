using Actors.Broker.Durability;
using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Akka.Actor;
using Akka.Event;
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

    private void Read(ReadBatches read, IActorRef replyTo)
    {
        var plan = _machine.PlanFetch(read.Offset, read.MaxBytes, read.ReadCommitted, read.CurrentLeaderEpoch, _places.Before(read.Offset));
        if (plan.Range is null || !read.WantsBatches)
        {
            Answer(plan, [], 0);
            return;
        }
        if (_recent.Read(read.Offset, plan.EndOffset, read.MaxBytes, out var bytes) is { } recent)
        {
            _recentUsedAt = Now;
            Answer(plan, recent, bytes);
            return;
        }
        _broker.Journal.ReadAsync(PersistenceId, plan, read.Offset, read.MaxBytes)
            .PipeTo(Self, replyTo, batches => new JournalRead(read, batches, null), failure => new JournalRead(read, [], failure));

        void Answer(FetchPlan plan, IReadOnlyList<ReadOnlyMemory<byte>> batches, int bytes) =>
            ReplyToRead(replyTo, new BatchesAnswer(read.Token, plan.Error, plan.HighWatermark, plan.LastStableOffset, plan.LogStartOffset, batches, bytes));
    }

    /// <summary>The log may have moved on, or lost its beginning to retention, while the journal was read.</summary>
    private void AfterRead(JournalRead done)
    {
        var read = done.Read;
        var plan = _machine.PlanFetch(read.Offset, read.MaxBytes, read.ReadCommitted, read.CurrentLeaderEpoch);
        var batches = plan.Range is null ? [] : done.Batches.Where(batch => batch.LastOffset < plan.EndOffset).ToList();
        var error = plan.Error;
        if (error == ErrorCode.None && plan.Range is not null && batches.Count == 0)
        {
            error = ErrorCode.KafkaStorageError;
            Log.Error(done.Failure, "{0}: reading offset {1} from the journal gave nothing", PersistenceId, read.Offset);
        }
        if (error == ErrorCode.None && batches.Count > 0)
            _places.Remember(batches[^1].LastOffset + 1, batches[^1].SequenceNr + 1);
        var bytes = batches.Sum(batch => batch.Bytes.Length);
        ReplyToRead(Sender, new BatchesAnswer(
            read.Token, error, plan.HighWatermark, plan.LastStableOffset, plan.LogStartOffset, batches.ConvertAll(batch => (ReadOnlyMemory<byte>)batch.Bytes), bytes));
    }

    /// <summary>A read shows nothing above the high watermark, so that only an unfinished move of the start or of the epoch holds its answer back.</summary>
    private void ReplyToRead(IActorRef replyTo, IAnswer answer)
    {
        if (Durable >= _settledAt)
            ReplyNow(replyTo, answer);
        else
            Reply(replyTo, answer);
    }

    private void Await(AwaitRecords await)
    {
        if (_machine.HighWatermark > await.Offset)
            Sender.Tell(new RecordsArrived(await.Token), Self);
        else
            _awaiting[(Sender, await.Token)] = await.Offset;
    }

    private void Wake(bool everyone = false)
    {
        if (_awaiting.Count == 0)
            return;
        foreach (var ((asker, token), offset) in _awaiting.ToList())
        {
            if (!everyone && offset >= _machine.HighWatermark)
                continue;
            _awaiting.Remove((asker, token));
            asker.Tell(new RecordsArrived(token), Self);
        }
    }

    private void Find(FindOffset find)
    {
        var lookup = _machine.ListOffset(find.Timestamp, find.ReadCommitted, find.CurrentLeaderEpoch);
        if (lookup.Search is not { } search)
        {
            ReplyToRead(Sender, new OffsetAnswer(find.Token, lookup.Error, lookup.Timestamp, lookup.Offset, lookup.LeaderEpoch));
            return;
        }
        ScanAsync(search).PipeTo(Self, Sender, found => new JournalScanned(find, search, found, null), failure => new JournalScanned(find, search, null, failure));
    }

    /// <summary>The log may have lost its beginning to retention while the journal was read, and what was looked for with it: what is left may have it too.</summary>
    private void AfterScan(JournalScanned scanned)
    {
        var (find, search, found, failure) = scanned;
        if (failure is not null)
        {
            Log.Error(failure, "{0}: looking for timestamp {1} in the journal failed", PersistenceId, find.Timestamp);
            ReplyToRead(Sender, new OffsetAnswer(find.Token, ErrorCode.KafkaStorageError, -1, -1, -1));
        }
        else if (_machine.LogStartOffset != search.FromOffset && (search.Timestamp is null || found is null || found.Value.Offset < _machine.LogStartOffset))
            Find(find);
        else
            ReplyToRead(Sender, found is { } offset
                ? new OffsetAnswer(find.Token, ErrorCode.None, offset.Timestamp, offset.Offset, offset.LeaderEpoch)
                : new OffsetAnswer(find.Token, ErrorCode.None, -1, -1, -1));
    }

    private void Find(FindEpochEnd find)
    {
        var error = _machine.CheckLeaderEpoch(find.CurrentLeaderEpoch);
        ReplyToRead(Sender, new EpochEndAnswer(find.Token, error, error == ErrorCode.None ? _machine.EndOfLeaderEpoch(find.LeaderEpoch) : new EpochEnd(-1, -1)));
    }

    private async Task<TimestampedOffset?> ScanAsync(TimestampSearch search)
    {
        var (journal, persistenceId) = (_broker.Journal, PersistenceId);
        var scan = new TimestampScan(search);
        foreach (var range in search.Ranges)
            if (await journal.ScanAsync(persistenceId, range, search.FromOffset, scan.Add))
                break;
        return scan.Found;
    }

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

    private sealed record JournalScanned(FindOffset Find, TimestampSearch Search, TimestampedOffset? Found, Exception? Failure);

    private sealed record JournalRead(ReadBatches Read, IReadOnlyList<StoredBatch> Batches, Exception? Failure);
}
