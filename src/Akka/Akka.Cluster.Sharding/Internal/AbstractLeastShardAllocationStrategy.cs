using System.Collections.Immutable;
using Akka.Actor;
using static Akka.Cluster.ClusterEvent;

namespace Akka.Cluster.Sharding.Internal;

/// <summary>What strategies share that give shards to the region with the fewest; regions of leaving nodes come last.</summary>
public abstract class AbstractLeastShardAllocationStrategy : IActorSystemDependentAllocationStrategy
{
    private static readonly MemberStatus[] Going = [MemberStatus.Leaving, MemberStatus.Exiting, MemberStatus.Down];

    private ActorSystem _system;

    protected AbstractLeastShardAllocationStrategy()
    {
    }

    protected virtual CurrentClusterState ClusterState => Cluster.Get(_system).State;

    protected virtual Member SelfMember => Cluster.Get(_system).SelfMember;

    public void Start(ActorSystem system) => _system = system;

    public Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        var (region, _) = MostSuitableRegion(RegionEntriesFor(currentShardAllocations));
        return Task.FromResult(region);
    }

    public abstract Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress);

    /// <summary>Whether no node is about to come or to go, and all nodes of regions are reachable.</summary>
    protected bool IsAGoodTimeToRebalance(IEnumerable<RegionEntry> regionEntries)
    {
        var state = ClusterState;
        var entries = regionEntries.ToList();
        return entries.All(entry => !state.Unreachable.Contains(entry.Member)) && state.Members.All(member => member.Status is not (MemberStatus.Joining or MemberStatus.WeaklyUp));
    }

    /// <summary>The region with the fewest shards, of those on nodes that stay if there is any.</summary>
    protected (IActorRef, IImmutableList<string>) MostSuitableRegion(IEnumerable<RegionEntry> regionEntries)
    {
        var best = regionEntries.OrderBy(entry => Going.Contains(entry.Member.Status)).ThenBy(entry => entry.ShardIds.Count).ThenBy(entry => entry.Member).First();
        return (best.Region, best.ShardIds);
    }

    // A node that goes has a region until it is gone: nothing is to move for its sake.
    private protected static ImmutableList<RegionEntry> Staying(ImmutableList<RegionEntry> entries) => entries.RemoveAll(entry => Going.Contains(entry.Member.Status));

    protected ImmutableList<RegionEntry> RegionEntriesFor(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
    {
        var members = ClusterState.Members.ToLookup(member => member.Address);
        return [.. from region in currentShardAllocations
            let address = region.Key.Path.Address.HasLocalScope ? SelfMember.Address : region.Key.Path.Address
            where members.Contains(address)
            select new RegionEntry(region.Key, members[address].First(), region.Value)];
    }

    /// <summary>A region, its node and its shards.</summary>
    protected sealed class RegionEntry(IActorRef region, Member member, IImmutableList<string> shardIds)
    {
        public IActorRef Region { get; } = region;

        public Member Member { get; } = member;

        public IImmutableList<string> ShardIds { get; } = shardIds;
    }
}

/// <summary>Moves in rounds: first what is above the even share, then single shards where a region has two more than another.</summary>
internal sealed class LeastShardAllocationWithLimits : AbstractLeastShardAllocationStrategy
{
    private readonly int _absoluteLimit;
    private readonly double _relativeLimit;

    internal LeastShardAllocationWithLimits(int absoluteLimit, double relativeLimit)
    {
        if (absoluteLimit < 1) throw new ArgumentException("The absolute limit must be at least 1", nameof(absoluteLimit));
        if (relativeLimit is <= 0 or > 1) throw new ArgumentException("The relative limit must be above 0 and at most 1", nameof(relativeLimit));
        _absoluteLimit = absoluteLimit;
        _relativeLimit = relativeLimit;
    }

    public override Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        var entries = Staying(RegionEntriesFor(currentShardAllocations));
        var go = rebalanceInProgress.Count == 0 && !entries.IsEmpty && IsAGoodTimeToRebalance(entries);
        return Task.FromResult<IImmutableSet<string>>(go ? Moves([.. entries.Select(entry => entry.ShardIds)]) : ImmutableHashSet<string>.Empty);
    }

    internal ImmutableHashSet<string> Moves(IReadOnlyList<IImmutableList<string>> regions)
    {
        var shards = regions.Sum(each => each.Count);
        var limit = Math.Max(1, Math.Min((int)(_relativeLimit * shards), _absoluteLimit));
        var ceiling = (shards + regions.Count - 1) / regions.Count;
        var surplus = regions.SelectMany(each => each.Take(Math.Max(0, each.Count - ceiling))).ToList();
        if (surplus.Count > 0) return [.. surplus.Take(limit)];
        var missing = regions.Sum(each => Math.Max(0, ceiling - 1 - each.Count));
        return missing == 0 ? [] : [.. regions.Where(each => each.Count >= ceiling).SelectMany(each => each.Take(1)).Take(Math.Min(limit, missing))];
    }
}
