using System.Buffers.Text;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary>A topic as kafka-topics describes it.</summary>
internal static class TopicLines
{
    public static string Topic(TopicMetadata topic, IEnumerable<ConfigEntry> set)
    {
        var replication = topic.Partitions.Count > 0 ? topic.Partitions[0].Replicas.Count : 0;
        var id = topic.Id == Guid.Empty ? "" : $"\tTopicId: {Id(topic.Id)}";
        return $"Topic: {topic.Name}{id}\tPartitionCount: {topic.Partitions.Count}\tReplicationFactor: {replication}\tConfigs: {string.Join(",", set.Select(c => $"{c.Name}={c.Value}"))}";
    }

    /// <param name="topic">The topic's name.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="eligible">Null: the broker does not tell.</param>
    public static string Partition(string topic, PartitionMetadata partition, EligibleReplicas? eligible)
    {
        static string Ids(IReadOnlyList<int>? ids) => ids is null ? "N/A" : string.Join(",", ids);

        var leader = partition.Leader >= 0 ? $"{partition.Leader}" : "none";
        return $"\tTopic: {topic}\tPartition: {partition.Index}\tLeader: {leader}\tReplicas: {Ids(partition.Replicas)}\tIsr: {Ids(partition.InSyncReplicas)}"
            + $"\tElr: {Ids(eligible?.Eligible)}\tLastKnownElr: {Ids(eligible?.LastKnown)}";
    }

    /// <summary>The configurations that somebody set, for the topic or for the brokers.</summary>
    public static IEnumerable<ConfigEntry> Set(IReadOnlyList<ConfigEntry> configs) => configs.Where(c => c.Source != ConfigSource.DefaultConfig && !c.IsSensitive).OrderBy(c => c.Name, StringComparer.Ordinal);

    /// <summary>Kafka writes ids as unpadded base64 for URLs.</summary>
    public static string Id(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));
}
