using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>The cluster as a broker describes it; the controller is -1 while there is none.</summary>
public sealed record ClusterDescription(string ClusterId, int ControllerId, IReadOnlyList<BrokerInfo> Brokers);

/// <summary>What a broker keeps of a partition.</summary>
/// <param name="Size">Bytes of its record batches.</param>
/// <param name="OffsetLag">How many offsets it is behind.</param>
/// <param name="IsFuture">It is being copied here from another directory of the broker.</param>
public readonly record struct ReplicaSize(long Size, long OffsetLag, bool IsFuture);

/// <summary>A place where a broker keeps partitions.</summary>
/// <param name="TotalBytes">Of its volume, -1 where unknown.</param>
/// <param name="UsableBytes">Of its volume, -1 where unknown.</param>
public sealed record LogDirectory(string Path, ErrorCode Error, long TotalBytes, long UsableBytes, IReadOnlyDictionary<TopicPartition, ReplicaSize> Replicas);

public sealed partial class Admin
{
    /// <summary>Gives a topic more partitions, so that it has so many in all. Answered when they have leaders.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="total">More than it has.</param>
    /// <param name="assignments">The brokers of each new partition, or null.</param>
    /// <param name="validateOnly">Only says what would be wrong.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaException">INVALID_PARTITIONS, INVALID_REPLICA_ASSIGNMENT, UNKNOWN_TOPIC_OR_PARTITION, with the broker's words.</exception>
    public async ValueTask CreatePartitionsAsync(
        string topic, int total, IReadOnlyList<IReadOnlyList<int>>? assignments = null, bool validateOnly = false, CancellationToken cancellation = default) => await RetryAsync(async stop =>
    {
        var request = new CreatePartitionsRequest { TimeoutMs = TimeoutMs, ValidateOnly = validateOnly };
        request.Topics.Add(new CreatePartitionsRequest.CreatePartitionsTopic
        {
            Name = topic,
            Count = total,
            Assignments = assignments?.Select(brokers => new CreatePartitionsRequest.CreatePartitionsAssignment { BrokerIds = [.. brokers] }).ToList(),
        });
        var response = await SendAsync(await cluster.ControllerAsync(stop), Apis.CreatePartitions, request, stop);
        var result = response.Results.Find(t => t.Name == topic) ?? throw Unanswered($"topic {topic}");
        Check(result.ErrorCode, $"topic {topic}", result.ErrorMessage, final: ErrorCode.UnknownTopicOrPartition);
        return true;
    }, cancellation);

    /// <summary>Brokers and controller, as any broker tells them.</summary>
    public ValueTask<ClusterDescription> DescribeClusterAsync(CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var response = await cluster.SendToAnyAsync(Apis.DescribeCluster, new DescribeClusterRequest(), cluster.Options.RequestTimeout, stop);
        Check(response.ErrorCode, "the cluster", response.ErrorMessage);
        return new ClusterDescription(response.ClusterId, response.ControllerId, [.. response.Brokers.OrderBy(b => b.BrokerId).Select(b => new BrokerInfo(b.BrokerId, b.Host, b.Port, b.Rack))]);
    }, cancellation);

    /// <summary>Where brokers keep partitions, by broker id.</summary>
    /// <param name="brokers">Null: all.</param>
    /// <param name="topics">Null: all.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaException">BROKER_NOT_AVAILABLE: no such broker.</exception>
    public ValueTask<Dictionary<int, IReadOnlyList<LogDirectory>>> DescribeLogDirsAsync(
        IReadOnlyCollection<int>? brokers = null, IReadOnlyCollection<string>? topics = null, CancellationToken cancellation = default) => RetryAsync(async stop =>
    {
        var metadata = await cluster.RefreshAsync(stop);
        var partitions = topics is null ? null : new Dictionary<string, List<int>>();
        foreach (var topic in topics ?? []) partitions![topic] = [.. (await DescribeTopicAsync(topic, stop)).Partitions.Select(p => p.Index)];
        var found = new Dictionary<int, IReadOnlyList<LogDirectory>>();
        foreach (var id in brokers ?? [.. metadata.Brokers.Keys])
        {
            var broker = metadata.Brokers.GetValueOrDefault(id) ?? throw new KafkaException(ErrorCode.BrokerNotAvailable, $"there is no broker {id}");
            var request = new DescribeLogDirsRequest { Topics = partitions?.Select(t => new DescribeLogDirsRequest.DescribableLogDirTopic { Topic = t.Key, Partitions = t.Value }).ToList() };
            var response = await SendAsync(broker, Apis.DescribeLogDirs, request, stop);
            Check(response.ErrorCode, $"the log directories of broker {broker}", null);
            found[id] = [.. response.Results.Select(Directory)];
        }
        return found;
    }, cancellation);

    private static LogDirectory Directory(DescribeLogDirsResponse.DescribeLogDirsResult result)
    {
        var replicas = new Dictionary<TopicPartition, ReplicaSize>();
        foreach (var topic in result.Topics)
            foreach (var partition in topic.Partitions)
                replicas[new TopicPartition(topic.Name, partition.PartitionIndex)] = new ReplicaSize(partition.PartitionSize, partition.OffsetLag, partition.IsFutureKey);
        return new LogDirectory(result.LogDir, (ErrorCode)result.ErrorCode, result.TotalBytes, result.UsableBytes, replicas);
    }
}
