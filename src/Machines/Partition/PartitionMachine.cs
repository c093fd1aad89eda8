using Actors.Protocol;

namespace Actors.Machines;

/// <summary>How often a partition asks for a snapshot, and how fine its index is.</summary>
/// <param name="SnapshotBytes">A snapshot after so many bytes of batches,</param>
/// <param name="SnapshotEvents">or so many events.</param>
/// <param name="StretchBytes">Bytes of batches an index entry stands for.</param>
/// <param name="MaxStretches">Entries of the index, at least 4; beyond it neighbours are joined, so that all grow alike with the log.</param>
public sealed record PartitionLimits(long SnapshotBytes = 16 * 1024 * 1024, int SnapshotEvents = 1_000, int StretchBytes = 1024 * 1024, int MaxStretches = 16_384)
{
    /// <summary>16 MiB or 1,000 events; an entry a MiB.</summary>
    public static readonly PartitionLimits Default = new();
}

/// <summary>
/// A partition of a topic: one log. Offsets, leader epochs, idempotent producers, the index into the journal, what retention takes away.
/// <see cref="Decide"/> changes nothing; <see cref="Apply(IMachineEvent, long)"/> alone changes what is journaled; <see cref="Durable"/> moves the high watermark.
/// </summary>
/// <remarks>Offsets and sizes are those of Kafka 3.9; times are epoch milliseconds; sequence numbers are the journal's, from 1, one an event, without gaps.</remarks>
public sealed partial class PartitionMachine
{
    private readonly PartitionLimits _limits;
    private readonly OffsetIndex _index;
    private readonly LeaderEpochs _epochs;
    private readonly ProducerStates _producers;
    private readonly Queue<(long SequenceNr, long EndOffset)> _undurable = new();
    private long _bytesSinceSnapshot, _deletedThrough, _startPosition, _startPositionAtSnapshot;
    private int _eventsSinceSnapshot;

    /// <summary>A partition without events.</summary>
    public PartitionMachine(TopicConfiguration configuration, PartitionLimits? limits = null)
        : this(Empty(configuration), limits)
    {
    }

    private PartitionMachine(PartitionSnapshot snapshot, PartitionLimits? limits)
    {
        _limits = limits ?? PartitionLimits.Default;
        _index = new OffsetIndex(snapshot.Index, snapshot.EndPosition, _limits);
        _epochs = new LeaderEpochs(snapshot.Epochs);
        _producers = new ProducerStates(snapshot.Producers, snapshot.Activity);
        AppliedSequenceNr = DurableSequenceNr = snapshot.SequenceNr;
        SavedSnapshotSequenceNr = snapshot.SequenceNr;
        LogStartOffset = snapshot.LogStartOffset;
        LogEndOffset = HighWatermark = snapshot.LogEndOffset;
        LeaderEpoch = snapshot.LeaderEpoch;
        Configuration = snapshot.Configuration;
        Aborted = snapshot.Aborted;
        _startPosition = _startPositionAtSnapshot = StartPosition();
        _deletedThrough = _index.Entries.Count > 0 ? _index.Entries[0].SequenceNr - 1 : snapshot.SequenceNr;
    }

    /// <summary>The journal sequence number of the last event applied.</summary>
    public long AppliedSequenceNr { get; private set; }

    /// <summary>The last sequence number told by <see cref="Durable"/>.</summary>
    public long DurableSequenceNr { get; private set; }

    /// <summary>The sequence number of the last snapshot known to be saved; 0 when there is none.</summary>
    public long SavedSnapshotSequenceNr { get; private set; }

    /// <summary>The first offset that is kept.</summary>
    public long LogStartOffset { get; private set; }

    /// <summary>The offset that the next record gets. Not for clients: see <see cref="HighWatermark"/>.</summary>
    public long LogEndOffset { get; private set; }

    /// <summary>The offset after the last durable record.</summary>
    public long HighWatermark { get; private set; }

    /// <summary>The offset after the last record that readers of committed data get. Without transactions, the high watermark.</summary>
    public long LastStableOffset => HighWatermark;

    /// <summary>The current leader epoch; -1 before the first one.</summary>
    public int LeaderEpoch { get; private set; }

