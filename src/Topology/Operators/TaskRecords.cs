using System.Runtime.InteropServices;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>A record as it comes to a task. Its memory must stay as it is until the call returns, and is not kept beyond it.</summary>
public readonly record struct InputRecord(ReadOnlyMemory<byte> Key, bool HasKey, ReadOnlyMemory<byte> Value, bool HasValue, long Timestamp, long Offset)
{
    public IReadOnlyList<RecordHeader> Headers { get; init; } = [];

    /// <summary>A record of byte arrays; null means that there is none.</summary>
    public static InputRecord Of(byte[]? key, byte[]? value, long timestamp, long offset) =>
        new(key ?? ReadOnlyMemory<byte>.Empty, key is not null, value ?? ReadOnlyMemory<byte>.Empty, value is not null, timestamp, offset);

    internal static ArraySegment<byte> Segment(ReadOnlyMemory<byte> memory) => MemoryMarshal.TryGetArray(memory, out var segment) ? segment : new ArraySegment<byte>(memory.ToArray());
}

/// <summary>A record that a task writes. Its spans are good during the call only.</summary>
public readonly ref struct OutputRecord
{
    public required OutputTopic Target { get; init; }
    public required bool HasKey { get; init; }
    public required ReadOnlySpan<byte> Key { get; init; }

    /// <summary>The bytes that choose the partition, with Kafka's default partitioner: the key, without the window of a windowed one.</summary>
    public required ReadOnlySpan<byte> PartitionKey { get; init; }

    /// <summary>False for a tombstone.</summary>
    public required bool HasValue { get; init; }
    public required ReadOnlySpan<byte> Value { get; init; }

    /// <summary>Epoch milliseconds.</summary>
    public required long Timestamp { get; init; }
    public required IReadOnlyList<RecordHeader> Headers { get; init; }
}

/// <summary>Where a task's records and change-log records go, in order.</summary>
public interface ITaskSink
{
    /// <summary>The largest record that can be written, in bytes: the producer's <c>max.request.size</c>.</summary>
    int LargestRecord => 1 << 20;

    void Output(in OutputRecord record);

    /// <summary>A row of a store changed: to be written to the task's partition of the store's change-log topic.</summary>
    void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp);
}

/// <summary>Why records were left out.</summary>
public enum DropReason
{
    /// <summary>The key or value is not of the source's format.</summary>
    Unreadable,

    /// <summary>The timestamp, or what its expression gives, is none: null, negative or no number.</summary>
    BadTimestamp,

    /// <summary>A null key, grouping field or value came to an aggregation.</summary>
    NullKeyOrValue,

    /// <summary>Every window of the record was closed: its end plus grace lay before the stream time.</summary>
    Late,

    /// <summary>A key or value cannot be written in the format of the topic, or the record is too large.</summary>
    Unwritable,

    /// <summary>A stage failed at the record.</summary>
    Failed,
}

/// <summary>Counts of a task, since it was made.</summary>
public sealed class TaskCounters
{
    private readonly long[] _dropped = new long[Enum.GetValues<DropReason>().Length];

    /// <summary>Records that came in.</summary>
    public long Processed { get; internal set; }

    public long Dropped(DropReason reason) => _dropped[(int)reason];

    internal void Drop(DropReason reason) => _dropped[(int)reason]++;
}
