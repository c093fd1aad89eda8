using Actors.Machines;

namespace Actors.Broker.Partitions;

/// <summary>Bytes that the recent batches of all partitions of a node hold.</summary>
internal sealed class CacheBudget(long limit)
{
    private long _used;

    public long Used => Interlocked.Read(ref _used);

    public bool IsExceeded => Used > limit;

    public void Add(long bytes) => Interlocked.Add(ref _used, bytes);
}

/// <summary>A batch and where the journal has it.</summary>
internal readonly record struct StoredBatch(long SequenceNr, BatchAppended Event)
{
    public long LastOffset => Event.Header.LastOffset;

    public byte[] Bytes => Event.Batch;
}

/// <summary>The log's tail in memory, dense up to the last append. The oldest batches make room when the partition or the node holds too much.</summary>
internal sealed class RecentBatches(CacheBudget budget, long limit)
{
    private readonly LinkedList<StoredBatch> _batches = new();
    private long _bytes;

    /// <summary>The first offset held; <see cref="long.MaxValue"/> when none is.</summary>
    public long FirstOffset => _batches.First?.Value.Event.Header.BaseOffset ?? long.MaxValue;

    public void Add(StoredBatch batch)
    {
        _batches.AddLast(batch);
        Count(batch.Bytes.Length);
        while (_batches.First is { } oldest && (_bytes > limit || budget.IsExceeded))
            Drop(oldest);
    }

    /// <summary>The batches from the one with <paramref name="offset"/> on that end below <paramref name="end"/>, up to so many bytes but at least one. Null when the offset is older than what is held.</summary>
    public List<ReadOnlyMemory<byte>>? Read(long offset, long end, int maxBytes, out int bytes)
    {
        bytes = 0;
        if (offset < FirstOffset)
            return null;
        // Consumers at the tail want the last few: found from the end.
        var node = _batches.Last;
        while (node is not null && node.Value.Event.Header.BaseOffset > offset)
            node = node.Previous;
        var read = new List<ReadOnlyMemory<byte>>();
        for (; node is not null && node.Value.LastOffset < end; node = node.Next)
        {
            if (node.Value.LastOffset < offset)
                continue;
            if (read.Count > 0 && bytes + node.Value.Bytes.Length > maxBytes)
                break;
            read.Add(node.Value.Bytes);
            bytes += node.Value.Bytes.Length;
        }
        return read;
    }

    public void Clear()
    {
        while (_batches.First is { } oldest)
            Drop(oldest);
    }

    private void Drop(LinkedListNode<StoredBatch> oldest)
    {
        _batches.Remove(oldest);
        Count(-oldest.Value.Bytes.Length);
    }

    private void Count(int bytes)
    {
        _bytes += bytes;
        budget.Add(bytes);
    }
}
