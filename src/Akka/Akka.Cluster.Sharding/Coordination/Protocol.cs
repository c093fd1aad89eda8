using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Sharding.Coordination;

/// <summary>A region or a proxy says that it is there; the uid tells incarnations of its node apart.</summary>
internal sealed record Register(IActorRef Region, int NodeUid, bool IsProxy) : IClusterShardingSerializable, IDeadLetterSuppression;

/// <summary>From the coordinator: it knows the region, and these shards as the region's; it has to stop any other that it runs.</summary>
internal sealed record RegisterAck(ImmutableArray<string> Shards) : IClusterShardingSerializable;

internal sealed record GetShardHome(string Shard) : IClusterShardingSerializable, IDeadLetterSuppression;

internal sealed record ShardHome(string Shard, IActorRef Region) : IClusterShardingSerializable;

/// <summary>To the region that a shard was given to.</summary>
internal sealed record HostShard(string Shard) : IClusterShardingSerializable;

internal sealed record ShardStarted(string Shard) : IClusterShardingSerializable;

/// <summary>To all regions: the shard is about to move, send nothing more to its home. The attempt tells late answers apart.</summary>
internal sealed record BeginHandOff(string Shard, long Attempt) : IClusterShardingSerializable;

internal sealed record BeginHandOffAck(string Shard, long Attempt) : IClusterShardingSerializable;

/// <summary>To the shard's home: stop it.</summary>
internal sealed record HandOff(string Shard, long Attempt) : IClusterShardingSerializable;

internal sealed record ShardStopped(string Shard, long Attempt) : IClusterShardingSerializable;

/// <summary>A region wants to stop: hand off all its shards.</summary>
internal sealed record GracefulShutdownRequest(IActorRef Region) : IClusterShardingSerializable, IDeadLetterSuppression;

/// <summary>What changes the coordinator's state, in its journal.</summary>
internal interface ICoordinatorEvent : IClusterShardingSerializable;

internal sealed record ShardRegionRegistered(IActorRef Region, int NodeUid) : ICoordinatorEvent;

internal sealed record ShardRegionProxyRegistered(IActorRef Proxy, int NodeUid) : ICoordinatorEvent;

/// <summary>The region is gone, and its shards have no home.</summary>
internal sealed record ShardRegionTerminated(IActorRef Region) : ICoordinatorEvent;

internal sealed record ShardRegionProxyTerminated(IActorRef Proxy) : ICoordinatorEvent;

internal sealed record ShardHomeAllocated(string Shard, IActorRef Region) : ICoordinatorEvent;

internal sealed record ShardHomeDeallocated(string Shard) : ICoordinatorEvent;
