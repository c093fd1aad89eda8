using System.Buffers.Binary;

namespace Actors.Topology;

/// <summary>A row of a store, for looking at and for snapshots. The memory is a copy.</summary>
/// <param name="Key">The key's bytes; windowed: followed by the window's start, 8 bytes, big-endian.</param>
/// <param name="State">What the change-log holds as the value: the row's state, versioned.</param>
/// <param name="Timestamp">The change-log record's timestamp: the largest of the records that made the row.</param>
public readonly record struct StoreRow(byte[] Key, byte[] State, long Timestamp);

/// <summary>A task's state: rows of bytes, written through to a change-log topic that restores them.</summary>
public sealed class TaskStore
{
    private const int StampLength = 8;

    private readonly ByteTable _table = new();
    private readonly WindowIndex? _windows;
    private byte[] _scratch = new byte[256];

    internal TaskStore(StoreDescription description)
    {
        Description = description;
        if (description.Windowed) _windows = new WindowIndex();
    }

    public StoreDescription Description { get; }

    /// <summary>How many rows there are.</summary>
    public int Count => _table.Count;

    /// <summary>Bytes of memory the store holds.</summary>
    public long MemoryBytes => _table.MemoryBytes;

    /// <summary>The largest timestamp of any row that was put or restored; -1 when there was none.</summary>
    public long LargestTimestamp { get; private set; } = -1;

    /// <summary>Copies of all rows.</summary>
    public IEnumerable<StoreRow> Rows()
    {
        for (var row = 0; row < _table.Limit; row++)
            if (_table.IsLive(row))
                yield return Copy(row);
    }

    private StoreRow Copy(int row)
    {
        var state = State(row, out var timestamp);
        return new StoreRow(_table.Key(row).ToArray(), state.ToArray(), timestamp);
    }

    /// <summary>Takes back a change-log record; <paramref name="tombstone"/> removes the row.</summary>
    /// <exception cref="InvalidDataException">The key is none of this store's.</exception>
    public void Restore(ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp)
    {
        if (Description.Windowed && key.Length < StampLength)
            throw new InvalidDataException($"a key of {key.Length} bytes in the change-log of the window store {Description.Name}");
        var row = _table.Find(key);
        if (!tombstone) Put(row, key, state, timestamp);
        else if (row >= 0) Remove(row);
    }

    /// <summary>The number of the key's row, or -1.</summary>
    internal int Find(ReadOnlySpan<byte> key) => _table.Find(key);

    /// <summary>A row's state, good until the next change of the store.</summary>
    internal ReadOnlySpan<byte> State(int row, out long timestamp)
    {
        var value = _table.Value(row);
        timestamp = BinaryPrimitives.ReadInt64BigEndian(value);
        return value[StampLength..];
    }

    /// <summary>Sets the row that was found under the key, or adds one if the number is -1.</summary>
    internal void Put(int row, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, long timestamp)
    {
        if (_scratch.Length < state.Length + StampLength) _scratch = new byte[(state.Length + StampLength) * 2];
        BinaryPrimitives.WriteInt64BigEndian(_scratch, timestamp);
        state.CopyTo(_scratch.AsSpan(StampLength));
        var value = _scratch.AsSpan(0, state.Length + StampLength);
        if (row >= 0)
        {
            _table.Set(row, value);
        }
        else
        {
            row = _table.Add(key, value);
            _windows?.Add(row, StartOf(key));
        }
        LargestTimestamp = Math.Max(LargestTimestamp, timestamp);
    }

    /// <summary>Removes up to <paramref name="most"/> rows of windows that start at or before a time, the earliest first, telling each key before it goes.</summary>
    internal int Expire(long lastStart, int most, RowKeyAction removed)
    {
        var count = 0;
        while (count < most && _windows!.TryFirst(lastStart, out var row))
        {
            removed(_table.Key(row));
            Remove(row);
            count++;
        }
        return count;
    }

    private void Remove(int row)
    {
        _windows?.Remove(row, StartOf(_table.Key(row)));
        _table.Remove(row);
    }

    private static long StartOf(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[^StampLength..]);
}

internal delegate void RowKeyAction(ReadOnlySpan<byte> key);
