namespace Actors.Broker.Partitions;

/// <summary>What a partition has in memory gives way to others' when nobody uses it: the bound is the node's.</summary>
internal sealed partial class PartitionActor
{
    private const long UnusedMs = 10_000;

    /// <summary>When something was last put into memory or read from there; epoch milliseconds.</summary>
    private long _recentUsedAt;

    private void Keep(StoredBatch batch)
    {
        _recent.Add(batch);
        _recentUsedAt = Now;
        if (_broker.Cache.CallsForRoom(_recentUsedAt))
            foreach (var partition in _broker.Partitions.All)
                partition.Actor.Tell(YieldRecent.Instance, Self);
    }

    private void Yield()
    {
        if (_broker.Cache.IsTight && Now - _recentUsedAt >= UnusedMs)
            _recent.Clear();
    }
}
