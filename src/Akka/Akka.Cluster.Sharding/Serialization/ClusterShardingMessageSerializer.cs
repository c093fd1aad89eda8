using System.Collections.Immutable;
using System.Runtime.Serialization;
using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Tools;
using Akka.Serialization;

namespace Akka.Cluster.Sharding.Serialization;

/// <summary>What regions and coordinators tell each other, and the coordinator's events and snapshots. A manifest's digit is its format's version.</summary>
public class ClusterShardingMessageSerializer : SerializerWithStringManifest
{
    private static readonly Dictionary<Type, string> Manifests = new()
    {
        [typeof(CoordinatorState)] = "AA1",
        [typeof(ShardRegionRegistered)] = "AB1",
        [typeof(ShardRegionProxyRegistered)] = "AC1",
        [typeof(ShardRegionTerminated)] = "AD1",
        [typeof(ShardRegionProxyTerminated)] = "AE1",
        [typeof(ShardHomeAllocated)] = "AF1",
        [typeof(ShardHomeDeallocated)] = "AG1",
        [typeof(Register)] = "BA1",
        [typeof(RegisterAck)] = "BB1",
        [typeof(GetShardHome)] = "BC1",
        [typeof(ShardHome)] = "BD1",
        [typeof(HostShard)] = "BE1",
        [typeof(ShardStarted)] = "BF1",
        [typeof(BeginHandOff)] = "BG1",
        [typeof(BeginHandOffAck)] = "BH1",
        [typeof(HandOff)] = "BI1",
        [typeof(ShardStopped)] = "BJ1",
        [typeof(GracefulShutdownRequest)] = "BK1",
        [typeof(ShardingEnvelope)] = "CA1",
        [typeof(ShardRegion.StartEntity)] = "CB1",
        [typeof(GetShardRegionStats)] = "DA1",
        [typeof(ShardRegionStats)] = "DB1",
        [typeof(GetClusterShardingStats)] = "DC1",
        [typeof(ClusterShardingStats)] = "DD1",
        [typeof(GetCurrentRegions)] = "DE1",
        [typeof(CurrentRegions)] = "DF1",
        [typeof(GetShardRegionState)] = "DG1",
        [typeof(CurrentShardRegionState)] = "DH1",
        [typeof(ShardState)] = "DI1",
    };

    public ClusterShardingMessageSerializer(ExtendedActorSystem system)
        : base(system)
    {
    }

    public override string Manifest(object o) =>
        Manifests.TryGetValue(o.GetType(), out var manifest) ? manifest : throw new ArgumentException($"Can't serialize object of type [{o.GetType()}] in [{GetType()}]", nameof(o));

    public override byte[] ToBinary(object obj) => Wire.Write(system, to =>
    {
        switch (obj)
        {
            case ICoordinatorEvent or CoordinatorState: WriteState(to, obj); break;
            case IShardRegionQuery or ShardRegionStats or ClusterShardingStats or CurrentRegions or CurrentShardRegionState or ShardState: WriteQuery(to, obj); break;
            default: WriteMessage(to, obj); break;
        }
    });

    private static void WriteState(Wire.Writer to, object obj)
    {
        switch (obj)
        {
            case CoordinatorState state:
                to.Many(state.Regions, each =>
                {
                    Region(each.Key, state.Nodes[each.Key]);
                    to.Many(each.Value, to.Text);
                });
                to.Many(state.Proxies, each => Region(each, state.Nodes[each]));
                break;
            case ShardRegionRegistered m: Region(m.Region, m.NodeUid); break;
            case ShardRegionProxyRegistered m: Region(m.Proxy, m.NodeUid); break;
            case ShardRegionTerminated m: to.Ref(m.Region); break;
            case ShardRegionProxyTerminated m: to.Ref(m.Proxy); break;
            case ShardHomeAllocated m:
                to.Text(m.Shard);
                to.Ref(m.Region);
                break;
            case ShardHomeDeallocated m: to.Text(m.Shard); break;
        }

        void Region(IActorRef region, int nodeUid)
        {
            to.Ref(region);
            to.Number(nodeUid);
        }
    }

    private static void WriteMessage(Wire.Writer to, object obj)
    {
        switch (obj)
        {
            case Register m:
                to.Ref(m.Region);
                to.Number(m.NodeUid);
                to.Flag(m.IsProxy);
                break;
            case RegisterAck m: to.Many(m.Shards, to.Text); break;
            case GetShardHome m: to.Text(m.Shard); break;
            case ShardHome m:
                to.Text(m.Shard);
                to.Ref(m.Region);
                break;
            case HostShard m: to.Text(m.Shard); break;
            case ShardStarted m: to.Text(m.Shard); break;
            case BeginHandOff m: Move(m.Shard, m.Attempt); break;
            case BeginHandOffAck m: Move(m.Shard, m.Attempt); break;
            case HandOff m: Move(m.Shard, m.Attempt); break;
            case ShardStopped m: Move(m.Shard, m.Attempt); break;
            case GracefulShutdownRequest m: to.Ref(m.Region); break;
            case ShardingEnvelope m:
                to.Text(m.EntityId);
                to.Payload(m.Message);
                break;
            case ShardRegion.StartEntity m: to.Text(m.EntityId); break;
            default: throw new ArgumentException($"Can't serialize object of type [{obj.GetType()}]", nameof(obj));
        }

        void Move(string shard, long attempt)
        {
            to.Text(shard);
            to.Number(attempt);
        }
    }

