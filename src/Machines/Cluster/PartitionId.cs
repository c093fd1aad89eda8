namespace Actors.Machines;

/// <summary>A partition of a topic, by the topic's id: a topic created anew under an old name is another one.</summary>
public readonly record struct PartitionId(Guid TopicId, int Partition)
{
    /// <summary>Also the name of its persistent actor and of its shard.</summary>
    public string PersistenceId => $"p-{TopicId:N}-{Partition}";

    /// <summary>Null for the persistence id of something else.</summary>
    public static PartitionId? Parse(string persistenceId) =>
        persistenceId.Length > 35 && persistenceId.StartsWith("p-", StringComparison.Ordinal) && persistenceId[34] == '-'
        && Guid.TryParseExact(persistenceId.AsSpan(2, 32), "N", out var id) && int.TryParse(persistenceId.AsSpan(35), out var partition)
            ? new PartitionId(id, partition)
            : null;

    /// <summary>All partitions of a topic, in order.</summary>
    public static IEnumerable<PartitionId> Of(TopicImage topic) => Of(topic.Id, topic.Partitions);

    /// <inheritdoc cref="Of(TopicImage)"/>
    public static IEnumerable<PartitionId> Of(Guid topic, int partitions) => Enumerable.Range(0, partitions).Select(index => new PartitionId(topic, index));
}
