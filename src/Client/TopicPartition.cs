namespace Actors.Client;

/// <summary>A topic's name and one of its partitions, numbered from 0.</summary>
public readonly record struct TopicPartition(string Topic, int Partition) : IComparable<TopicPartition>
{
    public int CompareTo(TopicPartition other)
    {
        var byTopic = string.CompareOrdinal(Topic, other.Topic);
        return byTopic != 0 ? byTopic : Partition.CompareTo(other.Partition);
    }

    public override string ToString() => $"{Topic}-{Partition}";
}

/// <summary>Offsets that stand for a place in the log; ListOffsets turns them into a number. Source: Kafka's <c>ListOffsetsRequest</c>.</summary>
public static class LogicalOffset
{
    /// <summary>The first offset still in the log.</summary>
    public const long Earliest = -2;

    /// <summary>The offset that the next record gets (under read_committed: the last stable offset).</summary>
    public const long Latest = -1;

    /// <summary>The record with the greatest timestamp (KIP-734).</summary>
    public const long MaxTimestamp = -3;
}

/// <summary>A committed offset: the next one to read, with the committer's own text beside it.</summary>
public readonly record struct OffsetAndMetadata(long Offset, string Metadata = "", int LeaderEpoch = -1);

/// <summary>Which records a fetch shows. Source: Kafka's <c>isolation.level</c>.</summary>
public enum IsolationLevel : sbyte
{
    ReadUncommitted = 0,
    ReadCommitted = 1,
}
