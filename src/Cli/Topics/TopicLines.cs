using System.Buffers.Text;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary>A topic as kafka-topics describes it.</summary>
internal static class TopicLines
{
    public static IEnumerable<string> Describe(TopicMetadata topic, IReadOnlyList<ConfigEntry> configs)
    {
        var replication = topic.Partitions.Count > 0 ? topic.Partitions[0].Replicas.Count : 0;
        var set = string.Join(",", configs.Where(c => !c.IsDefault && !c.IsSensitive).OrderBy(c => c.Name, StringComparer.Ordinal).Select(c => $"{c.Name}={c.Value}"));
        yield return $"Topic: {topic.Name}\tTopicId: {Id(topic.Id)}\tPartitionCount: {topic.Partitions.Count}\tReplicationFactor: {replication}\tConfigs: {set}";
        foreach (var partition in topic.Partitions)
        {
            var leader = partition.Leader >= 0 ? $"{partition.Leader}" : "none";
            yield return $"\tTopic: {topic.Name}\tPartition: {partition.Index}\tLeader: {leader}\tReplicas: {string.Join(",", partition.Replicas)}\tIsr: {string.Join(",", partition.InSyncReplicas)}";
        }
    }

    /// <summary>Kafka writes ids as unpadded base64 for URLs.</summary>
    private static string Id(Guid id) => Base64Url.EncodeToString(id.ToByteArray(bigEndian: true));
}
