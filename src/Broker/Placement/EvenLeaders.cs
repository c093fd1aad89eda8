using System.Collections.Immutable;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Actors.Broker.Placement;

/// <summary>Sharding's question where a partition goes, answered by <see cref="LeaderSpread"/>. Shards of topics that are gone go nowhere.</summary>
internal sealed class EvenLeaders(MetadataImage metadata) : IShardAllocationStrategy
{
    // Decided and not seen among the allocations yet: several are decided at once.
    private readonly Dictionary<string, IActorRef> _decided = [];

    public Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        if (PartitionId.Parse(shardId) is not { } partition)
            return Task.FromResult(requester);
        lock (_decided)
        {
            var regions = Ordered(currentShardAllocations);
            var hosts = regions.Select(region => Partitions(currentShardAllocations[region])).ToList();
            var allocated = currentShardAllocations.Values.SelectMany(shards => shards).ToHashSet();
            foreach (var (shard, region) in _decided.ToList())
                if (allocated.Contains(shard) || shard == shardId || !regions.Contains(region))
                    _decided.Remove(shard);
                else
                    hosts[regions.IndexOf(region)].Add(PartitionId.Parse(shard)!.Value);
            var chosen = regions[LeaderSpread.Choose(partition, hosts)];
            _decided[shardId] = chosen;
            return Task.FromResult(chosen);
        }
    }

    public Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        if (rebalanceInProgress.Count > 0)
            return Task.FromResult<IImmutableSet<string>>(ImmutableHashSet<string>.Empty);
        var hosts = Ordered(currentShardAllocations).Select(region => Partitions(currentShardAllocations[region])).ToList();
        var topics = metadata.Current;
        var gone = topics.Epoch == 0 ? [] : hosts.SelectMany(host => host).Where(partition => topics.Find(partition.TopicId) is null && !topics.Deleted.ContainsKey(partition.TopicId)).ToHashSet();
        hosts.ForEach(host => host.RemoveAll(gone.Contains));
        return Task.FromResult<IImmutableSet<string>>(LeaderSpread.Moves([.. hosts]).Concat(gone).Select(partition => partition.PersistenceId).ToImmutableHashSet());
    }

    /// <summary>By address, so that the order is the same on whichever node the coordinator runs.</summary>
    private static List<IActorRef> Ordered(IImmutableDictionary<IActorRef, IImmutableList<string>> allocations) =>
        [.. allocations.Keys.OrderBy(region => region.Path.ToStringWithAddress(), StringComparer.Ordinal)];

    private static List<PartitionId> Partitions(IImmutableList<string> shards) => [.. shards.Select(PartitionId.Parse).OfType<PartitionId>()];
}
