using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>Groups' offsets, changed from outside.</summary>
public sealed partial class Admin
{
    /// <summary>Sets a group's committed offsets. A group that is not there comes into being with them.</summary>
    /// <exception cref="KafkaException">The first partition's error, others may be done: UNKNOWN_MEMBER_ID while the group has members.</exception>
    public async ValueTask AlterOffsetsAsync(string group, IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> offsets, CancellationToken cancellation = default) => await RetryAsync(async stop =>
    {
        var coordinator = await cluster.CoordinatorAsync(group, stop);
        var request = new OffsetCommitRequest
        {
            GroupId = group, GenerationIdOrMemberEpoch = -1, MemberId = "",
            Topics = [.. offsets.GroupBy(o => o.Key.Topic).Select(topic => new OffsetCommitRequest.OffsetCommitRequestTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(o => new OffsetCommitRequest.OffsetCommitRequestPartition
                {
                    PartitionIndex = o.Key.Partition, CommittedOffset = o.Value.Offset, CommittedLeaderEpoch = o.Value.LeaderEpoch, CommittedMetadata = o.Value.Metadata,
                })],
            })],
        };
        var response = await SendAsync(coordinator, Apis.OffsetCommit, request, stop);
        foreach (var topic in response.Topics)
            foreach (var partition in topic.Partitions) Check(partition.ErrorCode, $"the offset of group {group} in partition {topic.Name}-{partition.PartitionIndex}", null);
        return true;
    }, cancellation);

    /// <summary>Deletes a group's committed offsets of these partitions, and gives what became of each: null for done.</summary>
    /// <exception cref="KafkaException">GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP where the group is not one of consumers.</exception>
    public ValueTask<IReadOnlyDictionary<TopicPartition, KafkaException?>> DeleteOffsetsAsync(
        string group, IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var coordinator = await cluster.CoordinatorAsync(group, stop);
        var request = new OffsetDeleteRequest
        {
            GroupId = group,
            Topics = [.. partitions.GroupBy(p => p.Topic).Select(topic => new OffsetDeleteRequest.OffsetDeleteRequestTopic
            {
                Name = topic.Key, Partitions = [.. topic.Select(p => new OffsetDeleteRequest.OffsetDeleteRequestPartition { PartitionIndex = p.Partition })],
            })],
        };
        var response = await SendAsync(coordinator, Apis.OffsetDelete, request, stop);
        Check(response.ErrorCode, $"group {group}", null);
        var results = new Dictionary<TopicPartition, KafkaException?>();
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var of = new TopicPartition(topic.Name, partition.PartitionIndex);
                results[of] = (ErrorCode)partition.ErrorCode is var error and not ErrorCode.None ? new KafkaException(error, $"the offset of group {group} in partition {of}") : null;
            }
        }
        return (IReadOnlyDictionary<TopicPartition, KafkaException?>)results;
    }, cancellation);
}
