using Actors.Protocol.Records.Codecs;

namespace Actors.Protocol.Records;

/// <summary>
/// Enumerates the records of one batch, decompressing them first where needed, into a pooled buffer that <see cref="Dispose"/> gives back.
/// Nothing is allocated per record. The CRC is not looked at: <see cref="RecordBatch.Check"/> does that.
/// </summary>
public ref struct RecordBatchReader : IDisposable
{
    /// <summary>The bound on a batch's decompressed bytes unless another is given: 256 MiB.</summary>
    public const int DefaultMaxDecompressedBytes = 256 << 20;

    private readonly PooledBuffer? _decompressed;
    private readonly ReadOnlyMemory<byte> _records;

    /// <summary>The same bytes: asking memory for its span at each record costs more than the record's varints.</summary>
    private readonly ReadOnlySpan<byte> _bytes;
    private int _position;
    private int _read;

    /// <exception cref="CorruptRecordsException">The memory does not begin with a whole batch of magic 2, or its records do not decompress within the bound.</exception>
    public RecordBatchReader(ReadOnlyMemory<byte> batch, int maxDecompressedBytes = DefaultMaxDecompressedBytes)
    {
        if (!RecordBatch.TryTake(ref batch, out var whole, out var header)) throw new CorruptRecordsException("The record batch is cut off.");
        Header = header;
        _records = whole[BatchHeader.Size..];
        _bytes = _records.Span;
        if (header.RecordCount < 0) throw new CorruptRecordsException($"A record batch cannot hold {header.RecordCount} records.");
        if (header.Compression == Compression.None || header.RecordCount == 0) return;

        _decompressed = new PooledBuffer(maxDecompressedBytes);
        try
        {
            Codec.Decompress(header.Compression, _records.Span, _decompressed);
        }
        catch
        {
            _decompressed.Dispose();
            throw;
        }

        _records = _decompressed.WrittenMemory;
        _bytes = _records.Span;
    }

    public BatchHeader Header { get; }

    public Record Current { get; private set; }

    /// <summary>For foreach, which disposes the reader at its end.</summary>
    public readonly RecordBatchReader GetEnumerator() => this;

    /// <summary>Goes to the next record; false after the last one.</summary>
    /// <exception cref="CorruptRecordsException">The records are not what the header or their own lengths say.</exception>
    public bool MoveNext()
    {
        if (_decompressed is { Length: 0 } && Header.RecordCount > 0) ThrowEmptyOrDisposed();
        if (_read == Header.RecordCount)
        {
            if (Header.RecordCount > 0 && _position != _bytes.Length) throw Corrupt("bytes follow the last record");
            return false;
        }

        if (!Varint.TryReadSigned(_bytes, ref _position, out int length)) throw Corrupt("there is no length");
        if (length < 0 || length > _bytes.Length - _position) throw Corrupt($"a length of {length} bytes is not among the {_bytes.Length - _position} left");
        Current = ReadBody(_position, length);
        _position += length;
        _read++;
        return true;
    }

    /// <summary>Gives the decompressed bytes back; records and their memory are invalid afterwards.</summary>
    public readonly void Dispose() => _decompressed?.Dispose();

    private readonly void ThrowEmptyOrDisposed()
    {
        ObjectDisposedException.ThrowIf(!_records.IsEmpty, typeof(RecordBatchReader));
        throw Corrupt("nothing is left after decompression");
    }

    private readonly Record ReadBody(int start, int length)
    {
        const int attributesSize = 1;
        var bytes = _bytes.Slice(start, length);
        var position = attributesSize;
        if (bytes.IsEmpty) throw Corrupt("it is empty");
        if (!Varint.TryReadSigned(bytes, ref position, out long timestampDelta)) throw Corrupt("the timestamp is cut off");
        if (!Varint.TryReadSigned(bytes, ref position, out int offsetDelta)) throw Corrupt("the offset is cut off");
        var keyLength = Skip(bytes, ref position, "key");
        var keyEnd = start + position;
        var valueLength = Skip(bytes, ref position, "value");
        var valueEnd = start + position;
        if (!Varint.TryReadSigned(bytes, ref position, out int headerCount)) throw Corrupt("the number of headers is cut off");
        var headers = position;
        if (headerCount != 0) WalkHeaders(bytes, ref position, headerCount);
        if (position != length) throw Corrupt("its length is more than its fields take");
        return new Record(
            _records,
            Header.BaseOffset + offsetDelta,
            Header.TimestampType == TimestampType.LogAppendTime ? Header.MaxTimestamp : Header.BaseTimestamp + timestampDelta,
            (keyEnd, keyLength),
            (valueEnd, valueLength),
            (start + headers, start + length, headerCount));
    }

    private readonly void WalkHeaders(ReadOnlySpan<byte> bytes, ref int position, int count)
    {
        if (count < 0 || count > bytes.Length - position) throw Corrupt($"it cannot have {count} headers");
        for (var index = 0; index < count; index++)
        {
            if (Skip(bytes, ref position, "header's key") < 0) throw Corrupt("a header's key is null");
            Skip(bytes, ref position, "header's value");
        }
    }

    /// <summary>Steps over bytes behind their length, and returns it; a negative one stands for null, as in Kafka.</summary>
    private readonly int Skip(ReadOnlySpan<byte> bytes, ref int position, string what)
    {
        if (!Varint.TryReadSigned(bytes, ref position, out int length)) throw Corrupt($"the {what}'s length is cut off");
        if (length > bytes.Length - position) throw Corrupt($"the {what} of {length} bytes is not among the {bytes.Length - position} left");
        if (length > 0) position += length;
        return length;
    }

    private readonly CorruptRecordsException Corrupt(string why) => new($"Record {_read} of {Header.RecordCount} in the batch at offset {Header.BaseOffset}: {why}.");
}
