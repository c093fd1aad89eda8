using System.Buffers.Binary;

namespace Actors.Client;

/// <summary>
/// Kafka's default partitioner: murmur2 of the key, so that every Kafka client puts a key into the same partition.
/// Source: Kafka's <c>BuiltInPartitioner.partitionForKey</c> and <c>Utils.murmur2</c>.
/// </summary>
public static class Partitioner
{
    private const uint Multiplier = 0x5bd1e995;

    /// <summary>The partition of a key among <paramref name="partitionCount"/> (at least 1).</summary>
    public static int ForKey(ReadOnlySpan<byte> key, int partitionCount) => (Murmur2(key) & 0x7fffffff) % partitionCount;

    /// <summary>The 32-bit murmur2 hash with Kafka's seed.</summary>
    public static int Murmur2(ReadOnlySpan<byte> data)
    {
        var hash = 0x9747b28c ^ (uint)data.Length;
        while (data.Length >= 4)
        {
            var word = BinaryPrimitives.ReadUInt32LittleEndian(data) * Multiplier;
            word = (word ^ (word >> 24)) * Multiplier;
            hash = (hash * Multiplier) ^ word;
            data = data[4..];
        }
        if (data.Length > 0)
        {
            if (data.Length > 2) hash ^= (uint)data[2] << 16;
            if (data.Length > 1) hash ^= (uint)data[1] << 8;
            hash = (hash ^ data[0]) * Multiplier;
        }
        hash = (hash ^ (hash >> 13)) * Multiplier;
        return (int)(hash ^ (hash >> 15));
    }
}
