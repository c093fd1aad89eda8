namespace Actors.Topology;

/// <summary>
/// A hash table from bytes to bytes. Keys and values stand in an arena, rows in one array of structs, so that a million rows are a few
/// objects. Rows are numbered; the order of rows is that of insertion, with numbers of removed rows used again.
/// </summary>
internal sealed class ByteTable
{
    private const int Nothing = -1;

    private readonly ByteArena _arena = new();
    private int[] _buckets = NewBuckets(16);
    private Row[] _rows = new Row[16];
    private int _free = Nothing;

    private struct Row
    {
        public long Slot;
        public int Capacity, KeyLength, ValueLength, Hash;
        // The next row of the bucket, or of the free rows.
        public int Next;
        public bool Live;
    }

    /// <summary>How many rows there are.</summary>
    public int Count { get; private set; }

    /// <summary>Row numbers are below this.</summary>
    public int Limit { get; private set; }

    /// <summary>Bytes of memory the table holds.</summary>
    public long MemoryBytes => _arena.Capacity + _rows.Length * 40L + _buckets.Length * 4L;

    public bool IsLive(int row) => _rows[row].Live;

    public ReadOnlySpan<byte> Key(int row) => _arena.At(_rows[row].Slot, _rows[row].KeyLength);

    /// <summary>The row's value, good until the next change of the table.</summary>
    public ReadOnlySpan<byte> Value(int row)
    {
        ref var found = ref _rows[row];
        return _arena.At(found.Slot, found.KeyLength + found.ValueLength)[found.KeyLength..];
    }

    /// <summary>The number of the key's row, or -1.</summary>
    public int Find(ReadOnlySpan<byte> key)
    {
        var hash = HashOf(key);
        for (var row = _buckets[hash & (_buckets.Length - 1)]; row != Nothing; row = _rows[row].Next)
            if (_rows[row].Hash == hash && Key(row).SequenceEqual(key))
                return row;
        return Nothing;
    }

    /// <summary>Sets the value of a row that was found.</summary>
    public void Set(int row, ReadOnlySpan<byte> value)
    {
        ref var found = ref _rows[row];
        if (found.KeyLength + value.Length > found.Capacity)
        {
            var slot = _arena.Allocate(found.KeyLength + value.Length, out var capacity);
            Key(row).CopyTo(_arena.At(slot, found.KeyLength));
            _arena.Free(found.Slot, found.Capacity);
            (found.Slot, found.Capacity) = (slot, capacity);
        }
        found.ValueLength = value.Length;
        value.CopyTo(_arena.At(found.Slot, found.KeyLength + value.Length)[found.KeyLength..]);
    }

    /// <summary>Adds a row under a key that has none; returns its number.</summary>
    public int Add(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Count == _buckets.Length) Grow();
        var row = _free;
        if (row != Nothing) _free = _rows[row].Next;
        else if ((row = Limit++) == _rows.Length) Array.Resize(ref _rows, _rows.Length * 2);
        ref var added = ref _rows[row];
        added.Slot = _arena.Allocate(key.Length + value.Length, out added.Capacity);
        (added.KeyLength, added.ValueLength, added.Hash, added.Live) = (key.Length, value.Length, HashOf(key), true);
        var run = _arena.At(added.Slot, key.Length + value.Length);
        key.CopyTo(run);
        value.CopyTo(run[key.Length..]);
        ref var bucket = ref _buckets[added.Hash & (_buckets.Length - 1)];
        (added.Next, bucket) = (bucket, row);
        Count++;
        return row;
    }

    public void Remove(int row)
    {
        ref var removed = ref _rows[row];
        ref var link = ref _buckets[removed.Hash & (_buckets.Length - 1)];
        while (link != row) link = ref _rows[link].Next;
        link = removed.Next;
        _arena.Free(removed.Slot, removed.Capacity);
        removed = new Row { Next = _free };
        _free = row;
        Count--;
    }

    private void Grow()
    {
        _buckets = NewBuckets(_buckets.Length * 2);
        for (var row = 0; row < Limit; row++)
        {
            if (!_rows[row].Live) continue;
            ref var bucket = ref _buckets[_rows[row].Hash & (_buckets.Length - 1)];
            (_rows[row].Next, bucket) = (bucket, row);
        }
    }

    private static int[] NewBuckets(int size)
    {
        var buckets = new int[size];
        Array.Fill(buckets, Nothing);
        return buckets;
    }

    // Seeded by the process, so that no one who chooses keys can choose collisions.
    private static int HashOf(ReadOnlySpan<byte> key)
    {
        var hash = new HashCode();
        hash.AddBytes(key);
        return hash.ToHashCode();
    }
}
