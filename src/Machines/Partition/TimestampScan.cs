using Actors.Protocol.Records;

namespace Actors.Machines;

/// <summary>A record found by its time.</summary>
public readonly record struct TimestampedOffset(long Timestamp, long Offset, int LeaderEpoch);

/// <summary>Finds the record a <see cref="TimestampSearch"/> asks for among the batches of its ranges, shown in order.</summary>
public sealed class TimestampScan(TimestampSearch search)
{
    /// <summary>What was found so far; null: nothing.</summary>
    public TimestampedOffset? Found { get; private set; }

    /// <summary>Looks at the next batch.</summary>
    /// <returns>True when no further batch can change what was found.</returns>
    public bool Add(ReadOnlyMemory<byte> batch)
    {
        if (!BatchHeader.TryRead(batch.Span, out var header) || header.LastOffset < search.FromOffset || header.MaxTimestamp < (search.Timestamp ?? 0))
            return false;
        if (header.BaseOffset >= search.EndOffset)
            return true;
        if (search.Timestamp is null && header.MaxTimestamp <= Found?.Timestamp)
            return false;
        try
        {
            using var reader = new RecordBatchReader(batch);
            foreach (var record in reader)
                if (Consider(record.Timestamp, record.Offset, header))
                    return true;
        }
        catch (CorruptRecordsException)
        {
            // A client's batch whose records do not decompress was stored as it came: its header is all there is.
            return Consider(header.MaxTimestamp, Math.Max(header.BaseOffset, search.FromOffset), header);
        }
        return false;
    }

    private bool Consider(long timestamp, long offset, in BatchHeader header)
    {
        if (offset < search.FromOffset || offset >= search.EndOffset)
            return false;
        if (search.Timestamp is { } wanted ? timestamp < wanted : timestamp <= (Found?.Timestamp ?? -1))
            return false;
        Found = new TimestampedOffset(timestamp, offset, header.PartitionLeaderEpoch);
        return search.Timestamp is not null;
    }
}
