using System.Runtime.InteropServices;

namespace Actors.Protocol.Records;

/// <summary>
/// One partition's record batches as they stand on the wire: an immutable list of byte segments, kept by reference.
/// Nobody may change the bytes while a set refers to them, save the owner of a request who patches what it has just read.
/// </summary>
public sealed class RecordSet
{
    private readonly ReadOnlyMemory<byte>[] _segments;

    private RecordSet(ReadOnlyMemory<byte>[] segments)
    {
        _segments = segments;
        var length = 0L;
        foreach (var segment in segments) length += segment.Length;
        Length = checked((int)length);
    }

    public static RecordSet Empty { get; } = new([]);

    /// <summary>All bytes of all segments.</summary>
    public int Length { get; }

    public IReadOnlyList<ReadOnlyMemory<byte>> Segments => _segments;

    /// <summary>The segments for a loop that allocates no enumerator.</summary>
    internal ReadOnlySpan<ReadOnlyMemory<byte>> SegmentArray => _segments;

    public static RecordSet Of(byte[] bytes) => bytes.Length == 0 ? Empty : new RecordSet([bytes]);

    public static RecordSet Of(ReadOnlyMemory<byte> bytes) => bytes.IsEmpty ? Empty : new RecordSet([bytes]);

    /// <summary>One set of several segments in order, for instance a batch each.</summary>
    public static RecordSet Of(IEnumerable<ReadOnlyMemory<byte>> segments)
    {
        var array = segments.ToArray();
        return array.Length == 0 ? Empty : new RecordSet(array);
    }

    /// <summary>The bytes in one array: the segment's own, not a copy, when the set is exactly one whole array.</summary>
    public byte[] ToArray()
    {
        if (_segments.Length == 1 && MemoryMarshal.TryGetArray(_segments[0], out var whole) && whole.Offset == 0 && whole.Count == whole.Array!.Length)
            return whole.Array;
        var bytes = GC.AllocateUninitializedArray<byte>(Length);
        CopyTo(bytes);
        return bytes;
    }

    /// <summary>The bytes as one memory: the segment itself when there is one, else a copy.</summary>
    public ReadOnlyMemory<byte> ToMemory() => _segments.Length == 1 ? _segments[0] : ToArray();

    public void CopyTo(Span<byte> target)
    {
        foreach (var segment in _segments)
        {
            segment.Span.CopyTo(target);
            target = target[segment.Length..];
        }
    }
}
