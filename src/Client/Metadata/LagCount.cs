using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// Counts what a group has left to read. The end of a transaction takes an offset and is no record: a group that has read everything would seem to lag by it for ever.
/// So where little is left, it is looked at.
/// </summary>
internal static class LagCount
{
    /// <summary>A greater difference of offsets is taken for as many records: control records are few among them.</summary>
    private const long MostLookedAt = 16;

    private const int BytesOfPartition = 16 * 1024, BytesOfRequest = 1024 * 1024;

    /// <summary>One try.</summary>
    /// <exception cref="KafkaException">A leader is not known, or does not answer.</exception>
    public static async ValueTask<Dictionary<TopicPartition, long>> OnceAsync(
        ClusterClient cluster, BrokerConnections connections, IReadOnlyDictionary<TopicPartition, OffsetRange> left, CancellationToken cancellation)
    {
        var counted = left.ToDictionary(range => range.Key, range => Math.Max(0, range.Value.End - range.Value.From));
        var byLeader = await cluster.ByLeaderAsync(counted.Where(lag => lag.Value is > 0 and <= MostLookedAt).Select(lag => lag.Key), cancellation);
        var asked = byLeader.Select(led => cluster.SendAsync(connections, led.Key, Apis.Fetch, Request(led.Value, left), cluster.Options.RequestTimeout, cancellation).AsTask()).ToArray();
        foreach (var response in await Task.WhenAll(asked))
            foreach (var topic in response.Responses)
                foreach (var answer in topic.Partitions)
                    if ((ErrorCode)answer.ErrorCode == ErrorCode.None && left.TryGetValue(new TopicPartition(topic.Topic, answer.PartitionIndex), out var range))
                        counted[new TopicPartition(topic.Topic, answer.PartitionIndex)] = Count(new TopicPartition(topic.Topic, answer.PartitionIndex), answer, range);
        return counted;
    }

    private static FetchRequest Request(List<TopicPartition> partitions, IReadOnlyDictionary<TopicPartition, OffsetRange> left) => new()
    {
        ReplicaId = -1,
        MaxWaitMs = 0,
        MinBytes = 0,
        MaxBytes = BytesOfRequest,
        Topics = [.. partitions.GroupBy(partition => partition.Topic).Select(topic => new FetchRequest.FetchTopic
        {
            Topic = topic.Key,
            Partitions = [.. topic.Select(p => new FetchRequest.FetchPartition { Partition = p.Partition, FetchOffset = left[p].From, PartitionMaxBytes = BytesOfPartition })],
        })],
    };

    /// <summary>What was not sent is taken for records.</summary>
    private static long Count(TopicPartition partition, FetchResponse.PartitionData answer, OffsetRange range)
    {
        var records = answer.Records is { Length: > 0 } sent ? sent.ToMemory() : ReadOnlyMemory<byte>.Empty;
        var batches = BatchFilter.Take(partition, records, range.From, null, checkCrcs: false, out var next);
        var count = Math.Max(0, range.End - next);
        foreach (var (_, header) in batches)
        {
            var offsets = Math.Min(header.LastOffset, range.End - 1) - Math.Max(header.BaseOffset, range.From) + 1;
            count += Math.Clamp(offsets, 0, header.RecordCount);
        }
        return count;
    }
}
