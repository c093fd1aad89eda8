using Actors.Protocol;

namespace Actors.Machines;

public sealed partial class PartitionMachine
{
    /// <summary>What may be deleted from the journal next: up to this sequence number, at most 64 events or about 16 MiB; null when nothing may.</summary>
    /// <remarks>Only events below the saved snapshot whose records all lie below the log's start. Tell <see cref="Deleted"/> when it is done and ask again.</remarks>
    public long? NextDeletion()
    {
        const int SliceEvents = 64;
        const long SliceBytes = 16 * 1024 * 1024;

        var floor = _index.Floor(LogStartOffset);
        if (floor < 0)
            return null;
        var safe = LogStartOffset == LogEndOffset ? DurableSequenceNr : _index.Entries[floor].SequenceNr - 1;
        safe = Math.Min(safe, SavedSnapshotSequenceNr);
        if (safe <= _deletedThrough)
            return null;
        var to = Math.Min(safe, _deletedThrough + SliceEvents);
        var bySize = _index.LastSequenceNrFor(_index.Entries[0].Position, SliceBytes, to);
        return bySize > _deletedThrough ? bySize : to;
    }

    private Decision DecideDeleteRecords(long offset)
    {
        if (!Configuration.CleanupDelete)
            return Decision.Answer(new DeleteRecordsReply(ErrorCode.PolicyViolation, -1));
        var target = offset == -1 ? HighWatermark : offset;
        if (target < 0 || target > HighWatermark)
            return Decision.Answer(new DeleteRecordsReply(ErrorCode.OffsetOutOfRange, -1));
        if (target <= LogStartOffset)
            return Decision.Answer(new DeleteRecordsReply(ErrorCode.None, LogStartOffset));
        return new Decision { Events = [new LogStartOffsetMoved(target)], Reply = new DeleteRecordsReply(ErrorCode.None, target) };
    }

    /// <summary>Whole stretches go, oldest first, as Kafka's segments do; the last one too when its time is over.</summary>
    private Decision DecideRetention(long now)
    {
        if (!Configuration.CleanupDelete || LogStartOffset == LogEndOffset)
            return Decision.Nothing;
        var start = LogStartOffset;
        var excess = Configuration.RetentionBytes < 0 ? -1 : Size - Configuration.RetentionBytes;
        for (var i = Math.Max(0, _index.Floor(start)); i < _index.Entries.Count; i++)
        {
            var entry = _index.Entries[i];
            var isLast = i + 1 == _index.Entries.Count;
            var (endOffset, endPosition) = isLast ? (LogEndOffset, _index.EndPosition) : (_index.Entries[i + 1].Offset, _index.Entries[i + 1].Position);
            if (endOffset > HighWatermark)
                break;
            var expired = Configuration.RetentionMs >= 0 && entry.MaxTimestamp >= 0 && now - entry.MaxTimestamp > Configuration.RetentionMs;
            var surplus = !isLast && excess - (endPosition - entry.Position) >= 0;
            if (!expired && !surplus)
                break;
            excess -= endPosition - entry.Position;
            start = endOffset;
        }
        return start == LogStartOffset ? Decision.Nothing : new Decision { Events = [new LogStartOffsetMoved(start)] };
    }

    private Decision DecideExpiry(long expirationMs, long now)
    {
        var idle = _producers.IdleSince(now - expirationMs);
        return new Decision
        {
            Events = idle.Count == 0 ? [] : [new ProducersExpired(idle)],
            Change = new ProducerActivityMarked(now, AppliedSequenceNr, now - expirationMs),
        };
    }
}
