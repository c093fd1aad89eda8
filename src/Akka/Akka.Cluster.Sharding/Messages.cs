using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding;

/// <summary>Something that a region is told to do.</summary>
public interface IShardRegionCommand;

/// <summary>Something that a region is asked.</summary>
public interface IShardRegionQuery;

/// <summary>Told by an entity to its parent: stop me with this message, and keep what comes for me until I have stopped.</summary>
public sealed class Passivate(object stopMessage) : IShardRegionCommand
{
    public object StopMessage { get; } = stopMessage;
}

/// <summary>Told to a region: hand off all shards, then stop.</summary>
public sealed class GracefulShutdown : IShardRegionCommand
{
    public static readonly GracefulShutdown Instance = new();

    private GracefulShutdown()
    {
    }
}

/// <summary>Asks a region for the addresses of all regions; answered by <see cref="CurrentRegions"/>.</summary>
public sealed class GetCurrentRegions : IShardRegionQuery, IClusterShardingSerializable
{
    public static readonly GetCurrentRegions Instance = new();

    private GetCurrentRegions()
    {
    }

    public override string ToString() => "GetCurrentRegions";
}

/// <summary>The addresses of all nodes with a registered region.</summary>
public sealed class CurrentRegions(IImmutableSet<Address> regions) : IClusterShardingSerializable, IEquatable<CurrentRegions>
{
    public readonly IImmutableSet<Address> Regions = regions;

    public bool Equals(CurrentRegions other) => other is not null && Regions.SetEquals(other.Regions);

    public override bool Equals(object obj) => Equals(obj as CurrentRegions);

    public override int GetHashCode() => Regions.Count;

    public override string ToString() => $"CurrentRegions({string.Join(", ", Regions)})";
}

/// <summary>Asks a region how many entities each shard of all regions holds; answered by <see cref="ClusterShardingStats"/>.</summary>
public sealed class GetClusterShardingStats(TimeSpan timeout) : IShardRegionQuery, IClusterShardingSerializable, IEquatable<GetClusterShardingStats>
{
    /// <summary>A region that has not answered by then is left out.</summary>
    public readonly TimeSpan Timeout = timeout;

    public bool Equals(GetClusterShardingStats other) => other is not null && Timeout == other.Timeout;

    public override bool Equals(object obj) => Equals(obj as GetClusterShardingStats);

    public override int GetHashCode() => Timeout.GetHashCode();

    public override string ToString() => $"GetClusterShardingStats({Timeout})";
}

/// <summary>What each region holds, by its node's address.</summary>
public sealed class ClusterShardingStats(IImmutableDictionary<Address, ShardRegionStats> regions) : IClusterShardingSerializable, IEquatable<ClusterShardingStats>
{
    public readonly IImmutableDictionary<Address, ShardRegionStats> Regions = regions;

    public bool Equals(ClusterShardingStats other) =>
        other is not null && Regions.Count == other.Regions.Count && Regions.All(each => other.Regions.TryGetValue(each.Key, out var stats) && each.Value.Equals(stats));

    public override bool Equals(object obj) => Equals(obj as ClusterShardingStats);

    public override int GetHashCode() => Regions.Count;

    public override string ToString() => $"ClusterShardingStats({string.Join(", ", Regions.Select(each => $"{each.Key}: {each.Value}"))})";
}

/// <summary>Asks a region how many entities each of its shards holds; answered by <see cref="ShardRegionStats"/>.</summary>
public sealed class GetShardRegionStats : IShardRegionQuery, IClusterShardingSerializable
{
    public static readonly GetShardRegionStats Instance = new();

    private GetShardRegionStats()
    {
    }

    public override string ToString() => "GetShardRegionStats";
}

/// <summary>The number of entities of each shard of a region, and the shards that did not answer in time.</summary>
public sealed class ShardRegionStats(IImmutableDictionary<string, int> stats, IImmutableSet<string> failed) : IClusterShardingSerializable, IEquatable<ShardRegionStats>
{
    public readonly IImmutableDictionary<string, int> Stats = stats;

    public readonly IImmutableSet<string> Failed = failed;

    public ShardRegionStats(IImmutableDictionary<string, int> stats)
        : this(stats, ImmutableHashSet<string>.Empty)
    {
    }

    public bool Equals(ShardRegionStats other) =>
        other is not null && Stats.Count == other.Stats.Count && Stats.All(each => other.Stats.TryGetValue(each.Key, out var count) && count == each.Value) && Failed.SetEquals(other.Failed);

    public override bool Equals(object obj) => Equals(obj as ShardRegionStats);

    public override int GetHashCode() => Stats.Count;

    public override string ToString() => $"ShardRegionStats({string.Join(", ", Stats.Select(each => $"{each.Key}: {each.Value}"))})";
}

/// <summary>Asks a region for its shards and their entities; answered by <see cref="CurrentShardRegionState"/>.</summary>
public sealed class GetShardRegionState : IShardRegionQuery, IClusterShardingSerializable
{
    public static readonly GetShardRegionState Instance = new();

    private GetShardRegionState()
    {
    }

    public override string ToString() => "GetShardRegionState";
}

/// <summary>The shards of a region with their entities, and the shards that did not answer in time.</summary>
public sealed class CurrentShardRegionState(IImmutableSet<ShardState> shards, IImmutableSet<string> failed) : IClusterShardingSerializable, IEquatable<CurrentShardRegionState>
{
    public readonly IImmutableSet<ShardState> Shards = shards;

    public readonly IImmutableSet<string> Failed = failed;

    public CurrentShardRegionState(IImmutableSet<ShardState> shards)
        : this(shards, ImmutableHashSet<string>.Empty)
    {
    }

    public bool Equals(CurrentShardRegionState other) => other is not null && Shards.SetEquals(other.Shards) && Failed.SetEquals(other.Failed);

    public override bool Equals(object obj) => Equals(obj as CurrentShardRegionState);

    public override int GetHashCode() => Shards.Count;

    public override string ToString() => $"CurrentShardRegionState({string.Join(", ", Shards)})";
}

/// <summary>A shard and its entities.</summary>
public sealed class ShardState(string shardId, IImmutableSet<string> entityIds) : IClusterShardingSerializable, IEquatable<ShardState>
{
    public readonly string ShardId = shardId;

    public readonly IImmutableSet<string> EntityIds = entityIds;

    public bool Equals(ShardState other) => other is not null && ShardId == other.ShardId && EntityIds.SetEquals(other.EntityIds);

    public override bool Equals(object obj) => Equals(obj as ShardState);

    public override int GetHashCode() => ShardId.GetHashCode();

    public override string ToString() => $"ShardState({ShardId}: {string.Join(", ", EntityIds)})";
}
