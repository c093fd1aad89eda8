using Actors.Protocol.Records.Codecs;

namespace Actors.Protocol.Records;

/// <summary>
/// Makes one record batch of magic 2. Records are appended one after the other; <see cref="Build"/> gives the bytes in an array of their own, exactly sized.
/// After <see cref="Reset"/> the builder and its memory serve for the next batch.
/// </summary>
public sealed class RecordBatchBuilder : IDisposable
{
    private readonly PooledBuffer _records = new();
    private PooledBuffer? _compressed;
    private int _count;
    private int _lastOffsetDelta = -1;
    private long _baseTimestamp;
    private long _maxTimestamp;

    /// <param name="compression">How the records are compressed.</param>
    /// <param name="level">The codec's own level (gzip 1 to 9, lz4 1 to 12, zstd 1 to 22); null for its default.</param>
    public RecordBatchBuilder(Compression compression = Compression.None, int? level = null)
    {
        if (compression > Compression.Zstd) throw new ArgumentOutOfRangeException(nameof(compression), compression, "Not a compression that can be written.");
        Compression = compression;
        Level = level;
    }

    public Compression Compression { get; }

    public int? Level { get; }

    /// <summary>The first record's offset; a producer leaves 0 and the broker sets it.</summary>
    public long BaseOffset { get; set; }

    public int PartitionLeaderEpoch { get; set; } = -1;

    /// <summary>-1 when the producer is not idempotent.</summary>
    public long ProducerId { get; set; } = -1;

    public short ProducerEpoch { get; set; } = -1;

    /// <summary>The first record's sequence number.</summary>
    public int BaseSequence { get; set; } = -1;

    public bool IsTransactional { get; set; }

    public bool IsControl { get; set; }

    /// <summary>Records appended so far.</summary>
    public int Count => _count;

    /// <summary>The batch's bytes, header included, before compression.</summary>
    public int UncompressedSize => BatchHeader.Size + _records.Length;

    /// <summary>An upper bound of what a record adds to <see cref="UncompressedSize"/>.</summary>
    public static int MaxRecordSize(int keyLength, int valueLength, ReadOnlySpan<RecordHeader> headers = default)
    {
        var size = 1L + 5 * Varint.MaxBytes32 + Varint.MaxBytes64 + Math.Max(keyLength, 0) + Math.Max(valueLength, 0);
        foreach (var header in headers) size += 2L * Varint.MaxBytes32 + header.Utf8Key.Length + (header.Value?.Length ?? 0);
        return checked((int)size);
    }

    /// <summary>Appends a record at the next offset. The timestamp is in milliseconds since 1970 UTC, -1 for none.</summary>
    public void Append(long timestamp, byte[]? key, byte[]? value, ReadOnlySpan<RecordHeader> headers = default) =>
        Append(timestamp, NullableBytes.Of(key), NullableBytes.Of(value), headers);

    /// <inheritdoc cref="Append(long, byte[], byte[], ReadOnlySpan{RecordHeader})"/>
    public void Append(long timestamp, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, ReadOnlySpan<RecordHeader> headers = default) =>
        AppendAt(_lastOffsetDelta + 1, timestamp, key, value, headers);

    /// <summary>Appends a record at an offset of its own, counted from the base offset and greater than the last one's: compaction leaves gaps.</summary>
    public void AppendAt(int offsetDelta, long timestamp, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, ReadOnlySpan<RecordHeader> headers = default)
    {
        if (offsetDelta <= _lastOffsetDelta) throw new ArgumentOutOfRangeException(nameof(offsetDelta), offsetDelta, $"The last record's is {_lastOffsetDelta}.");
        if (_count == 0)
        {
            _baseTimestamp = timestamp;
            _maxTimestamp = timestamp;
        }

        var timestampDelta = timestamp - _baseTimestamp;
        var bodySize = BodySize(timestampDelta, offsetDelta, key, value, headers);
        var room = _records.GetSpan(checked(Varint.MaxBytes32 + bodySize));
        var at = Varint.WriteSigned(room, bodySize);
        room[at++] = 0;
        at += Varint.WriteSigned(room[at..], timestampDelta);
        at += Varint.WriteSigned(room[at..], offsetDelta);
        at += WriteNullable(room[at..], key);
        at += WriteNullable(room[at..], value);
        at += Varint.WriteSigned(room[at..], headers.Length);
        foreach (var header in headers)
        {
            at += WriteNullable(room[at..], header.Utf8Key);
            at += WriteNullable(room[at..], header.Value);
        }

        _records.Advance(at);
        _maxTimestamp = Math.Max(_maxTimestamp, timestamp);
        _lastOffsetDelta = offsetDelta;
        _count++;
    }