    /// <summary>The topic's configuration as this partition applies it.</summary>
    public TopicConfiguration Configuration { get; private set; }

    /// <summary>Aborted transactions still in the log.</summary>
    public IReadOnlyList<AbortedTransaction> Aborted { get; }

    /// <summary>Bytes of the batches kept, to within a stretch of the index (a MiB).</summary>
    public long Size => _index.EndPosition - _startPosition;

    /// <summary>What is known of idempotent producers, by their ids.</summary>
    public IReadOnlyList<ProducerSnapshot> Producers => _producers.ToSnapshot();

    /// <summary>Idempotent producers known.</summary>
    public int ProducerCount => _producers.Count;

    /// <summary>Whether a snapshot should be taken now: take it, tell <see cref="SnapshotTaken"/>, save it when its event is durable, tell <see cref="SnapshotSaved"/>.</summary>
    /// <remarks>After so many bytes or events, and when the log's start has passed something that only a snapshot lets be deleted.</remarks>
    public bool SnapshotDue => _bytesSinceSnapshot >= _limits.SnapshotBytes || _eventsSinceSnapshot >= _limits.SnapshotEvents
        || _startPosition - _startPositionAtSnapshot >= (LogStartOffset == LogEndOffset ? 1 : _limits.StretchBytes);

    /// <summary>Validates a command; see the commands for their answers.</summary>
    /// <param name="now">Epoch milliseconds.</param>
    public Decision Decide(PartitionCommand command, long now) => command switch
    {
        AppendBatch append => DecideAppend(append, now),
        StartLeaderEpoch => new Decision { Events = [NextEpoch()], Reply = new LeaderEpochReply(LeaderEpoch + 1) },
        Configure configure => new Decision
        {
            Events = configure.Configuration == Configuration ? [] : [new ConfigurationChanged(configure.Configuration)],
            Reply = new PartitionReply(ErrorCode.None),
        },
        DeleteRecordsBefore delete => DecideDeleteRecords(delete.Offset),
        CheckRetention => DecideRetention(now),
        ExpireProducers expire => DecideExpiry(expire.ExpirationMs, now),
        _ => throw new ArgumentException($"{command.GetType().Name} is no command of a partition."),
    };

    /// <summary>Applies an event that has, or will have, this sequence number in the journal.</summary>
    /// <exception cref="BrokenInvariantException">A gap in sequence numbers, or a batch that does not begin at the log's end.</exception>
    public void Apply(IMachineEvent @event, long sequenceNr)
    {
        if (sequenceNr != AppliedSequenceNr + 1)
            throw new BrokenInvariantException($"Event {sequenceNr} follows event {AppliedSequenceNr}: the journal has a gap.");
        switch (@event)
        {
            case BatchAppended appended:
                ApplyBatch(appended, sequenceNr);
                break;
            case LeaderEpochStarted epoch:
                LeaderEpoch = epoch.Epoch;
                _epochs.Start(epoch.Epoch, epoch.StartOffset);
                break;
            case LogStartOffsetMoved moved:
                LogStartOffset = moved.Offset;
                _epochs.MoveStart(moved.Offset);
                _startPosition = StartPosition();
                break;
            case ConfigurationChanged changed:
                Configuration = changed.Configuration;
                break;
            case ProducersExpired expired:
                _producers.Remove(expired.ProducerIds);
                break;
            default:
                throw new ArgumentException($"{@event.GetType().Name} is no event of a partition.");
        }
        AppliedSequenceNr = sequenceNr;
        _eventsSinceSnapshot++;
    }

    /// <summary>Applies a decision's volatile change.</summary>
    public void Apply(IVolatileChange change)
    {
        var mark = (ProducerActivityMarked)change;
        _producers.Mark(mark.Time, mark.SequenceNr, mark.ForgetBefore);
    }

