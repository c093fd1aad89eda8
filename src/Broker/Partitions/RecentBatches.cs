using Actors.Machines;

namespace Actors.Broker.Partitions;

/// <summary>Bytes that the recent batches of all partitions of a node hold. The last eighth is for partitions that hold less than their share.</summary>
internal sealed class CacheBudget(long limit)
{
    private const long CallIntervalMs = 5_000;
    private long _used, _nextCall = long.MinValue;
    private int _holders;

    public long Used => Interlocked.Read(ref _used);

    public bool IsExceeded => Used > limit;

    public bool IsTight => Used > limit - limit / 8;

    /// <summary>What each partition may hold when all that hold batches hold as much, and one more does.</summary>
    public long Share => limit / (Volatile.Read(ref _holders) + 1L);

    public void Add(long bytes) => Interlocked.Add(ref _used, bytes);

    /// <summary>Partitions that hold batches are so many more, or fewer.</summary>
    public void AddHolders(int holders) => Interlocked.Add(ref _holders, holders);

    /// <summary>Whether partitions that are not used are to be called upon to make room now: true for one that asks every five seconds, and only while there is little.</summary>
    /// <param name="now">Epoch milliseconds.</param>
    public bool CallsForRoom(long now)
    {
        var next = Interlocked.Read(ref _nextCall);
        return IsTight && now >= next && Interlocked.CompareExchange(ref _nextCall, now + CallIntervalMs, next) == next;
    }
}

/// <summary>A batch and where the journal has it.</summary>
internal readonly record struct StoredBatch(long SequenceNr, BatchAppended Event)
{
    public long LastOffset => Event.Header.LastOffset;

    public byte[] Bytes => Event.Batch;
}

/// <summary>The log's tail in memory, dense up to the last append. The oldest batches make room when the partition holds too much, or the node does.</summary>
internal sealed class RecentBatches(CacheBudget budget, long limit)
{
    private StoredBatch[] _ring = new StoredBatch[16];
    private int _first;
    private int _count;
    private long _bytes;

    /// <summary>The first offset held; <see cref="long.MaxValue"/> when none is.</summary>
    public long FirstOffset => _count == 0 ? long.MaxValue : At(0).Event.Header.BaseOffset;

    public void Add(StoredBatch batch)
    {
        if (_count == _ring.Length)
            Grow();
        if (_count == 0)
            budget.AddHolders(1);
        _ring[(_first + _count++) & (_ring.Length - 1)] = batch;
        Count(batch.Bytes.Length);
        while (_count > 0 && (_bytes > limit || budget.IsExceeded || (budget.IsTight && _bytes > budget.Share)))
            DropOldest();
    }

    /// <summary>Lets go what ends before the offset: it is not in the log any more.</summary>
    public void DropBefore(long offset)
    {
        while (_count > 0 && At(0).LastOffset < offset)
            DropOldest();
    }

    /// <summary>The batches from the one with <paramref name="offset"/> on that end below <paramref name="end"/>, up to so many bytes but at least one. Null when the offset is older than what is held.</summary>
    public List<ReadOnlyMemory<byte>>? Read(long offset, long end, int maxBytes, out int bytes)
    {
        bytes = 0;
        if (offset < FirstOffset)
            return null;
        var read = new List<ReadOnlyMemory<byte>>();
        for (var i = IndexOf(offset); i < _count && At(i).LastOffset < end; i++)
        {
            var batch = At(i).Bytes;
            if (read.Count > 0 && bytes + batch.Length > maxBytes)
                break;
            read.Add(batch);
            bytes += batch.Length;
        }
        return read;
    }

    public void Clear()
    {
        while (_count > 0)
            DropOldest();
    }

    private ref StoredBatch At(int index) => ref _ring[(_first + index) & (_ring.Length - 1)];

    /// <summary>The first batch that ends at or above the offset.</summary>
    private int IndexOf(long offset)
    {
        int low = 0, high = _count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (At(middle).LastOffset < offset)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }

    private void Grow()
    {
        var larger = new StoredBatch[_ring.Length * 2];
        for (var i = 0; i < _count; i++)
            larger[i] = At(i);
        (_ring, _first) = (larger, 0);
    }

    private void DropOldest()
    {
        Count(-At(0).Bytes.Length);
        At(0) = default;
        _first = (_first + 1) & (_ring.Length - 1);
        if (--_count == 0)
            budget.AddHolders(-1);
    }

    private void Count(int bytes)
    {
        _bytes += bytes;
        budget.Add(bytes);
    }
}
