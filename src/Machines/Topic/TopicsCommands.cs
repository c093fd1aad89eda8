using Actors.Protocol;

namespace Actors.Machines;

/// <summary>What the topics can be told to do.</summary>
public abstract record TopicsCommand;

/// <summary>A new incarnation of the topics actor begins. Answered by <see cref="TopicsEpochReply"/>.</summary>
public sealed record StartTopicsEpoch : TopicsCommand;

/// <summary>A topic asked for.</summary>
/// <param name="Id">The id it gets, chosen at random by the caller.</param>
/// <param name="Partitions">-1: the default number.</param>
/// <param name="ReplicationFactor">-1, or 1 to the number of brokers. Checked, not followed: until followers exist the storage replicates.</param>
public sealed record NewTopic(string Name, Guid Id, int Partitions = -1, short ReplicationFactor = -1)
{
    /// <summary>Brokers by partition; where given, partitions and replication factor must be -1. Checked, not followed: placement is the cluster's.</summary>
    public IReadOnlyList<PartitionAssignment> Assignments { get; init; } = [];

    /// <summary>Configurations; null values are refused.</summary>
    public IReadOnlyList<KeyValuePair<string, string?>> Configs { get; init; } = [];
}

/// <summary>The brokers wanted for a partition.</summary>
public sealed record PartitionAssignment(int Partition, IReadOnlyList<int> Brokers);

/// <summary>Creates topics, each for itself. Answered by <see cref="CreateTopicsReply"/>, one result a topic, in order.</summary>
/// <param name="ValidateOnly">Only says what would happen.</param>
/// <param name="Brokers">The brokers that exist, for assignments and replication factors.</param>
public sealed record CreateTopics(IReadOnlyList<NewTopic> Topics, bool ValidateOnly, IReadOnlyCollection<int> Brokers) : TopicsCommand;

/// <summary>Names a topic by name or by id, the other null.</summary>
public readonly record struct TopicReference(string? Name, Guid? Id);

/// <summary>Deletes topics, each for itself. Answered by <see cref="DeleteTopicsReply"/>.</summary>
public sealed record DeleteTopics(IReadOnlyList<TopicReference> Topics) : TopicsCommand;

/// <summary>The journals of a deleted topic's partitions are removed. No answer.</summary>
public sealed record PurgeTopic(Guid Id) : TopicsCommand;

/// <summary>A greater number of partitions for a topic; assignments null or one a new partition.</summary>
public sealed record MorePartitions(string Name, int Count, IReadOnlyList<IReadOnlyList<int>>? Assignments = null);

/// <summary>Adds partitions, each topic for itself. Answered by <see cref="CreatePartitionsReply"/>.</summary>
public sealed record CreatePartitions(IReadOnlyList<MorePartitions> Topics, bool ValidateOnly, IReadOnlyCollection<int> Brokers) : TopicsCommand;

/// <summary>How one configuration changes. Source: IncrementalAlterConfigs' operations.</summary>
public enum ConfigOperation : sbyte
{
    Set = 0,
    Delete = 1,
    Append = 2,
    Subtract = 3,
}

/// <summary>One change of a configuration.</summary>
public readonly record struct ConfigChange(string Name, string? Value, ConfigOperation Operation);

/// <summary>Changes of one resource's configurations.</summary>
/// <param name="ReplaceAll">Whatever is not named goes back to its default (AlterConfigs).</param>
public sealed record ResourceChanges(ConfigurationResource Resource, IReadOnlyList<ConfigChange> Changes, bool ReplaceAll = false);

/// <summary>Changes configurations, each resource for itself and wholly or not at all. Answered by <see cref="AlterConfigsReply"/>.</summary>
/// <param name="AskedNode">The node that the request came to: a broker's configurations are changed at itself.</param>
public sealed record AlterConfigs(IReadOnlyList<ResourceChanges> Resources, bool ValidateOnly, int AskedNode) : TopicsCommand;

/// <summary>Gives out the next block of producer ids. Answered by <see cref="ProducerIdBlock"/>.</summary>
public sealed record AllocateProducerIds : TopicsCommand;

/// <summary>The epoch of this incarnation.</summary>
public sealed record TopicsEpochReply(int Epoch);

/// <summary>What became of one topic: <paramref name="Topic"/> is the topic as it was made, null on error.</summary>
public sealed record CreatedTopic(string Name, ErrorCode Error, string? Message, TopicImage? Topic);

/// <summary>The answer to <see cref="CreateTopics"/>.</summary>
public sealed record CreateTopicsReply(IReadOnlyList<CreatedTopic> Topics);

/// <summary>What became of one deletion; name and id as far as they are known.</summary>
public sealed record DeletedTopicResult(string? Name, Guid Id, ErrorCode Error, string? Message);

/// <summary>The answer to <see cref="DeleteTopics"/>.</summary>
public sealed record DeleteTopicsReply(IReadOnlyList<DeletedTopicResult> Topics);

/// <summary>What became of one topic's change.</summary>
public sealed record TopicResult(string Name, ErrorCode Error, string? Message);

/// <summary>The answer to <see cref="CreatePartitions"/>.</summary>
public sealed record CreatePartitionsReply(IReadOnlyList<TopicResult> Topics);

/// <summary>What became of one resource's change.</summary>
public sealed record ResourceResult(ConfigurationResource Resource, ErrorCode Error, string? Message);

/// <summary>The answer to <see cref="AlterConfigs"/>.</summary>
/// <param name="Version">The image's version from which on the changes hold.</param>
public sealed record AlterConfigsReply(IReadOnlyList<ResourceResult> Resources, long Version);

/// <summary>Producer ids <paramref name="First"/> to First + Count - 1, for one node alone.</summary>
public sealed record ProducerIdBlock(long First, int Count);
