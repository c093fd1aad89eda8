using System.Globalization;

namespace Actors.Cli.Topics;

/// <summary>A topic's place in the journal, as the node tells it.</summary>
internal sealed record TopicStorage(string Name, string Storage, IReadOnlyList<PartitionStorage> Partitions)
{
    /// <summary>A line a partition: events and bytes in the journal, first and last offset.</summary>
    public static IEnumerable<string> Lines(IEnumerable<TopicStorage> topics) => Columns.Lines(
        [
            ["TOPIC", "PARTITION", "LEADER", "STORAGE", "ROWS", "BYTES", "FIRST-OFFSET", "LAST-OFFSET"],
            .. topics.SelectMany(topic => topic.Partitions.Select(partition => new[]
            {
                topic.Name, Number(partition.Partition), partition.Leader < 0 ? "none" : Number(partition.Leader), topic.Storage, Number(partition.Rows), Number(partition.Bytes),
                Number(partition.FirstOffset), Number(partition.LastOffset),
            })),
        ], [15, 10, 6, 8, 8, 12, 12, 0]);

    private static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}

/// <summary>A partition's rows in the journal; offsets are null where it has no records.</summary>
internal sealed record PartitionStorage(int Partition, int Leader, long Rows, long Bytes, long? FirstOffset, long? LastOffset);
