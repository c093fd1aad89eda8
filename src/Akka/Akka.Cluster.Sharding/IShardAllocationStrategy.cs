using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding.Internal;

namespace Akka.Cluster.Sharding;

/// <summary>Decides where shards go, and which of them are to move. Called by the coordinator, one call of each kind at a time.</summary>
public interface IShardAllocationStrategy : INoSerializationVerificationNeeded
{
    /// <summary>The region for a shard without a home: a key of <paramref name="currentShardAllocations"/>, which lists each region's shards, oldest first.</summary>
    Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations);

    /// <summary>The shards to move now; those in progress are still listed at their old home. Asked every rebalance-interval.</summary>
    Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress);
}

/// <summary>A strategy that is started with its coordinator.</summary>
public interface IStartableAllocationStrategy : IShardAllocationStrategy
{
    void Start();
}

/// <summary>A strategy that is started with its coordinator and needs the actor system.</summary>
public interface IActorSystemDependentAllocationStrategy : IShardAllocationStrategy
{
    void Start(ActorSystem system);
}

/// <summary>Makes strategies.</summary>
public static class ShardAllocationStrategy
{
    /// <summary>
    /// Shards go to the region with the fewest. A round moves at most <paramref name="absoluteLimit"/> shards and at most the part
    /// <paramref name="relativeLimit"/> of all shards, but one if any; the next round waits until the last has ended.
    /// </summary>
    public static IShardAllocationStrategy LeastShardAllocationStrategy(int absoluteLimit, double relativeLimit) =>
        new LeastShardAllocationWithLimits(absoluteLimit, relativeLimit);
}

/// <summary>
/// Shards go to the region with the fewest; one round moves at most <c>maxSimultaneousRebalance</c> shards from the region with the
/// most, while it has more than <c>rebalanceThreshold</c> shards beyond the one with the fewest.
/// </summary>
public class LeastShardAllocationStrategy : AbstractLeastShardAllocationStrategy
{
    private readonly int _rebalanceThreshold;
    private readonly int _maxSimultaneousRebalance;

    public LeastShardAllocationStrategy(int rebalanceThreshold, int maxSimultaneousRebalance)
    {
        if (rebalanceThreshold < 1) throw new ArgumentException("The threshold must be at least 1", nameof(rebalanceThreshold));
        _rebalanceThreshold = rebalanceThreshold;
        _maxSimultaneousRebalance = maxSimultaneousRebalance;
    }

    public override Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
    {
        IImmutableSet<string> moves = ImmutableHashSet<string>.Empty;
        if (rebalanceInProgress.Count >= _maxSimultaneousRebalance) return Task.FromResult(moves);
        var entries = Staying(RegionEntriesFor(currentShardAllocations));
        if (entries.IsEmpty || !IsAGoodTimeToRebalance(entries)) return Task.FromResult(moves);
        var (_, fewest) = MostSuitableRegion(entries);
        var most = entries.Select(entry => entry.ShardIds.Where(id => !rebalanceInProgress.Contains(id)).ToImmutableList()).MaxBy(shards => shards.Count);
        var difference = most.Count - fewest.Count;
        if (difference <= _rebalanceThreshold) return Task.FromResult(moves);
        var count = Math.Min(difference - _rebalanceThreshold, _maxSimultaneousRebalance - rebalanceInProgress.Count);
        return Task.FromResult<IImmutableSet<string>>(most.Take(count).ToImmutableHashSet());
    }
}
