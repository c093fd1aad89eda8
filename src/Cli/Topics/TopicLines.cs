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

    /// <summary>Eligible leader replicas (KIP-966) are not in Metadata's answers: Kafka's tool says N/A then.</summary>
    public static string Partition(string topic, PartitionMetadata partition)
    {
        var leader = partition.Leader >= 0 ? $"{partition.Leader}" : "none";
        return $"\tTopic: {topic}\tPartition: {partition.Index}\tLeader: {leader}\tReplicas: {string.Join(",", partition.Replicas)}\tIsr: {string.Join(",", partition.InSyncReplicas)}\tElr: N/A\tLastKnownElr: N/A";
    }

    /// <summary>The configurations that somebody set, for the topic or for the brokers.</summary>
    public static IEnumerable<ConfigEntry> Set(IReadOnlyList<ConfigEntry> configs) => configs.Where(c => c.Source != ConfigSource.DefaultConfig && !c.IsSensitive).OrderBy(c => c.Name, StringComparer.Ordinal);

    /// <summary>Kafka writes ids as unpadded base64 for URLs.</summary>
    public static string Id(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));
}
