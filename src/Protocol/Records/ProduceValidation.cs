namespace Actors.Protocol.Records;

/// <summary>
/// What a broker demands of one partition's records in a Produce request (version 3 or later) before it appends them, as far as the batch's header shows it,
/// in the order Apache Kafka 3.9 looks (ProduceRequest.validateRecords, UnifiedLog.analyzeAndValidateRecords, LogValidator). The records themselves are <see cref="RecordWalk"/>'s.
/// </summary>
public static class ProduceValidation
{
    private const short FirstVersionWithZstd = 7;

    /// <summary>
    /// None, or the error the partition is answered with: INVALID_RECORD (nothing, more than one batch, an older magic, counts that disagree, a control batch),
    /// CORRUPT_MESSAGE (length, magic, CRC), UNSUPPORTED_COMPRESSION_TYPE (zstd before version 7, codecs 5 to 7), MESSAGE_TOO_LARGE, INVALID_TIMESTAMP.
    /// Fewer than 12 bytes after the batch are let pass, as Kafka does: see <see cref="BatchOf"/>.
    /// </summary>
    /// <param name="records">The field as it was read.</param>
    /// <param name="version">The request's version.</param>
    /// <param name="timestampType">The topic's message.timestamp.type.</param>
    /// <param name="maxBatchBytes">The topic's max.message.bytes.</param>
    public static ErrorCode Check(
        RecordSet? records, short version, TimestampType timestampType = TimestampType.CreateTime, int maxBatchBytes = int.MaxValue)
    {
        if (records is null) return ErrorCode.InvalidRecord;
        var bytes = records.ToMemory().Span;
        var frame = RecordBatch.CheckFrame(bytes, out var size);
        if (frame != ErrorCode.None) return frame;

        if (bytes[BatchHeader.MagicAt] != BatchHeader.CurrentMagic) return ErrorCode.InvalidRecord;
        // Kafka reads the codec before it knows that the header is whole; the smallest length covers the attributes.
        var codec = (Compression)(bytes[BatchHeader.AttributesAt + 1] & BatchHeader.CompressionMask);
        if (codec == Compression.Zstd && version < FirstVersionWithZstd) return ErrorCode.UnsupportedCompressionType;
        var more = RecordBatch.CheckFrame(bytes[size..], out _);
        if (more == ErrorCode.None) return ErrorCode.InvalidRecord;
        if (more == ErrorCode.CorruptMessage) return more;

        var batch = bytes[..size];
        if (!BatchHeader.TryRead(batch, out var header)) return ErrorCode.CorruptMessage;
        if (header.BaseOffset != 0) return ErrorCode.InvalidRecord;
        if (size > maxBatchBytes) return ErrorCode.MessageTooLarge;
        if (header.Crc != RecordBatch.ComputeCrc(batch)) return ErrorCode.CorruptMessage;
        return CheckHeader(header, timestampType);
    }

    /// <summary>The batch that was checked, exactly: the records' own array when nothing follows the batch.</summary>
    public static byte[] BatchOf(RecordSet records)
    {
        var bytes = records.ToArray();
        return RecordBatch.CheckFrame(bytes, out var size) == ErrorCode.None && size < bytes.Length ? bytes[..size] : bytes;
    }

    private static ErrorCode CheckHeader(in BatchHeader header, TimestampType timestampType)
    {
        // Kafka has no code of its own for this; its answer, UNKNOWN_SERVER_ERROR, tells a client nothing.
        if (header.Compression > Compression.Zstd) return ErrorCode.UnsupportedCompressionType;
        if (header.RecordCount <= 0 || header.LastOffsetDelta != header.RecordCount - 1) return ErrorCode.InvalidRecord;
        if (header.IsControl) return ErrorCode.InvalidRecord;
        if (header.HasProducerId && header.BaseSequence < 0) return ErrorCode.InvalidRecord;
        var stampedByClient = header.TimestampType == TimestampType.LogAppendTime;
        return stampedByClient && (timestampType == TimestampType.LogAppendTime || header.MaxTimestamp == -1) ? ErrorCode.InvalidTimestamp : ErrorCode.None;
    }
}
