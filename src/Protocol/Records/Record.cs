namespace Actors.Protocol.Records;

/// <summary>One record as a consumer sees it. Its memory belongs to the batch, or to the <see cref="RecordBatchReader"/> that decompressed it: copy what must outlive them.</summary>
public readonly struct Record
{
    public long Offset { get; internal init; }

    /// <summary>Milliseconds since 1970 UTC, -1 for none; the batch's append time under <see cref="TimestampType.LogAppendTime"/>.</summary>
    public long Timestamp { get; internal init; }

    public ReadOnlyMemory<byte>? Key { get; internal init; }

    /// <summary>Null is a tombstone.</summary>
    public ReadOnlyMemory<byte>? Value { get; internal init; }

    public RecordHeaders Headers { get; internal init; }
}
