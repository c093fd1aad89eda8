using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Actors.Protocol.Records;

/// <summary>CRC-32C (Castagnoli) of a span of bytes: the checksum of record batches of magic 2.</summary>
public static class Crc32C
{
    // The processor's CRC instruction takes three cycles but starts one each cycle, so three lanes run side by side and are then joined.
    private const int LongLane = 4096;
    private const int ShortLane = 256;

    private static readonly uint[] LongShift = ShiftTable(LongLane);
    private static readonly uint[] ShortShift = ShiftTable(ShortLane);

    public static uint Compute(ReadOnlySpan<byte> bytes) => ~Append(~0u, bytes);

    /// <summary>Continues a checksum in its inverted, running form.</summary>
    private static uint Append(uint running, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= 3 * LongLane) running = ThreeLanes(running, ref bytes, LongLane, LongShift);
        while (bytes.Length >= 3 * ShortLane) running = ThreeLanes(running, ref bytes, ShortLane, ShortShift);

        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        foreach (var word in words) running = BitOperations.Crc32C(running, word);
        foreach (var last in bytes[(words.Length * sizeof(ulong))..]) running = BitOperations.Crc32C(running, last);
        return running;
    }

    private static uint ThreeLanes(uint running, ref ReadOnlySpan<byte> bytes, int lane, uint[] shift)
    {
        ref var first = ref MemoryMarshal.GetReference(bytes);
        ref var second = ref Unsafe.Add(ref first, lane);
        ref var third = ref Unsafe.Add(ref second, lane);
        uint a = running, b = 0, c = 0;
        for (nint at = 0; at < lane; at += sizeof(ulong))
        {
            a = BitOperations.Crc32C(a, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref first, at)));
            b = BitOperations.Crc32C(b, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref second, at)));
            c = BitOperations.Crc32C(c, Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref third, at)));
        }

        bytes = bytes[(3 * lane)..];
        return Shifted(shift, Shifted(shift, a) ^ b) ^ c;
    }

    /// <summary>What the running checksum becomes after a lane's length of zero bytes.</summary>
    private static uint Shifted(uint[] table, uint running) =>
        table[running & 0xff] ^ table[256 + ((running >> 8) & 0xff)] ^ table[512 + ((running >> 16) & 0xff)] ^ table[768 + (running >> 24)];

    /// <summary>The shift is linear over bits, so a table for each byte of the checksum is enough.</summary>
    private static uint[] ShiftTable(int zeros)
    {
        Span<uint> ofBit = stackalloc uint[32];
        for (var bit = 0; bit < 32; bit++)
        {
            var running = 1u << bit;
            for (var word = 0; word < zeros / sizeof(ulong); word++) running = BitOperations.Crc32C(running, 0UL);
            ofBit[bit] = running;
        }

        var table = new uint[4 * 256];
        for (var entry = 0; entry < table.Length; entry++)
            for (var bit = 0; bit < 8; bit++)
                if ((entry >> bit & 1) != 0)
                    table[entry] ^= ofBit[8 * (entry >> 8) + bit];
        return table;
    }
}
