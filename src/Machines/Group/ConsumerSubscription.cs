using System.Buffers.Binary;
using System.Text;

namespace Actors.Machines;

/// <summary>Reads which topics a consumer subscribes to, and which partitions it was given, out of its protocol's bytes. Source: Kafka's ConsumerProtocolSubscription and ConsumerProtocolAssignment, all versions.</summary>
internal static class ConsumerSubscription
{
    /// <summary>The protocol type of consumers.</summary>
    public const string ProtocolType = "consumer";

    private const int VersionSize = sizeof(short), CountSize = sizeof(int), LengthSize = sizeof(short);

    /// <summary>The topics; null when the bytes are no subscription.</summary>
    public static IReadOnlyList<string>? Topics(ReadOnlySpan<byte> metadata)
    {
        if (!ReadCount(metadata, LengthSize, out var count, out var rest))
            return null;
        var topics = new List<string>(count);
        for (var i = 0; i < count; i++)
        {
            if (!ReadTopic(ref rest, out var topic))
                return null;
            topics.Add(topic);
        }
        return topics;
    }

    /// <summary>The partitions of an assignment; no bytes are an empty one; null when the bytes are no assignment.</summary>
    public static IReadOnlyList<TopicPartition>? Partitions(ReadOnlySpan<byte> assignment)
    {
        if (assignment.IsEmpty)
            return [];
        if (!ReadCount(assignment, LengthSize + CountSize, out var count, out var rest))
            return null;
        var partitions = new List<TopicPartition>();
        for (var i = 0; i < count; i++)
        {
            if (!ReadTopic(ref rest, out var topic) || rest.Length < CountSize)
                return null;
            var numbers = BinaryPrimitives.ReadInt32BigEndian(rest);
            rest = rest[CountSize..];
            if (numbers < 0 || numbers > rest.Length / sizeof(int))
                return null;
            for (var n = 0; n < numbers; n++)
                partitions.Add(new TopicPartition(topic, BinaryPrimitives.ReadInt32BigEndian(rest[(n * sizeof(int))..])));
            rest = rest[(numbers * sizeof(int))..];
        }
        return partitions;
    }

    private static bool ReadCount(ReadOnlySpan<byte> bytes, int leastSize, out int count, out ReadOnlySpan<byte> rest)
    {
        count = 0;
        rest = [];
        if (bytes.Length < VersionSize + CountSize || BinaryPrimitives.ReadInt16BigEndian(bytes) < 0)
            return false;
        count = BinaryPrimitives.ReadInt32BigEndian(bytes[VersionSize..]);
        rest = bytes[(VersionSize + CountSize)..];
        return count >= 0 && count <= rest.Length / leastSize;
    }

    private static bool ReadTopic(ref ReadOnlySpan<byte> rest, out string topic)
    {
        topic = "";
        var length = rest.Length < LengthSize ? -1 : BinaryPrimitives.ReadInt16BigEndian(rest);
        if (length < 0 || length > rest.Length - LengthSize)
            return false;
        topic = Encoding.UTF8.GetString(rest.Slice(LengthSize, length));
        rest = rest[(LengthSize + length)..];
        return true;
    }
}
