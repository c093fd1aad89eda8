namespace Actors.Protocol.Records;

/// <summary>One record as a consumer sees it. Its memory belongs to the batch, or to the <see cref="RecordBatchReader"/> that decompressed it: copy what must outlive them.</summary>
public readonly struct Record
{
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly int _keyEnd;
    private readonly int _keyLength;
    private readonly int _valueEnd;
    private readonly int _valueLength;
    private readonly int _headersStart;
    private readonly int _headersEnd;
    private readonly int _headerCount;

    /// <summary>Places in the bytes rather than slices of them: most records are asked for one or two only.</summary>
    internal Record(ReadOnlyMemory<byte> bytes, long offset, long timestamp, (int End, int Length) key, (int End, int Length) value, (int Start, int End, int Count) headers)
    {
        _bytes = bytes;
        Offset = offset;
        Timestamp = timestamp;
        (_keyEnd, _keyLength) = key;
        (_valueEnd, _valueLength) = value;
        (_headersStart, _headersEnd, _headerCount) = headers;
    }

    public long Offset { get; }

    /// <summary>Milliseconds since 1970 UTC, -1 for none; the batch's append time under <see cref="TimestampType.LogAppendTime"/>.</summary>
    public long Timestamp { get; }

    public ReadOnlyMemory<byte>? Key => SliceBefore(_keyEnd, _keyLength);

    /// <summary>Null is a tombstone.</summary>
    public ReadOnlyMemory<byte>? Value => SliceBefore(_valueEnd, _valueLength);

    public RecordHeaders Headers => new(_bytes[_headersStart.._headersEnd], _headerCount);

    // A bare null would become an empty memory here, by way of byte[].
    private ReadOnlyMemory<byte>? SliceBefore(int end, int length) => length < 0 ? default(ReadOnlyMemory<byte>?) : _bytes.Slice(end - length, length);
}
