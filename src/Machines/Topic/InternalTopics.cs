namespace Actors.Machines;

/// <summary>The topics that Kafka keeps for itself.</summary>
public static class InternalTopics
{
    /// <summary>A group's coordinator is the leader of its partition of this topic.</summary>
    public const string ConsumerOffsets = "__consumer_offsets";

    /// <summary>A transaction's coordinator is the leader of its partition of this topic.</summary>
    public const string TransactionState = "__transaction_state";

    /// <summary>Whether a topic is one of them: clients do not write it.</summary>
    public static bool Contains(string name) => name is ConsumerOffsets or TransactionState;

    /// <summary>The partition that stands for a group or a transactional id. Source: Kafka's <c>GroupMetadataManager.partitionFor</c>, Java's <c>String.hashCode</c>.</summary>
    /// <param name="partitions">At least 1.</param>
    public static int PartitionFor(string key, int partitions)
    {
        var hash = 0;
        foreach (var c in key)
            hash = unchecked(31 * hash + c);
        return (hash == int.MinValue ? 0 : Math.Abs(hash)) % partitions;
    }
}
