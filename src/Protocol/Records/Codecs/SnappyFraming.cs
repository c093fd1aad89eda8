using System.Buffers.Binary;

namespace Actors.Protocol.Records.Codecs;

/// <summary>
/// snappy as Kafka has it: Java clients frame blocks the way xerial's snappy-java does (an 16-byte header, then each block after its length),
/// librdkafka writes one raw block. Both are read; the framed form is written.
/// </summary>
internal static class SnappyFraming
{
    private const int BlockSize = 32 * 1024;
    private const int LengthSize = sizeof(int);

    private static ReadOnlySpan<byte> Magic => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0];

    /// <summary>The magic, then version 1, readable by version 1.</summary>
    private static ReadOnlySpan<byte> Header => [0x82, (byte)'S', (byte)'N', (byte)'A', (byte)'P', (byte)'P', (byte)'Y', 0, 0, 0, 0, 1, 0, 0, 0, 1];

    public static void Compress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        target.Write(Header);
        while (!source.IsEmpty)
        {
            var block = source[..Math.Min(BlockSize, source.Length)];
            source = source[block.Length..];
            var room = target.GetSpan(LengthSize + SnappyBlock.MaxCompressedLength(block.Length));
            var length = SnappyBlock.Compress(block, room[LengthSize..]);
            BinaryPrimitives.WriteInt32BigEndian(room, length);
            target.Advance(LengthSize + length);
        }
    }

    public static void Decompress(ReadOnlySpan<byte> source, PooledBuffer target)
    {
        if (!source.StartsWith(Magic))
        {
            DecompressBlock(source, target);
            return;
        }

        if (source.Length < Header.Length) throw new CorruptRecordsException("snappy data is cut off in its header.");
        source = source[Header.Length..];
        while (!source.IsEmpty)
        {
            if (source.Length < LengthSize) throw new CorruptRecordsException("snappy data is cut off in a block's length.");
            var length = BinaryPrimitives.ReadInt32BigEndian(source);
            source = source[LengthSize..];
            if (length < 0 || length > source.Length) throw new CorruptRecordsException($"A snappy block of {length} bytes does not fit into {source.Length}.");
            DecompressBlock(source[..length], target);
            source = source[length..];
        }
    }

    private static void DecompressBlock(ReadOnlySpan<byte> block, PooledBuffer target)
    {
        if (!SnappyBlock.TryReadLength(block, out var length, out var headerSize)) throw new CorruptRecordsException("A snappy block's length cannot be.");
        if (!target.TryReserve(length)) throw Codec.TooLarge(target);
        if (!SnappyBlock.TryDecompress(block[headerSize..], target.Free[..length])) throw new CorruptRecordsException("A snappy block is damaged.");
        target.Advance(length);
    }
}
