using System.Collections.Immutable;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;
using Akka.Cluster.Sharding;

namespace Actors.Broker.Placement;

/// <summary>
/// Sharding's question where a partition goes, answered by <see cref="LeaderSpread"/>. Shards of topics that are gone go nowhere. A node that is about to leave gets
/// nothing any more, and what it has moves a few at a time, so that each waits only for those few.
/// </summary>
internal sealed class EvenLeaders(MetadataImage metadata) : IShardAllocationStrategy
{
    private const int FewestAtATime = 4, DrainSteps = 8;

    // Decided and not seen among the allocations yet: several are decided at once.
    private readonly Dictionary<string, IActorRef> _decided = [];

    public Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        if (PartitionId.Parse(shardId) is not { } partition)
            return Task.FromResult(requester);
        lock (_decided)
        {
            var regions = Staying(Ordered(currentShardAllocations));
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
        var regions = Ordered(currentShardAllocations);
        var staying = Staying(regions);
        if (regions.Except(staying).Select(region => currentShardAllocations[region]).FirstOrDefault(shards => shards.Count > 0) is { } leaving)
            return Task.FromResult<IImmutableSet<string>>(leaving.Take(Math.Max(FewestAtATime, leaving.Count / DrainSteps)).ToImmutableHashSet());
        var hosts = staying.Select(region => Partitions(currentShardAllocations[region])).ToList();
        var topics = metadata.Current;
        var gone = topics.Epoch == 0 ? [] : hosts.SelectMany(host => host).Where(partition => topics.Find(partition.TopicId) is null && !topics.Deleted.ContainsKey(partition.TopicId)).ToHashSet();
        hosts.ForEach(host => host.RemoveAll(gone.Contains));
        return Task.FromResult<IImmutableSet<string>>(LeaderSpread.Moves([.. hosts]).Concat(gone).Select(partition => partition.PersistenceId).ToImmutableHashSet());
    }

    /// <summary>The regions of nodes that do not say that they go down; all, when there are no others.</summary>
    private List<IActorRef> Staying(List<IActorRef> regions)
    {
        var leaving = metadata.Cluster.Nodes.Values.Where(node => node.Description.Status == NodeDescription.Down).ToList();
        var staying = leaving.Count == 0 ? regions : regions.FindAll(region => !leaving.Exists(node => IsOf(region, node)));
        return staying.Count == 0 ? regions : staying;
    }

    private bool IsOf(IActorRef region, NodeImage node) =>
        string.IsNullOrEmpty(region.Path.Address.Host) ? node.Id == metadata.NodeId : region.Path.Address.ToString() == node.Description.System;

    /// <summary>By address, so that the order is the same on whichever node the coordinator runs.</summary>
    private static List<IActorRef> Ordered(IImmutableDictionary<IActorRef, IImmutableList<string>> allocations) =>
        [.. allocations.Keys.OrderBy(region => region.Path.ToStringWithAddress(), StringComparer.Ordinal)];

    private static List<PartitionId> Partitions(IImmutableList<string> shards) => [.. shards.Select(PartitionId.Parse).OfType<PartitionId>()];
}
