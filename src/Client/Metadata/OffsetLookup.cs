using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>An offset that ListOffsets found; -1 where no record is that new. The timestamp is -1 unless one was looked for.</summary>
public readonly record struct ListedOffset(long Offset, long Timestamp, int LeaderEpoch);

/// <summary>Asks partitions' leaders for offsets: by timestamp (milliseconds since 1970 UTC) or by <see cref="LogicalOffset"/>.</summary>
internal static class OffsetLookup
{
    /// <summary>One try.</summary>
    /// <exception cref="KafkaException">Any partition's error; nothing of the rest is given then.</exception>
    public static async ValueTask<Dictionary<TopicPartition, ListedOffset>> OnceAsync(
        ClusterClient cluster, BrokerConnections connections, IReadOnlyDictionary<TopicPartition, long> wanted, IsolationLevel isolation, CancellationToken cancellation)
    {
        var byLeader = await cluster.ByLeaderAsync(wanted.Keys, cancellation);
        var found = new Dictionary<TopicPartition, ListedOffset>(wanted.Count);
        var asked = byLeader.Select(led => AskAsync(cluster, connections, led.Key, led.Value, wanted, isolation, cancellation)).ToArray();
        foreach (var response in await Task.WhenAll(asked)) Collect(response, found);
        foreach (var partition in wanted.Keys)
            if (!found.ContainsKey(partition)) throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"the offset of partition {partition}");
        return found;
    }

    private static Task<ListOffsetsResponse> AskAsync(
        ClusterClient cluster, BrokerConnections connections, BrokerInfo leader, List<TopicPartition> partitions,
        IReadOnlyDictionary<TopicPartition, long> wanted, IsolationLevel isolation, CancellationToken cancellation)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1, IsolationLevel = (sbyte)isolation };
        foreach (var topic in partitions.GroupBy(p => p.Topic))
        {
            request.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic
            {
                Name = topic.Key,
                Partitions = [.. topic.Select(p => new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = p.Partition, Timestamp = wanted[p] })],
            });
        }
        return cluster.SendAsync(connections, leader, Apis.ListOffsets, request, cluster.Options.RequestTimeout, cancellation).AsTask();
    }

    private static void Collect(ListOffsetsResponse response, Dictionary<TopicPartition, ListedOffset> found)
    {
        foreach (var topic in response.Topics)
        {
            foreach (var partition in topic.Partitions)
            {
                var of = new TopicPartition(topic.Name, partition.PartitionIndex);
                if ((ErrorCode)partition.ErrorCode != ErrorCode.None) throw new KafkaException((ErrorCode)partition.ErrorCode, $"the offset of partition {of}");
                found[of] = new ListedOffset(partition.Offset, partition.Timestamp, partition.LeaderEpoch);
            }
        }
    }
}
