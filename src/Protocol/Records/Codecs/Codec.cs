namespace Actors.Protocol.Records.Codecs;

/// <summary>Compresses and decompresses a batch's records, as <see cref="Compression"/> names the ways. The output's bound is the target's.</summary>
internal static class Codec
{
    /// <summary>Appends the compressed bytes to the target. The level is the codec's own (gzip 1 to 9, lz4 1 to 12, zstd 1 to 22), null for Kafka's default; snappy has none.</summary>
    public static void Compress(Compression compression, ReadOnlySpan<byte> source, PooledBuffer target, int? level)
    {
        switch (compression)
        {
            case Compression.Gzip:
                GzipCodec.Compress(source, target, level);
                break;
            case Compression.Snappy:
                SnappyFraming.Compress(source, target);
                break;
            case Compression.Lz4:
                Lz4Codec.Compress(source, target, level);
                break;
            case Compression.Zstd:
                ZstdCodec.Compress(source, target, level);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(compression), compression, "No codec of that number compresses.");
        }
    }

    /// <summary>Appends the decompressed bytes to the target.</summary>
    /// <exception cref="CorruptRecordsException">The data is damaged, cut off, or larger decompressed than the target's bound.</exception>
    public static void Decompress(Compression compression, ReadOnlySpan<byte> source, PooledBuffer target)
    {
        switch (compression)
        {
            case Compression.Gzip:
                GzipCodec.Decompress(source, target);
                break;
            case Compression.Snappy:
                SnappyFraming.Decompress(source, target);
                break;
            case Compression.Lz4:
                Lz4Codec.Decompress(source, target);
                break;
            case Compression.Zstd:
                ZstdCodec.Decompress(source, target);
                break;
            default:
                throw new CorruptRecordsException($"Compression {(byte)compression} is not known.");
        }
    }

    /// <summary>Room for the next piece of output: what is free already, or some more.</summary>
    public static void ReserveForOutput(PooledBuffer target, int sourceLength)
    {
        const int largestFirstGuess = 1 << 20;
        if (!target.Free.IsEmpty) return;
        var guess = target.Length > 0 ? target.Length : Math.Clamp(4L * sourceLength, 256, largestFirstGuess);
        var wanted = (int)Math.Min(guess, (long)target.MaxBytes - target.Length);
        if (wanted == 0 || !target.TryReserve(wanted)) throw TooLarge(target);
    }

    public static CorruptRecordsException TooLarge(PooledBuffer target) => new($"Decompressed records exceed the bound of {target.MaxBytes} bytes.");
}
