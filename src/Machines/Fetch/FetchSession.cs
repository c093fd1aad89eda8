using Actors.Protocol;

namespace Actors.Machines;

/// <summary>One client's session: its partitions in the order in which they are read, and what was last told of each.</summary>
internal sealed class FetchSession(int id, bool byTopicId, long created)
{
    private readonly Dictionary<FetchedPartition, LinkedListNode<Followed>> _byPartition = [];
    private readonly LinkedList<Followed> _inOrder = new();

    public int Id { get; } = id;

    public bool ByTopicId { get; } = byTopicId;

    /// <summary>Epoch milliseconds.</summary>
    public long Created { get; } = created;

    public long LastUsed { get; set; } = created;

    /// <summary>The size under which the cache has it; 0 at first.</summary>
    public int CountedSize { get; set; }

    /// <summary>What the next request must carry.</summary>
    public int Epoch { get; set; }

    public int Count => _byPartition.Count;

    public void Update(IReadOnlyList<AskedPartition> asked, IReadOnlyList<FetchedPartition> forgotten)
    {
        foreach (var partition in asked)
            if (_byPartition.TryGetValue(partition.Partition, out var known))
                known.Value.Asked = partition;
            else
                _byPartition.Add(partition.Partition, _inOrder.AddLast(new Followed { Asked = partition }));
        foreach (var partition in forgotten)
            if (_byPartition.Remove(partition, out var known))
                _inOrder.Remove(known);
    }

    public AskedPartition[] Asked()
    {
        var asked = new AskedPartition[_byPartition.Count];
        var at = 0;
        foreach (var followed in _inOrder)
            asked[at++] = followed.Asked;
        return asked;
    }

    /// <summary>Notes what is told, and says of which partitions there is something to tell. Those with records are read last the next time, so that none starves.</summary>
    public bool[] Tell(IReadOnlyList<AskedPartition> partitions, IReadOnlyList<PartitionNews> news)
    {
        var told = new bool[partitions.Count];
        for (var i = 0; i < told.Length; i++)
        {
            if (!_byPartition.TryGetValue(partitions[i].Partition, out var known))
                continue;
            told[i] = known.Value.Tell(news[i]);
            if (!news[i].HasRecords)
                continue;
            _inOrder.Remove(known);
            _inOrder.AddLast(known);
        }
        return told;
    }

    private sealed class Followed
    {
        private long _highWatermark = -1, _logStartOffset = -1;

        public AskedPartition Asked { get; set; }

        public bool Tell(in PartitionNews news)
        {
            var isNew = news.HasRecords || news.Error != ErrorCode.None || news.HighWatermark != _highWatermark || news.LogStartOffset != _logStartOffset;
            // After an error the partition is told again, whatever its offsets.
            _highWatermark = news.Error == ErrorCode.None ? news.HighWatermark : -1;
            _logStartOffset = news.LogStartOffset;
            return isNew;
        }
    }
}
