using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>Replicas that may lead although they are not in sync, and those that were the last to (KIP-966); null where the broker does not know.</summary>
public sealed record EligibleReplicas(IReadOnlyList<int>? Eligible, IReadOnlyList<int>? LastKnown);

public sealed partial class Admin
{
    /// <summary>The eligible leader replicas of topics' partitions; topics that are not there are left out. Null from brokers before 3.7, which do not tell.</summary>
    /// <param name="topics">The topics' names.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<IReadOnlyDictionary<TopicPartition, EligibleReplicas>?> EligibleReplicasAsync(IReadOnlyCollection<string> topics, CancellationToken cancellation = default)
    {
        var found = new Dictionary<TopicPartition, EligibleReplicas>();
        var request = new DescribeTopicPartitionsRequest
        {
            Topics = [.. topics.Order(StringComparer.Ordinal).Select(name => new DescribeTopicPartitionsRequest.TopicRequest { Name = name })],
        };
        try
        {
            do
            {
                var response = await RetryAsync(stop => cluster.SendToAnyAsync(Apis.DescribeTopicPartitions, request, cluster.Options.RequestTimeout, stop), cancellation);
                foreach (var topic in response.Topics)
                    foreach (var partition in topic.Partitions) found[new TopicPartition(topic.Name!, partition.PartitionIndex)] = new(partition.EligibleLeaderReplicas, partition.LastKnownElr);
                request.Cursor = response.NextCursor is { } next ? new DescribeTopicPartitionsRequest.CursorData { TopicName = next.TopicName, PartitionIndex = next.PartitionIndex } : null;
            }
            while (request.Cursor is not null);
            return found;
        }
        catch (KafkaException error) when (error.Error == ErrorCode.UnsupportedVersion)
        {
            return null;
        }
    }
}
