using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>A broker as metadata names it.</summary>
public sealed record BrokerInfo(int Id, string Host, int Port, string? Rack)
{
    public override string ToString() => $"{Id} ({Host}:{Port})";
}

/// <summary>A partition as metadata shows it; <see cref="Leader"/> is -1 while there is none.</summary>
public sealed record PartitionMetadata(
    int Index, int Leader, int LeaderEpoch, ErrorCode Error, IReadOnlyList<int> Replicas, IReadOnlyList<int> InSyncReplicas);

/// <summary>A topic as metadata shows it; its partitions are in the order of their numbers, without gaps.</summary>
public sealed record TopicMetadata(string Name, Guid Id, bool IsInternal, ErrorCode Error, IReadOnlyList<PartitionMetadata> Partitions);

/// <summary>A picture of the cluster. Immutable; a refresh gives a new one.</summary>
public sealed class ClusterMetadata
{
    internal static readonly ClusterMetadata Empty = new(null, -1, new Dictionary<int, BrokerInfo>(), new Dictionary<string, TopicMetadata>());

    private ClusterMetadata(
        string? clusterId, int controllerId, IReadOnlyDictionary<int, BrokerInfo> brokers, IReadOnlyDictionary<string, TopicMetadata> topics) =>
        (ClusterId, ControllerId, Brokers, Topics) = (clusterId, controllerId, brokers, topics);

    public string? ClusterId { get; }

    /// <summary>The node to ask for topics to be made or deleted; -1 while unknown.</summary>
    public int ControllerId { get; }

    public IReadOnlyDictionary<int, BrokerInfo> Brokers { get; }

    /// <summary>The topics that were asked for, those with an error included.</summary>
    public IReadOnlyDictionary<string, TopicMetadata> Topics { get; }

    internal PartitionMetadata? Find(TopicPartition partition) =>
        Topics.TryGetValue(partition.Topic, out var topic) && (uint)partition.Partition < (uint)topic.Partitions.Count ? topic.Partitions[partition.Partition] : null;

    internal static ClusterMetadata Of(MetadataResponse response)
    {
        var brokers = response.Brokers.ToDictionary(b => b.NodeId, b => new BrokerInfo(b.NodeId, b.Host, b.Port, b.Rack));
        var topics = new Dictionary<string, TopicMetadata>(response.Topics.Count);
        foreach (var topic in response.Topics.Where(t => t.Name is not null)) topics[topic.Name!] = Of(topic);
        return new ClusterMetadata(response.ClusterId, response.ControllerId, brokers, topics);
    }

    private static TopicMetadata Of(MetadataResponse.MetadataResponseTopic topic)
    {
        var partitions = topic.Partitions.OrderBy(p => p.PartitionIndex).Select(p =>
            new PartitionMetadata(p.PartitionIndex, p.LeaderId, p.LeaderEpoch, (ErrorCode)p.ErrorCode, p.ReplicaNodes, p.IsrNodes)).ToArray();
        var whole = partitions.Select((p, i) => p.Index == i).All(inPlace => inPlace);
        var error = (ErrorCode)topic.ErrorCode == ErrorCode.None && (!whole || partitions.Length == 0) ? ErrorCode.LeaderNotAvailable : (ErrorCode)topic.ErrorCode;
        return new TopicMetadata(topic.Name!, topic.TopicId, topic.IsInternal, error, whole ? partitions : []);
    }
}