    private static void WriteQuery(Wire.Writer to, object obj)
    {
        switch (obj)
        {
            case GetClusterShardingStats m: to.Number(m.Timeout.Ticks); break;
            case ShardRegionStats m: WriteStats(to, m); break;
            case ClusterShardingStats m:
                to.Many(m.Regions, each =>
                {
                    to.Address(each.Key);
                    WriteStats(to, each.Value);
                });
                break;
            case CurrentRegions m: to.Many(m.Regions, to.Address); break;
            case CurrentShardRegionState m:
                to.Many(m.Shards, each => WriteQuery(to, each));
                to.Many(m.Failed, to.Text);
                break;
            case ShardState m:
                to.Text(m.ShardId);
                to.Many(m.EntityIds, to.Text);
                break;
        }
    }

    private static void WriteStats(Wire.Writer to, ShardRegionStats stats)
    {
        to.Many(stats.Stats, each =>
        {
            to.Text(each.Key);
            to.Number(each.Value);
        });
        to.Many(stats.Failed, to.Text);
    }

    public override object FromBinary(byte[] bytes, string manifest)
    {
        var from = new Wire.Reader(system, bytes);
        return manifest switch
        {
            "AA1" => CoordinatorState.Of(from.Many(() => (from.Ref(), (int)from.Number(), from.Many(from.Text))), from.Many(() => (from.Ref(), (int)from.Number()))),
            "AB1" => new ShardRegionRegistered(from.Ref(), (int)from.Number()),
            "AC1" => new ShardRegionProxyRegistered(from.Ref(), (int)from.Number()),
            "AD1" => new ShardRegionTerminated(from.Ref()),
            "AE1" => new ShardRegionProxyTerminated(from.Ref()),
            "AF1" => new ShardHomeAllocated(from.Text(), from.Ref()),
            "AG1" => new ShardHomeDeallocated(from.Text()),
            "BA1" => new Register(from.Ref(), (int)from.Number(), from.Flag()),
            "BB1" => new RegisterAck([.. from.Many(from.Text)]),
            "BC1" => new GetShardHome(from.Text()),
            "BD1" => new ShardHome(from.Text(), from.Ref()),
            "BE1" => new HostShard(from.Text()),
            "BF1" => new ShardStarted(from.Text()),
            "BG1" => new BeginHandOff(from.Text(), from.Number()),
            "BH1" => new BeginHandOffAck(from.Text(), from.Number()),
            "BI1" => new HandOff(from.Text(), from.Number()),
            "BJ1" => new ShardStopped(from.Text(), from.Number()),
            "BK1" => new GracefulShutdownRequest(from.Ref()),
            "CA1" => new ShardingEnvelope(from.Text(), from.Payload()),
            "CB1" => new ShardRegion.StartEntity(from.Text()),
            "DA1" => GetShardRegionStats.Instance,
            "DB1" => ReadStats(from),
            "DC1" => new GetClusterShardingStats(new TimeSpan(from.Number())),
            "DD1" => new ClusterShardingStats(from.Many(() => (Address: from.Address(), Stats: ReadStats(from))).ToImmutableDictionary(each => each.Address, each => each.Stats)),
            "DE1" => GetCurrentRegions.Instance,
            "DF1" => new CurrentRegions(from.Many(from.Address).ToImmutableHashSet()),
            "DG1" => GetShardRegionState.Instance,
            "DH1" => new CurrentShardRegionState(from.Many(() => ReadShard(from)).ToImmutableHashSet(), from.Many(from.Text).ToImmutableHashSet()),
            "DI1" => ReadShard(from),
            _ => throw new SerializationException($"Unimplemented deserialization of message with manifest [{manifest}] in [{GetType()}]"),
        };
    }

    private static ShardRegionStats ReadStats(Wire.Reader from) => new(
        from.Many(() => (Shard: from.Text(), Count: (int)from.Number())).ToImmutableDictionary(each => each.Shard, each => each.Count), from.Many(from.Text).ToImmutableHashSet());

    private static ShardState ReadShard(Wire.Reader from) => new(from.Text(), from.Many(from.Text).ToImmutableHashSet());
}
