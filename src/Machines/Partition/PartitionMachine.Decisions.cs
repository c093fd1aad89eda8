using Actors.Protocol;
using Actors.Protocol.Records;

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

    private Decision DecideAppend(AppendBatch append, long now)
    {
        var header = append.Header;
        if (CheckBatch(append.Batch, header, now) is { } refused)
            return Decision.Answer(refused);
        if (header.HasProducerId)
        {
            if (_producers.Duplicate(header) is { } first)
                return Decision.Answer(new AppendReply(ErrorCode.None, first.BaseOffset,
                    Configuration.TimestampType == TimestampType.LogAppendTime ? first.Timestamp : -1, LogStartOffset));
            var (error, message) = _producers.Check(header, LogEndOffset);
            if (error != ErrorCode.None)
                return Decision.Answer(Refusal(error, message));
        }

        var epoch = append.StartLeaderEpoch ? LeaderEpoch + 1 : LeaderEpoch;
        RecordBatch.SetBaseOffset(append.Batch, LogEndOffset);
        RecordBatch.SetPartitionLeaderEpoch(append.Batch, epoch);
        var stamped = Configuration.TimestampType == TimestampType.LogAppendTime;
        if (stamped)
            RecordBatch.SetLogAppendTime(append.Batch, now);
        var appended = BatchAppended.Of(append.Batch);
        return new Decision
        {
            Events = append.StartLeaderEpoch ? [NextEpoch(), appended] : [appended],
            Reply = new AppendReply(ErrorCode.None, LogEndOffset, stamped ? now : -1, LogStartOffset),
        };
    }

    /// <summary>What Kafka's log checks of a client's batch, in its order and words.</summary>
    private AppendReply? CheckBatch(byte[] batch, in BatchHeader header, long now)
    {
        if (header.TotalSize != batch.Length)
            return Refusal(ErrorCode.CorruptMessage, $"A record batch of {header.TotalSize} bytes came in {batch.Length} bytes.");
        if (header.Magic != BatchHeader.CurrentMagic)
            return Refusal(ErrorCode.InvalidRecord, $"Only record batches of magic {BatchHeader.CurrentMagic} are stored, not of magic {header.Magic}.");
        if (header.BaseOffset != 0)
            return Refusal(ErrorCode.InvalidRecord, $"The baseOffset of the record batch in the append should be 0, but it is {header.BaseOffset}");
        if (batch.Length > Configuration.MaxMessageBytes)
            return Refusal(ErrorCode.MessageTooLarge, $"The record batch size in the append is {batch.Length} bytes which exceeds the maximum configured value of {Configuration.MaxMessageBytes}.");
        if (header.LastOffsetDelta < 0)
            return Refusal(ErrorCode.InvalidRecord, $"Batch has an invalid offset range: [0, {header.LastOffsetDelta}]");
        if (header.RecordCount <= 0)
            return Refusal(ErrorCode.InvalidRecord, $"Invalid reported count for record batch: {header.RecordCount}");
        if (header.LastOffsetDelta + 1L != header.RecordCount)
            return Refusal(ErrorCode.InvalidRecord, $"Inconsistent batch offset range [0, {header.LastOffsetDelta}] and count of records {header.RecordCount}");
        if (header.IsControl)
            return Refusal(ErrorCode.InvalidRecord, "Clients are not allowed to write control records");
        if (header.HasProducerId && (header.BaseSequence < 0 || header.ProducerEpoch < 0))
            return Refusal(ErrorCode.InvalidRecord, $"Invalid sequence number {header.BaseSequence} in record batch with producerId {header.ProducerId}");
        if (header.IsTransactional)
            return Refusal(ErrorCode.InvalidTxnState, "Record was not part of an ongoing transaction");
        if (CheckTimestamps(header, now) is { } message)
            return Refusal(ErrorCode.InvalidTimestamp, message);
        if (batch.Length > Configuration.SegmentBytes)
            return Refusal(ErrorCode.RecordListTooLarge, $"Message batch size is {batch.Length} bytes in append which exceeds the maximum configured segment size of {Configuration.SegmentBytes}.");
        return null;
    }

    private string? CheckTimestamps(in BatchHeader header, long now)
    {
        if (header.TimestampType == TimestampType.LogAppendTime)
            return "Invalid timestamp type in message. Producer should not set timestamp type to LogAppendTime.";
        if (Configuration.TimestampType == TimestampType.LogAppendTime)
            return null;
        if (IsOutOfRange(header.MaxTimestamp, now) is { } max)
            return max;
        return IsOutOfRange(header.BaseTimestamp, now);
    }

    private string? IsOutOfRange(long timestamp, long now)
    {
        if (timestamp < 0)
            return null;
        var age = now - timestamp;
        var earliest = Math.Max(0, now - Math.Min(now, Configuration.TimestampBeforeMaxMs));
        var latest = Configuration.TimestampAfterMaxMs > long.MaxValue - now ? long.MaxValue : now + Configuration.TimestampAfterMaxMs;
        return age > 0 && age > Configuration.TimestampBeforeMaxMs || age < 0 && -age > Configuration.TimestampAfterMaxMs
            ? $"Timestamp {timestamp} of message is out of range. The timestamp should be within [{earliest}, {latest}]"
            : null;
    }

    private AppendReply Refusal(ErrorCode error, string? message) => new(error, -1, -1, LogStartOffset, message);

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
