using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.Intrinsics;

namespace Actors.Protocol.Records.Codecs;

/// <summary>The raw snappy format: a length, then literals and copies from what is already decompressed. Source: google/snappy's format_description.txt.</summary>
internal static class SnappyBlock
{
    private const int HashBits = 14;
    private const int LargestCompressed = 1 << 16;
    private const int LongestCopy = 64;

    /// <summary>The last bytes of a block are always literal, so that four-byte reads stay inside.</summary>
    private const int Tail = 15;

    /// <summary>No element of n bytes stands for more than 64/3 n bytes.</summary>
    private const long LargestRatio = 22;

    public static int MaxCompressedLength(int length) => 32 + length + length / 6;

    /// <summary>The decompressed length that a block claims; false if it is not one, or more than the block's bytes can stand for.</summary>
    public static bool TryReadLength(ReadOnlySpan<byte> block, out int length, out int headerSize)
    {
        headerSize = 0;
        var read = Varint.TryRead(block, ref headerSize, out var claimed);
        length = (int)claimed;
        return read && length >= 0 && length <= LargestRatio * block.Length;
    }

    /// <summary>Fills the target exactly; false if the elements do not.</summary>
    public static bool TryDecompress(ReadOnlySpan<byte> elements, Span<byte> target)
    {
        int from = 0, to = 0;
        while (from < elements.Length)
        {
            var tag = elements[from++];
            var length = (tag >> 2) + 1;
            if ((tag & 3) == 0)
            {
                if (length > 60 && !TryReadLongLength(elements, ref from, length - 60, out length)) return false;
                if (length > elements.Length - from || length > target.Length - to) return false;
                if (length <= Vector128<byte>.Count && elements.Length - from >= Vector128<byte>.Count && target.Length - to >= Vector128<byte>.Count)
                    Vector128.Create(elements[from..]).CopyTo(target[to..]);
                else
                    elements.Slice(from, length).CopyTo(target[to..]);
                from += length;
                to += length;
                continue;
            }

            if (!TryReadOffset(elements, ref from, tag, ref length, out var offset)) return false;
            if (offset == 0 || offset > (uint)to || length > target.Length - to) return false;
            Repeat(target, to, (int)offset, length);
            to += length;
        }

        return to == target.Length;
    }

    /// <summary>Compresses at most 64 KiB and returns the number of bytes written; the target must have <see cref="MaxCompressedLength"/>.</summary>
    public static int Compress(ReadOnlySpan<byte> source, Span<byte> target)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(source.Length, LargestCompressed, nameof(source));
        var to = Varint.Write(target, (ulong)source.Length);
        Span<ushort> seen = stackalloc ushort[1 << HashBits];
        seen.Clear();

        int literal = 0, at = 1, misses = 0, limit = source.Length - Tail;
        while (at < limit)
        {
            var candidate = Lookup(source, seen, at);
            if (candidate == at || Word(source, candidate) != Word(source, at))
            {
                // The longer nothing repeats, the larger the steps: incompressible data passes quickly.
                at += 1 + (misses++ >> 5);
                continue;
            }

            misses = 0;
            var length = 4 + source[(candidate + 4)..].CommonPrefixLength(source[(at + 4)..]);
            to += WriteLiteral(target[to..], source[literal..at]);
            to += WriteCopies(target[to..], at - candidate, length);
            at += length;
            literal = at;
            if (at < limit) Lookup(source, seen, at - 1);
        }

        return to + WriteLiteral(target[to..], source[literal..]);
    }

    private static bool TryReadLongLength(ReadOnlySpan<byte> elements, ref int from, int size, out int length)
    {
        length = 0;
        if (size > elements.Length - from) return false;
        var claimed = 1L;
        for (var index = 0; index < size; index++) claimed += (long)elements[from++] << (8 * index);
        length = (int)Math.Min(claimed, int.MaxValue);
        return true;
    }

    private static bool TryReadOffset(ReadOnlySpan<byte> elements, ref int from, byte tag, ref int length, out uint offset)
    {
        offset = 0;
        var size = (tag & 3) == 3 ? 4 : tag & 3;
        if (size > elements.Length - from) return false;
        switch (size)
        {
            case 1:
                length = ((tag >> 2) & 7) + 4;
                offset = (uint)(tag >> 5 << 8 | elements[from]);
                break;
            case 2:
                offset = BinaryPrimitives.ReadUInt16LittleEndian(elements[from..]);
                break;
            default:
                offset = BinaryPrimitives.ReadUInt32LittleEndian(elements[from..]);
                break;
        }

        from += size;
        return true;
    }

    /// <summary>Copies from what is already there; where source and target overlap the bytes repeat.</summary>
    private static void Repeat(Span<byte> target, int to, int offset, int length)
    {
        var start = to - offset;
        if (offset >= Vector128<byte>.Count && target.Length - to >= LongestCopy)
        {
            // Whole vectors: what is written beyond the copy's end is written again by what follows.
            for (var done = 0; done < length; done += Vector128<byte>.Count)
                Vector128.Create((ReadOnlySpan<byte>)target[(start + done)..]).CopyTo(target[(to + done)..]);
            return;
        }

        while (length > 0)
        {
            var piece = Math.Min(length, to - start);
            target.Slice(start, piece).CopyTo(target[to..]);
            to += piece;
            length -= piece;
        }
    }

    private static uint Word(ReadOnlySpan<byte> source, int at) => BinaryPrimitives.ReadUInt32LittleEndian(source[at..]);

    /// <summary>The last place whose four bytes hashed alike (0 if none), and notes this one.</summary>
    private static int Lookup(ReadOnlySpan<byte> source, Span<ushort> seen, int at)
    {
        var hash = (int)(Word(source, at) * 0x1e35a7bdu >> (32 - HashBits));
        var candidate = seen[hash];
        seen[hash] = (ushort)at;
        return candidate;
    }

    private static int WriteLiteral(Span<byte> target, ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty) return 0;
        var last = (uint)bytes.Length - 1;
        var to = 1;
        if (last < 60)
        {
            target[0] = (byte)(last << 2);
        }
        else
        {
            var size = (BitOperations.Log2(last) >> 3) + 1;
            target[0] = (byte)(59 + size << 2);
            for (var index = 0; index < size; index++) target[to++] = (byte)(last >> (8 * index));
        }

        bytes.CopyTo(target[to..]);
        return to + bytes.Length;
    }

    private static int WriteCopies(Span<byte> target, int offset, int length)
    {
        var to = 0;
        // A rest of less than four could not use the short form, so the last long copy leaves at least four.
        for (; length >= 68; length -= 64) to += WriteLongCopy(target[to..], offset, 64);
        if (length > 64)
        {
            to += WriteLongCopy(target[to..], offset, 60);
            length -= 60;
        }

        if (length >= 12 || offset >= 2048) return to + WriteLongCopy(target[to..], offset, length);
        target[to++] = (byte)(offset >> 8 << 5 | length - 4 << 2 | 1);
        target[to++] = (byte)offset;
        return to;
    }

    private static int WriteLongCopy(Span<byte> target, int offset, int length)
    {
        target[0] = (byte)(length - 1 << 2 | 2);
        BinaryPrimitives.WriteUInt16LittleEndian(target[1..], (ushort)offset);
        return 3;
    }
}