    /// <summary>Everything up to this sequence number is durable: the high watermark moves. At recovery's end, call it with <see cref="AppliedSequenceNr"/>.</summary>
    /// <returns>Whether the high watermark moved.</returns>
    public bool Durable(long sequenceNr)
    {
        if (sequenceNr > AppliedSequenceNr)
            throw new BrokenInvariantException($"Event {sequenceNr} is durable, but only {AppliedSequenceNr} were applied.");
        DurableSequenceNr = Math.Max(DurableSequenceNr, sequenceNr);
        var before = HighWatermark;
        while (_undurable.TryPeek(out var next) && next.SequenceNr <= sequenceNr)
        {
            HighWatermark = next.EndOffset;
            _undurable.Dequeue();
        }
        return HighWatermark > before;
    }

    /// <summary>The state after <see cref="AppliedSequenceNr"/>. It may be saved only once that event is durable, under that sequence number.</summary>
    public PartitionSnapshot ToSnapshot() => new()
    {
        SequenceNr = AppliedSequenceNr,
        LogStartOffset = LogStartOffset,
        LogEndOffset = LogEndOffset,
        LeaderEpoch = LeaderEpoch,
        EndPosition = _index.EndPosition,
        Configuration = Configuration,
        Epochs = [.. _epochs.History],
        Index = [.. _index.Entries],
        Producers = _producers.ToSnapshot(),
        Activity = _producers.Marks,
        Aborted = Aborted,
    };

    /// <summary>The machine of a saved snapshot.</summary>
    public static PartitionMachine From(PartitionSnapshot snapshot, PartitionLimits? limits = null) => new(snapshot, limits);

    /// <summary>A snapshot was taken and waits to be saved: <see cref="SnapshotDue"/> counts anew.</summary>
    public void SnapshotTaken()
    {
        _bytesSinceSnapshot = 0;
        _eventsSinceSnapshot = 0;
        _startPositionAtSnapshot = _startPosition;
    }

    /// <summary>A snapshot is saved: events up to it may be deleted when the log's start has passed them.</summary>
    public void SnapshotSaved(long sequenceNr) => SavedSnapshotSequenceNr = Math.Max(SavedSnapshotSequenceNr, sequenceNr);

    /// <summary>The events up to this sequence number are deleted from the journal.</summary>
    public void Deleted(long toSequenceNr)
    {
        _deletedThrough = Math.Max(_deletedThrough, toSequenceNr);
        _index.DropThrough(toSequenceNr);
    }

    private void ApplyBatch(BatchAppended appended, long sequenceNr)
    {
        var header = appended.Header;
        if (header.BaseOffset != LogEndOffset)
            throw new BrokenInvariantException($"Batch {sequenceNr} begins at offset {header.BaseOffset}, the log ends at {LogEndOffset}.");
        _index.Add(header.BaseOffset, sequenceNr, appended.Batch.Length, header.MaxTimestamp, startStretch: LogStartOffset == LogEndOffset);
        if (header.HasProducerId)
            _producers.Add(header, sequenceNr);
        LogEndOffset = header.NextOffset;
        _undurable.Enqueue((sequenceNr, LogEndOffset));
        _bytesSinceSnapshot += appended.Batch.Length;
    }

    /// <summary>Bytes before the stretch in which the log starts.</summary>
    private long StartPosition() => LogStartOffset == LogEndOffset ? _index.EndPosition
        : _index.Floor(LogStartOffset) is >= 0 and var floor ? _index.Entries[floor].Position : 0;

    /// <summary>The decision with the next leader epoch before its events, in the same atomic write: for a partition that started read-only.</summary>
    public Decision UnderNextEpoch(Decision decision) => new()
    {
        Events = [NextEpoch(), .. decision.Events],
        Reply = decision.Reply,
        Released = decision.Released,
        Timers = decision.Timers,
        Change = decision.Change,
    };

    private LeaderEpochStarted NextEpoch() => new(LeaderEpoch + 1, LogEndOffset);

    private static PartitionSnapshot Empty(TopicConfiguration configuration) => new()
    {
        SequenceNr = 0,
        LogStartOffset = 0,
        LogEndOffset = 0,
        LeaderEpoch = -1,
        EndPosition = 0,
        Configuration = configuration,
        Epochs = [],
        Index = [],
        Producers = [],
        Activity = [],
        Aborted = [],
    };
}

/// <summary>Nothing after an event had been written at a time.</summary>
internal sealed record ProducerActivityMarked(long Time, long SequenceNr, long ForgetBefore) : IVolatileChange;
