using System.Buffers.Binary;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>What one member of a consumer group gets: its partitions, and bytes of the assignor's own.</summary>
public sealed record GroupAssignment(IReadOnlyList<TopicPartition> Partitions, byte[]? UserData = null)
{
    public static readonly GroupAssignment Empty = new([]);
}

/// <summary>
/// The bytes that consumers exchange through the group's coordinator, which does not look into them: a version of two bytes, then the message.
/// Source: Kafka's <c>ConsumerProtocol</c>.
/// </summary>
public static class ConsumerProtocol
{
    /// <summary>The protocol type under which consumers join.</summary>
    public const string Type = "consumer";

    /// <summary>Owned partitions and their generation; rack ids, which version 3 adds, are not used here.</summary>
    private const short Version = 2;

    public static byte[] WriteSubscription(IEnumerable<string> topics, byte[]? userData, IEnumerable<TopicPartition> owned, int generation) =>
        Write(new ConsumerProtocolSubscription
        {
            Topics = [.. topics.Order(StringComparer.Ordinal)],
            UserData = userData,
            OwnedPartitions = [.. owned.GroupBy(p => p.Topic).Select(topic => new ConsumerProtocolSubscription.TopicPartition
            {
                Topic = topic.Key, Partitions = [.. topic.Select(p => p.Partition).Order()],
            })],
            GenerationId = generation,
        }, Version);

    public static byte[] WriteAssignment(GroupAssignment assignment) =>
        Write(new ConsumerProtocolAssignment
        {
            AssignedPartitions = [.. assignment.Partitions.GroupBy(p => p.Topic).Select(topic => new ConsumerProtocolAssignment.TopicPartition
            {
                Topic = topic.Key, Partitions = [.. topic.Select(p => p.Partition)],
            })],
            UserData = assignment.UserData,
        }, Version);

    /// <exception cref="MalformedMessageException">No such bytes.</exception>
    public static ConsumerProtocolSubscription ReadSubscription(byte[] bytes)
    {
        var reader = Open(bytes, ConsumerProtocolSubscription.MaxVersion, out var version);
        return ConsumerProtocolSubscription.Read(ref reader, version);
    }

    /// <summary>Empty bytes are an empty assignment.</summary>
    /// <exception cref="MalformedMessageException">No such bytes.</exception>
    public static GroupAssignment ReadAssignment(byte[] bytes)
    {
        if (bytes.Length == 0) return GroupAssignment.Empty;
        var reader = Open(bytes, ConsumerProtocolAssignment.MaxVersion, out var version);
        var read = ConsumerProtocolAssignment.Read(ref reader, version);
        return new GroupAssignment([.. read.AssignedPartitions.SelectMany(t => t.Partitions.Select(p => new TopicPartition(t.Topic, p)))], read.UserData);
    }

    /// <summary>A newer member's bytes are read as the newest version known here: versions only add at the end.</summary>
    private static ProtocolReader Open(byte[] bytes, short newest, out short version)
    {
        if (bytes.Length < 2) throw new MalformedMessageException($"a consumer's {bytes.Length} bytes have no version");
        version = BinaryPrimitives.ReadInt16BigEndian(bytes);
        if (version < 0) throw new MalformedMessageException($"a consumer's bytes are of version {version}");
        version = Math.Min(version, newest);
        return new ProtocolReader(bytes.AsMemory(2));
    }

    private static byte[] Write(IMessage message, short version)
    {
        using var writer = new ProtocolWriter();
        writer.WriteInt16(version);
        message.Write(writer, version);
        return writer.ToArray();
    }
}
