using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>One record batch as the broker stores it; its records may begin before the offset that was asked for.</summary>
public readonly record struct FetchedBatch(ReadOnlyMemory<byte> Bytes, BatchHeader Header);

/// <summary>
/// What one fetch brought of one partition: whole batches in offset order, without control batches and, under read_committed, without aborted ones.
/// May hold no batch and yet move the position.
/// </summary>
public sealed class FetchedChunk
{
    internal FetchedChunk(TopicPartition partition, long offset, long nextOffset, long highWatermark, long lastStableOffset, List<FetchedBatch> batches, int bytes) =>
        (Partition, Offset, NextOffset, HighWatermark, LastStableOffset, Batches, Bytes) =
        (partition, offset, nextOffset, highWatermark, lastStableOffset, batches, bytes);

    public TopicPartition Partition { get; }

    /// <summary>The offset asked for; records below it (a batch may begin before it) are not meant.</summary>
    public long Offset { get; }

    /// <summary>Where to read on, and what to commit once this chunk is dealt with.</summary>
    public long NextOffset { get; }

    /// <summary>The partition's high watermark when it answered.</summary>
    public long HighWatermark { get; }

    /// <summary>The partition's last stable offset when it answered; -1 from brokers that do not say.</summary>
    public long LastStableOffset { get; }

    public IReadOnlyList<FetchedBatch> Batches { get; }

    /// <summary>The bytes that the partition sent, those left out included.</summary>
    public int Bytes { get; }
}
