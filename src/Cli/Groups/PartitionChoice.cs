using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Partitions as kafka-consumer-groups' <c>--topic</c> names them: <c>topic</c> for all, <c>topic:0,1</c> for some.</summary>
internal static class PartitionChoice
{
    /// <exception cref="UsageException">No partition numbers after the colon.</exception>
    /// <exception cref="KafkaException">UNKNOWN_TOPIC_OR_PARTITION.</exception>
    public static async Task<IReadOnlyList<TopicPartition>> OfAsync(Admin admin, string text, CancellationToken cancellation)
    {
        if (text.Split(':') is not [var topic, var list])
            return [.. (await admin.DescribeTopicAsync(text, cancellation)).Partitions.Select(p => new TopicPartition(text, p.Index))];
        return [.. list.Split(',').Select(number => int.TryParse(number, out var partition) && partition >= 0
            ? new TopicPartition(topic, partition)
            : throw new UsageException($"--topic {text}: partitions' numbers are meant after the colon, as in {topic}:0,1"))];
    }
}
