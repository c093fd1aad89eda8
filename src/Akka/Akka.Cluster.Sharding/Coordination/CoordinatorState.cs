using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding.Coordination;

/// <summary>Which regions there are and which shard is where; also the coordinator's snapshot.</summary>
internal sealed class CoordinatorState : IClusterShardingSerializable
{
    public static readonly CoordinatorState Empty = new(
        ImmutableDictionary<string, IActorRef>.Empty, ImmutableDictionary<IActorRef, IImmutableList<string>>.Empty, ImmutableHashSet<IActorRef>.Empty,
        ImmutableDictionary<IActorRef, int>.Empty);

    private CoordinatorState(
        ImmutableDictionary<string, IActorRef> shards, ImmutableDictionary<IActorRef, IImmutableList<string>> regions, ImmutableHashSet<IActorRef> proxies, ImmutableDictionary<IActorRef, int> nodes)
    {
        Shards = shards;
        Regions = regions;
        Proxies = proxies;
        Nodes = nodes;
    }

    /// <summary>Each shard's home.</summary>
    public ImmutableDictionary<string, IActorRef> Shards { get; }

    /// <summary>Each region's shards, in the order of their allocation.</summary>
    public ImmutableDictionary<IActorRef, IImmutableList<string>> Regions { get; }

    public ImmutableHashSet<IActorRef> Proxies { get; }

    /// <summary>The uid of the node of each region and proxy: a later node at its address has another one.</summary>
    public ImmutableDictionary<IActorRef, int> Nodes { get; }

    public UniqueAddress NodeOf(IActorRef region) => new(region.Path.Address, Nodes[region]);

    public static CoordinatorState Of(IEnumerable<(IActorRef Region, int NodeUid, IReadOnlyList<string> Shards)> regions, IEnumerable<(IActorRef Proxy, int NodeUid)> proxies)
    {
        var state = Empty;
        foreach (var (region, uid, shards) in regions)
        {
            state = state.Apply(new ShardRegionRegistered(region, uid));
            foreach (var shard in shards) state = state.Apply(new ShardHomeAllocated(shard, region));
        }
        return proxies.Aggregate(state, (each, proxy) => each.Apply(new ShardRegionProxyRegistered(proxy.Proxy, proxy.NodeUid)));
    }

    public CoordinatorState Apply(ICoordinatorEvent @event) => @event switch
    {
        ShardRegionRegistered e => Regions.ContainsKey(e.Region) ? throw Broken(e) : With(regions: Regions.Add(e.Region, ImmutableList<string>.Empty), nodes: Nodes.SetItem(e.Region, e.NodeUid)),
        ShardRegionProxyRegistered e => Proxies.Contains(e.Proxy) ? throw Broken(e) : With(proxies: Proxies.Add(e.Proxy), nodes: Nodes.SetItem(e.Proxy, e.NodeUid)),
        ShardRegionTerminated e => Regions.TryGetValue(e.Region, out var shards)
            ? With(Shards.RemoveRange(shards), Regions.Remove(e.Region), nodes: Nodes.Remove(e.Region))
            : throw Broken(e),
        ShardRegionProxyTerminated e => Proxies.Contains(e.Proxy) ? With(proxies: Proxies.Remove(e.Proxy), nodes: Nodes.Remove(e.Proxy)) : throw Broken(e),
        ShardHomeAllocated e => Regions.TryGetValue(e.Region, out var shards) && !Shards.ContainsKey(e.Shard)
            ? With(Shards.Add(e.Shard, e.Region), Regions.SetItem(e.Region, shards.Add(e.Shard)))
            : throw Broken(e),
        ShardHomeDeallocated e => Shards.TryGetValue(e.Shard, out var region)
            ? With(Shards.Remove(e.Shard), Regions.SetItem(region, Regions[region].Remove(e.Shard)))
            : throw Broken(e),
        _ => throw new ArgumentException($"Unknown event {@event}", nameof(@event)),
    };

    private CoordinatorState With(
        ImmutableDictionary<string, IActorRef> shards = null, ImmutableDictionary<IActorRef, IImmutableList<string>> regions = null, ImmutableHashSet<IActorRef> proxies = null,
        ImmutableDictionary<IActorRef, int> nodes = null) =>
        new(shards ?? Shards, regions ?? Regions, proxies ?? Proxies, nodes ?? Nodes);

    private InvalidOperationException Broken(ICoordinatorEvent @event) => new($"{@event} contradicts the coordinator's state: {this}");

    public override string ToString() =>
        $"shards [{string.Join(", ", Shards.Select(each => $"{each.Key}: {each.Value.Path}"))}], regions [{string.Join(", ", Regions.Keys.Select(each => each.Path))}]";
}
