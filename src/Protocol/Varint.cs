using System.Numerics;
using System.Runtime.CompilerServices;

namespace Actors.Protocol;

/// <summary>Variable-length integers: seven bits a byte, least significant first; signed ones are zigzagged. A fifth (tenth) byte's surplus bits are dropped, as Kafka does.</summary>
internal static class Varint
{
    public const int MaxBytes32 = 5;
    public const int MaxBytes64 = 10;

    public static uint Zigzag(int value) => (uint)((value << 1) ^ (value >> 31));

    public static ulong Zigzag(long value) => (ulong)((value << 1) ^ (value >> 63));

    public static int Unzigzag(uint value) => (int)(value >> 1) ^ -(int)(value & 1);

    public static long Unzigzag(ulong value) => (long)(value >> 1) ^ -(long)(value & 1);

    public static int Size(uint value) => (38 - BitOperations.LeadingZeroCount(value | 1)) / 7;

    public static int Size(ulong value) => (70 - BitOperations.LeadingZeroCount(value | 1)) / 7;

    public static int SizeSigned(int value) => Size(Zigzag(value));

    public static int SizeSigned(long value) => Size(Zigzag(value));

    /// <summary>Writes and returns the number of bytes written; the target must have room.</summary>
    public static int Write(Span<byte> target, ulong value)
    {
        if (value < 0x80)
        {
            target[0] = (byte)value;
            return 1;
        }

        var length = 0;
        while (value >= 0x80)
        {
            target[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        target[length++] = (byte)value;
        return length;
    }

    public static int WriteSigned(Span<byte> target, int value) => Write(target, Zigzag(value));

    public static int WriteSigned(Span<byte> target, long value) => Write(target, Zigzag(value));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryRead(ReadOnlySpan<byte> source, ref int position, out uint value)
    {
        var at = position;
        if ((uint)at < (uint)source.Length && source[at] < 0x80)
        {
            value = source[at];
            position = at + 1;
            return true;
        }

        return TryReadLong(source, ref position, out value);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryReadSigned(ReadOnlySpan<byte> source, ref int position, out int value)
    {
        var read = TryRead(source, ref position, out uint zigzag);
        value = Unzigzag(zigzag);
        return read;
    }

    public static bool TryReadSigned(ReadOnlySpan<byte> source, ref int position, out long value)
    {
        if ((uint)position < (uint)source.Length && source[position] < 0x80)
        {
            value = Unzigzag((ulong)source[position++]);
            return true;
        }

        var result = 0UL;
        for (var shift = 0; shift < 7 * MaxBytes64; shift += 7)
        {
            if ((uint)position >= (uint)source.Length) break;
            var next = source[position++];
            result |= (ulong)(next & 0x7f) << shift;
            if (next >= 0x80) continue;
            value = Unzigzag(result);
            return true;
        }

        value = 0;
        return false;
    }

    private static bool TryReadLong(ReadOnlySpan<byte> source, ref int position, out uint value)
    {
        value = 0;
        for (var shift = 0; shift < 7 * MaxBytes32; shift += 7)
        {
            if ((uint)position >= (uint)source.Length) return false;
            var next = source[position++];
            value |= (uint)(next & 0x7f) << shift;
            if (next < 0x80) return true;
        }

        return false;
    }
}
