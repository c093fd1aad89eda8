using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Machines;

public sealed partial class PartitionMachine
{
    private Decision DecideAppend(AppendBatch append, long now)
    {
        var header = append.Header;
        if ((CheckBatch(append.Batch, header) ?? CheckRecords(append, now)) is { } refused)
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
        var maxTimestamp = append.Walked is { } walked ? walked.MaxTimestamp : header.MaxTimestamp;
        if (stamped)
            RecordBatch.SetLogAppendTime(append.Batch, now);
        else if (maxTimestamp != header.MaxTimestamp || header.TimestampType != TimestampType.CreateTime)
            RecordBatch.SetMaxTimestamp(append.Batch, TimestampType.CreateTime, maxTimestamp);
        var appended = BatchAppended.Of(append.Batch);
        return new Decision
        {
            Events = append.StartLeaderEpoch ? [NextEpoch(), appended] : [appended],
            Reply = new AppendReply(ErrorCode.None, LogEndOffset, stamped ? now : -1, LogStartOffset),
        };
    }

    /// <summary>What Kafka's log checks of a client's batch, in its order and words.</summary>
    private AppendReply? CheckBatch(byte[] batch, in BatchHeader header)
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
        if (batch.Length > Configuration.SegmentBytes)
            return Refusal(ErrorCode.RecordListTooLarge, $"Message batch size is {batch.Length} bytes in append which exceeds the maximum configured segment size of {Configuration.SegmentBytes}.");
        return null;
    }

    /// <summary>Keys where the topic is compacted, and times.</summary>
    private AppendReply? CheckRecords(AppendBatch append, long now)
    {
        var header = append.Header;
        var stampedByLog = Configuration.TimestampType == TimestampType.LogAppendTime;
        if (header.TimestampType == TimestampType.LogAppendTime && (stampedByLog || header.MaxTimestamp == -1))
            return Refusal(ErrorCode.InvalidTimestamp, "Invalid timestamp type in message. Producer should not set timestamp type to LogAppendTime.");
        if (append.Walked is { } walked)
            return Configuration.CleanupCompact && walked.Keyless > 0 || !stampedByLog && (IsOutOfRange(walked.MaxTimestamp, now) || IsOutOfRange(walked.MinTimestamp, now))
                ? Reject(append, stampedByLog, now)
                : null;
        if (stampedByLog)
            return null;
        var wrong = IsOutOfRange(header.MaxTimestamp, now) ? header.MaxTimestamp : header.BaseTimestamp;
        return IsOutOfRange(wrong, now) ? Refusal(ErrorCode.InvalidTimestamp, $"Timestamp {wrong} of message is out of range. {Within(now)}") : null;
    }

    /// <summary>Walks again, now that the batch is refused, to tell for which records.</summary>
    private AppendReply Reject(AppendBatch append, bool stampedByLog, long now)
    {
        const int MostToldOf = 1_000;
        const int MostInMessage = 3;

        var rejected = new List<RejectedRecord>();
        int index = -1, count = 0;
        var untimely = false;
        foreach (var record in new RecordBatchReader(append.Batch))
        {
            index++;
            var keyless = Configuration.CleanupCompact && record.Key is null;
            if (!keyless && (stampedByLog || !IsOutOfRange(record.Timestamp, now)))
                continue;
            count++;
            untimely |= !keyless;
            if (rejected.Count < MostToldOf)
                rejected.Add(new RejectedRecord(index, keyless
                    ? $"Compacted topic cannot accept message without key in topic partition {append.Partition}."
                    : $"Timestamp {record.Timestamp} of message with offset {index} is out of range. {Within(now)}"));
        }
        var (error, message) = untimely
            ? (ErrorCode.InvalidTimestamp, "One or more records have been rejected due to invalid timestamp")
            : (ErrorCode.InvalidRecord, $"One or more records have been rejected due to {count} record errors in total, and only showing the first three errors at most: "
                + $"[{string.Join(", ", rejected.Take(MostInMessage))}]");
        return Refusal(error, message) with { Rejected = rejected };
    }

    private bool IsOutOfRange(long timestamp, long now)
    {
        if (timestamp < 0 || timestamp == long.MaxValue)
            return false;
        var age = now - timestamp;
        return age > 0 && age > Configuration.TimestampBeforeMaxMs || age < 0 && -age > Configuration.TimestampAfterMaxMs;
    }

    private string Within(long now)
    {
        var earliest = Math.Max(0, now - Math.Min(now, Configuration.TimestampBeforeMaxMs));
        var latest = Configuration.TimestampAfterMaxMs > long.MaxValue - now ? long.MaxValue : now + Configuration.TimestampAfterMaxMs;
        return $"The timestamp should be within [{earliest}, {latest}]";
    }

    private AppendReply Refusal(ErrorCode error, string? message) => new(error, -1, -1, LogStartOffset, message);
}
