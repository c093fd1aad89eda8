namespace Actors.Client;

/// <summary>A topic's partitions in a producer, and which one takes the records that say neither key nor partition.</summary>
internal sealed class TopicQueues(string topic, ProducerOptions options)
{
    private readonly List<PartitionQueue> _queues = [];
    private int _sticky = -1;
    private long _stickyBytes;

    /// <summary>As the topic has them now; one made anew may have fewer than there are queues.</summary>
    public int Count { get; private set; }

    /// <summary>The metadata that <see cref="Count"/> comes from.</summary>
    public ClusterMetadata Seen { get; private set; } = ClusterMetadata.Empty;

    public PartitionQueue this[int partition] => _queues[partition];

    public void Follow(int count, ClusterMetadata seen)
    {
        // A topic that metadata does not show for a while keeps its partitions.
        if (count > 0) Count = count;
        if (_sticky >= Count) _sticky = -1;
        while (_queues.Count < count) _queues.Add(new PartitionQueue(new TopicPartition(topic, _queues.Count), options.Idempotent, options.MaxInFlight));
        Seen = seen;
    }

    /// <summary>The record's partition. Without a key: one by chance, kept until it has had a batch's worth (KIP-480, KIP-794).</summary>
    public int Choose(in ProducerRecord record, int size, int batchSize)
    {
        if (record.Partition is { } given) return given;
        if (record.Key is { } key) return Partitioner.ForKey(key.Span, Count);
        if (_sticky < 0 || _stickyBytes >= batchSize) (_sticky, _stickyBytes) = (Random.Shared.Next(Count), 0);
        _stickyBytes += size;
        return _sticky;
    }
}
