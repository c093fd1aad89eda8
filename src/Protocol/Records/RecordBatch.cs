using System.Buffers.Binary;

namespace Actors.Protocol.Records;

/// <summary>What is done to a record batch of magic 2 in place: its check, its CRC, and the fields a broker sets. Spans begin with the batch's first byte.</summary>
public static class RecordBatch
{
    /// <summary>The smallest length a set of any magic can have; Kafka refuses less before it looks at the magic.</summary>
    private const int SmallestBatchLength = 14;

    /// <summary>Sets the first record's offset; the CRC does not cover it.</summary>
    public static void SetBaseOffset(Span<byte> batch, long baseOffset) => BinaryPrimitives.WriteInt64BigEndian(batch, baseOffset);

    /// <summary>Sets the epoch of the leader that appends; the CRC does not cover it.</summary>
    public static void SetPartitionLeaderEpoch(Span<byte> batch, int epoch) =>
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchHeader.PartitionLeaderEpochAt..], epoch);

    /// <summary>Stamps the batch with the broker's time (milliseconds since 1970 UTC) and computes the CRC again. The span must hold the whole batch.</summary>
    public static void SetLogAppendTime(Span<byte> batch, long milliseconds) => SetMaxTimestamp(batch, TimestampType.LogAppendTime, milliseconds);

    /// <summary>Sets whose time the records carry and the greatest of them (milliseconds since 1970 UTC), and computes the CRC again. The span must hold the whole batch.</summary>
    public static void SetMaxTimestamp(Span<byte> batch, TimestampType type, long milliseconds)
    {
        var attributes = BinaryPrimitives.ReadInt16BigEndian(batch[BatchHeader.AttributesAt..]);
        attributes = (short)(type == TimestampType.LogAppendTime ? attributes | BatchHeader.LogAppendTimeFlag : attributes & ~BatchHeader.LogAppendTimeFlag);
        BinaryPrimitives.WriteInt16BigEndian(batch[BatchHeader.AttributesAt..], attributes);
        BinaryPrimitives.WriteInt64BigEndian(batch[BatchHeader.MaxTimestampAt..], milliseconds);
        BinaryPrimitives.WriteUInt32BigEndian(batch[BatchHeader.CrcAt..], ComputeCrc(batch));
    }

    /// <summary>
    /// Whether the span begins with one whole, undamaged batch: its length, magic, then CRC-32C, in the order Kafka's broker looks.
    /// Bytes after the batch are not looked at, its records neither.
    /// </summary>
    public static ErrorCode Check(ReadOnlySpan<byte> batch)
    {
        var frame = CheckFrame(batch, out var size);
        if (frame != ErrorCode.None) return frame;
        return size >= BatchHeader.Size && StoredCrc(batch) == ComputeCrc(batch) ? ErrorCode.None : ErrorCode.CorruptMessage;
    }

    /// <summary>The CRC-32C that the batch should carry. The span must hold the whole batch; bytes after it are not counted.</summary>
    public static uint ComputeCrc(ReadOnlySpan<byte> batch)
    {
        var size = BinaryPrimitives.ReadInt32BigEndian(batch[BatchHeader.BatchLengthAt..]) + BatchHeader.LengthOverhead;
        return Crc32C.Compute(batch[BatchHeader.AttributesAt..size]);
    }

    /// <summary>
    /// Takes the next whole batch off the front of a run of batches, as Fetch answers with; false at the end and at a batch that is cut off there, as Kafka's may be.
    /// </summary>
    /// <exception cref="CorruptRecordsException">What comes next is no batch of magic 2.</exception>
    public static bool TryTake(ref ReadOnlyMemory<byte> batches, out ReadOnlyMemory<byte> batch, out BatchHeader header)
    {
        var error = CheckFrame(batches.Span, out var size);
        if (error == ErrorCode.CorruptMessage || (error == ErrorCode.None && size < BatchHeader.Size))
            throw new CorruptRecordsException("A record batch's length or magic is not one of magic 2.");
        if (error != ErrorCode.None)
        {
            batch = default;
            header = default;
            return false;
        }

        if (batches.Span[BatchHeader.MagicAt] != BatchHeader.CurrentMagic)
            throw new CorruptRecordsException($"A record batch of magic {batches.Span[BatchHeader.MagicAt]} is not supported.");
        BatchHeader.TryRead(batches.Span, out header);
        batch = batches[..size];
        batches = batches[size..];
        return true;
    }

    /// <summary>
    /// What Kafka's ByteBufferLogInputStream does: INVALID_RECORD where it finds no (whole) batch, CORRUPT_MESSAGE where the length or magic cannot be.
    /// Magic 0 and 1 pass; a size below that of magic 2's header too.
    /// </summary>
    internal static ErrorCode CheckFrame(ReadOnlySpan<byte> batch, out int size)
    {
        size = 0;
        if (batch.Length < BatchHeader.LengthOverhead) return ErrorCode.InvalidRecord;
        var length = BinaryPrimitives.ReadInt32BigEndian(batch[BatchHeader.BatchLengthAt..]);
        if (length is < SmallestBatchLength or > int.MaxValue - BatchHeader.LengthOverhead) return ErrorCode.CorruptMessage;
        if (batch.Length <= BatchHeader.MagicAt) return ErrorCode.InvalidRecord;
        if (batch[BatchHeader.MagicAt] > BatchHeader.CurrentMagic) return ErrorCode.CorruptMessage;
        if (batch.Length - BatchHeader.LengthOverhead < length) return ErrorCode.InvalidRecord;
        size = length + BatchHeader.LengthOverhead;
        return ErrorCode.None;
    }

    private static uint StoredCrc(ReadOnlySpan<byte> batch) => BinaryPrimitives.ReadUInt32BigEndian(batch[BatchHeader.CrcAt..]);
}
