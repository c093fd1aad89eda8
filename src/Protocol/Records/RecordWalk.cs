using Actors.Protocol.Records.Codecs;

namespace Actors.Protocol.Records;

/// <summary>What a walk over a batch's records saw.</summary>
/// <param name="Keyless">How many records have no key.</param>
/// <param name="MinTimestamp">The least of the records' timestamps from 0 on, in milliseconds since 1970 UTC; <see cref="long.MaxValue"/> when none has one.</param>
/// <param name="MaxTimestamp">The greatest one; -1 when none has one.</param>
public readonly record struct WalkedRecords(int Keyless, long MinTimestamp, long MaxTimestamp);

/// <summary>
/// Walks the records of a batch as a broker does before it appends them: lengths, offset deltas from 0 without gaps, varints, the shape of the headers. In place; compressed
/// records are decompressed into a pooled buffer first. Nothing is allocated per record. Source: LogValidator and DefaultRecord of Apache Kafka 3.9.
/// </summary>
public static class RecordWalk
{
    /// <summary>
    /// None, or INVALID_RECORD (also where Kafka trips over itself and answers UNKNOWN_SERVER_ERROR), or UNSUPPORTED_COMPRESSION_TYPE where the codec's library is not installed;
    /// with the reason in words.
    /// </summary>
    /// <param name="batch">Exactly one batch whose header was checked (<see cref="ProduceValidation"/>).</param>
    /// <param name="header">Its header.</param>
    /// <param name="maxDecompressedBytes">Most bytes that its records may have when decompressed.</param>
    /// <param name="walked">What was seen, when there is no error.</param>
    public static (ErrorCode Error, string? Reason) Check(ReadOnlySpan<byte> batch, in BatchHeader header, int maxDecompressedBytes, out WalkedRecords walked)
    {
        walked = default;
        var records = batch[BatchHeader.Size..];
        if (header.Compression == Compression.None)
            return Walk(records, header, out walked);
        using var decompressed = new PooledBuffer(maxDecompressedBytes);
        try
        {
            Codec.Decompress(header.Compression, records, decompressed);
        }
        catch (CorruptRecordsException e)
        {
            return (ErrorCode.InvalidRecord, e.Message);
        }
        catch (DllNotFoundException e)
        {
            return (ErrorCode.UnsupportedCompressionType, e.Message);
        }
        return Walk(decompressed.Written, header, out walked);
    }

    private static (ErrorCode Error, string? Reason) Walk(ReadOnlySpan<byte> bytes, in BatchHeader header, out WalkedRecords walked)
    {
        int position = 0, keyless = 0;
        long min = long.MaxValue, max = -1;
        walked = default;
        for (var index = 0; index < header.RecordCount; index++)
        {
            if (!Varint.TryReadSigned(bytes, ref position, out int length)) return Wrong(index, header, "there is no length");
            if (length < 1 || length > bytes.Length - position) return Wrong(index, header, $"a length of {length} bytes, {bytes.Length - position} are left");
            var reason = WalkOne(bytes.Slice(position, length), index, out var timestampDelta, out var hasKey);
            if (reason is not null) return Wrong(index, header, reason);
            position += length;
            if (!hasKey) keyless++;
            var timestamp = header.BaseTimestamp + timestampDelta;
            // As unsigned numbers those below 0, which are no times, are above every time.
            if ((ulong)timestamp < (ulong)min) min = timestamp;
            if (timestamp > max) max = timestamp;
        }
        if (position != bytes.Length) return Wrong(header.RecordCount, header, $"{bytes.Length - position} bytes follow the last record");
        walked = new WalkedRecords(keyless, min, max);
        return default;
    }

    private static string? WalkOne(ReadOnlySpan<byte> bytes, int index, out long timestampDelta, out bool hasKey)
    {
        const int attributesSize = 1;
        var position = attributesSize;
        hasKey = false;
        if (!Varint.TryReadSigned(bytes, ref position, out timestampDelta)) return "the timestamp is cut off";
        if (!Varint.TryReadSigned(bytes, ref position, out int offsetDelta)) return "the offset is cut off";
        if (offsetDelta != index) return $"its offset delta is {offsetDelta}";
        if (!TrySkip(bytes, ref position, out var keyLength)) return "the key is cut off";
        hasKey = keyLength >= 0;
        if (!TrySkip(bytes, ref position, out _)) return "the value is cut off";
        if (!Varint.TryReadSigned(bytes, ref position, out int headerCount)) return "the number of headers is cut off";
        if (headerCount != 0 && WalkHeaders(bytes, ref position, headerCount) is { } reason) return reason;
        return position == bytes.Length ? null : "its length is not what its fields take";
    }

    private static string? WalkHeaders(ReadOnlySpan<byte> bytes, ref int position, int count)
    {
        if (count < 0 || count > bytes.Length - position) return $"it cannot have {count} headers";
        for (var index = 0; index < count; index++)
        {
            if (!TrySkip(bytes, ref position, out var keyLength)) return "a header's key is cut off";
            if (keyLength < 0) return "a header's key is null";
            if (!TrySkip(bytes, ref position, out _)) return "a header's value is cut off";
        }
        return null;
    }

    /// <summary>Steps over bytes behind their length; a negative length stands for null, as in Kafka.</summary>
    private static bool TrySkip(ReadOnlySpan<byte> bytes, ref int position, out int length)
    {
        if (!Varint.TryReadSigned(bytes, ref position, out length) || length > bytes.Length - position) return false;
        if (length > 0) position += length;
        return true;
    }

    private static (ErrorCode Error, string? Reason) Wrong(int index, in BatchHeader header, string reason) =>
        (ErrorCode.InvalidRecord, $"Record {index} of {header.RecordCount} in the batch: {reason}.");
}