    /// <summary>The whole batch with its CRC, in an array of exactly its size.</summary>
    /// <param name="lastOffsetDelta">The last offset counted from the base offset, when it is not the last record's: compaction keeps the old batch's.</param>
    public byte[] Build(int? lastOffsetDelta = null)
    {
        if (lastOffsetDelta < _lastOffsetDelta) throw new ArgumentOutOfRangeException(nameof(lastOffsetDelta), lastOffsetDelta, "A record lies beyond it.");
        if (_count == 0 && lastOffsetDelta is null) throw new InvalidOperationException("A batch without records needs the last offset it stands for.");
        var records = Compressed();
        var batch = GC.AllocateUninitializedArray<byte>(checked(BatchHeader.Size + records.Length));
        records.CopyTo(batch.AsSpan(BatchHeader.Size));
        var header = new BatchHeader
        {
            BaseOffset = BaseOffset,
            BatchLength = batch.Length - BatchHeader.LengthOverhead,
            PartitionLeaderEpoch = PartitionLeaderEpoch,
            Magic = BatchHeader.CurrentMagic,
            Attributes = Attributes(),
            LastOffsetDelta = lastOffsetDelta ?? _lastOffsetDelta,
            BaseTimestamp = _count == 0 ? -1 : _baseTimestamp,
            MaxTimestamp = _count == 0 ? -1 : _maxTimestamp,
            ProducerId = ProducerId,
            ProducerEpoch = ProducerEpoch,
            BaseSequence = BaseSequence,
            RecordCount = _count,
        };
        header.WriteTo(batch);
        (header with { Crc = RecordBatch.ComputeCrc(batch) }).WriteTo(batch);
        return batch;
    }

    /// <summary>Forgets the records; the other fields stay.</summary>
    public void Reset()
    {
        _records.Truncate();
        _count = 0;
        _lastOffsetDelta = -1;
    }

    public void Dispose()
    {
        _records.Dispose();
        _compressed?.Dispose();
    }

    private ReadOnlySpan<byte> Compressed()
    {
        if (Compression == Compression.None || _count == 0) return _records.Written;
        _compressed ??= new PooledBuffer();
        _compressed.Truncate();
        Codec.Compress(Compression, _records.Written, _compressed, Level);
        return _compressed.Written;
    }

    private short Attributes()
    {
        var attributes = (short)Compression;
        if (IsTransactional) attributes |= BatchHeader.TransactionalFlag;
        if (IsControl) attributes |= BatchHeader.ControlFlag;
        return attributes;
    }

    private static int BodySize(long timestampDelta, int offsetDelta, ReadOnlyMemory<byte>? key, ReadOnlyMemory<byte>? value, ReadOnlySpan<RecordHeader> headers)
    {
        var size = 1L + Varint.SizeSigned(timestampDelta) + Varint.SizeSigned(offsetDelta) + NullableSize(key) + NullableSize(value) + Varint.SizeSigned(headers.Length);
        foreach (var header in headers) size += NullableSize(header.Utf8Key) + NullableSize(header.Value);
        return checked((int)size);
    }

    private static long NullableSize(ReadOnlyMemory<byte>? bytes) => bytes is { } present ? Varint.SizeSigned(present.Length) + (long)present.Length : 1;

    private static int WriteNullable(Span<byte> target, ReadOnlyMemory<byte>? bytes)
    {
        if (bytes is not { } present) return Varint.WriteSigned(target, -1);
        var at = Varint.WriteSigned(target, present.Length);
        present.Span.CopyTo(target[at..]);
        return at + present.Length;
    }
}
