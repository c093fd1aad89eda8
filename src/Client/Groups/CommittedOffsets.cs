using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>OffsetFetch's request and answer as this client speaks it: one group a request.</summary>
internal static class CommittedOffsets
{
    /// <param name="partitions">Null: all that the group has committed.</param>
    public static OffsetFetchRequest Request(string group, IReadOnlyCollection<TopicPartition>? partitions) => new()
    {
        GroupId = group,
        Topics = partitions is null ? null : [.. partitions.GroupBy(p => p.Topic).Select(topic => new OffsetFetchRequest.OffsetFetchRequestTopic
        {
            Name = topic.Key, PartitionIndexes = [.. topic.Select(p => p.Partition)],
        })],
    };

    /// <exception cref="KafkaException">The group's or any partition's error.</exception>
    public static Dictionary<TopicPartition, OffsetAndMetadata> Read(string group, OffsetFetchResponse response)
    {
        if ((ErrorCode)response.ErrorCode != ErrorCode.None) throw new KafkaException((ErrorCode)response.ErrorCode, $"the offsets of group {group}");
        var committed = new Dictionary<TopicPartition, OffsetAndMetadata>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var of = new TopicPartition(topic.Name, partition.PartitionIndex);
                if ((ErrorCode)partition.ErrorCode != ErrorCode.None)
                    throw new KafkaException((ErrorCode)partition.ErrorCode, $"the offset of group {group} in partition {of}");
                if (partition.CommittedOffset >= 0)
                    committed[of] = new OffsetAndMetadata(partition.CommittedOffset, partition.Metadata ?? "", partition.CommittedLeaderEpoch);
            }
        }
        return committed;
    }
}
