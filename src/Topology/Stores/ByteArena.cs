using System.Buffers.Binary;
using System.Numerics;

namespace Actors.Topology;

/// <summary>
/// Memory for many small runs of bytes, in few large arrays that the garbage collector does not look into. Freed runs are used again for
/// others of their size class: multiples of 16 up to 1 KiB, powers of two beyond.
/// </summary>
internal sealed class ByteArena
{
    private const int Granule = 16;
    private const int LargestSmall = 1024;
    private const int SmallClasses = LargestSmall / Granule;
    private const int FirstChunk = 16 * 1024;
    private const int LargestChunk = 4 * 1024 * 1024;
    private const long None = -1;

    private readonly List<byte[]> _chunks = [];
    private readonly long[] _free = new long[SmallClasses + 31];
    private byte[] _current = [];
    private int _used;

    public ByteArena() => Array.Fill(_free, None);

    /// <summary>Bytes taken from the garbage collector's heap.</summary>
    public long Capacity { get; private set; }

    /// <summary>A run of at least the given size. Its contents are undefined.</summary>
    public long Allocate(int size, out int capacity)
    {
        var sizeClass = ClassOf(size, out capacity);
        var slot = _free[sizeClass];
        if (slot != None)
        {
            _free[sizeClass] = BinaryPrimitives.ReadInt64LittleEndian(At(slot, 8));
            return slot;
        }
        if (_current.Length - _used < capacity) AddChunk(capacity);
        slot = (long)(_chunks.Count - 1) << 32 | (uint)_used;
        _used += capacity;
        return slot;
    }

    /// <summary>Gives a run back; <paramref name="capacity"/> is what <see cref="Allocate"/> said.</summary>
    public void Free(long slot, int capacity)
    {
        var sizeClass = ClassOf(capacity, out _);
        BinaryPrimitives.WriteInt64LittleEndian(At(slot, 8), _free[sizeClass]);
        _free[sizeClass] = slot;
    }

    public Span<byte> At(long slot, int length) => _chunks[(int)(slot >> 32)].AsSpan((int)slot, length);

    private static int ClassOf(int size, out int capacity)
    {
        if (size <= LargestSmall)
        {
            var granules = Math.Max(1, (size + Granule - 1) / Granule);
            capacity = granules * Granule;
            return granules - 1;
        }
        var bits = BitOperations.Log2((uint)size - 1) + 1;
        capacity = 1 << bits;
        return SmallClasses + bits - 11;
    }

    private void AddChunk(int least)
    {
        var size = (int)Math.Clamp(Capacity, FirstChunk, LargestChunk);
        _current = new byte[Math.Max(size, least)];
        _chunks.Add(_current);
        _used = 0;
        Capacity += _current.Length;
    }
}
