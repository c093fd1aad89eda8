using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Sharding.Serialization;
using Akka.Cluster.Tools.PublishSubscribe;
using Akka.Cluster.Tools.PublishSubscribe.Serialization;
using Akka.Cluster.Tools.Singleton;
using Akka.Cluster.Tools.Singleton.Serialization;
using Akka.Serialization;
using Akka.TestKit.Xunit2;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>What crosses nodes or enters the journal is what it was when it is read again.</summary>
public sealed class SerializerSpecs : TestKit.Xunit2.TestKit
{
    private static readonly Address Here = new("akka.tcp", "spec", "127.0.0.1", 1);

    [Fact]
    public void Sharding()
    {
        var serializer = new ClusterShardingMessageSerializer((ExtendedActorSystem)Sys);
        var region = Sys.ActorOf(Props.Empty, "region");
        var state = new ShardState("s1", ["e1", "e2"]);
        var stats = new ShardRegionStats(ImmutableDictionary<string, int>.Empty.Add("s1", 2), ["s2"]);
        object[] all =
        [
            new ShardRegionRegistered(region, -7), new ShardRegionProxyRegistered(region, 8), new ShardRegionTerminated(region), new ShardRegionProxyTerminated(region),
            new ShardHomeAllocated("s1", region), new ShardHomeDeallocated("s1"), new Register(region, 9, IsProxy: true), new GetShardHome("s1"), new ShardHome("s1", region),
            new HostShard("s1"), new ShardStarted("s1"), new BeginHandOff("s1", 3), new BeginHandOffAck("s1", 3), new HandOff("s1", 3), new ShardStopped("s1", 3),
            new GracefulShutdownRequest(region), new ShardingEnvelope("e1", "text"), new ShardRegion.StartEntity("e1"), GetShardRegionStats.Instance, stats,
            new GetClusterShardingStats(TimeSpan.FromSeconds(1)), new ClusterShardingStats(ImmutableDictionary<Address, ShardRegionStats>.Empty.Add(Here, stats)),
            GetCurrentRegions.Instance, new CurrentRegions([Here]), GetShardRegionState.Instance, new CurrentShardRegionState([state], ["s3"]), state,
        ];
        Assert.All(all, each => Assert.Equal(each, Again(serializer, each)));
        var ack = (RegisterAck)Again(serializer, new RegisterAck(["s1", "s2"]));
        Assert.Equal(["s1", "s2"], ack.Shards.ToList());
    }

    [Fact]
    public void The_coordinator_s_snapshot()
    {
        var serializer = new ClusterShardingMessageSerializer((ExtendedActorSystem)Sys);
        var (a, b, proxy) = (Sys.ActorOf(Props.Empty, "a"), Sys.ActorOf(Props.Empty, "b"), Sys.ActorOf(Props.Empty, "proxy"));
        var state = CoordinatorState.Of([(a, 1, ["s1", "s2"]), (b, 2, [])], [(proxy, 3)]);
        var again = (CoordinatorState)Again(serializer, state);
        Assert.Equal(state.Shards, again.Shards);
        Assert.Equal(state.Nodes, again.Nodes);
        Assert.Equal(["s1", "s2"], again.Regions[a]);
        Assert.Equal([proxy], again.Proxies);
    }

    [Fact]
    public void Singleton_and_publish_subscribe()
    {
        var singleton = new ClusterSingletonMessageSerializer((ExtendedActorSystem)Sys);
        Assert.All([new HandOverToMe(-5), new HandOverInProgress(), new HandOverDone(), new TakeOverFromMe()], (object each) => Assert.Equal(each, Again(singleton, each)));
        var pubSub = new DistributedPubSubMessageSerializer((ExtendedActorSystem)Sys);
        Assert.All([new TopicsAck(1, 2), new Relayed("news", "text"), new Publish("news", 7)], (object each) => Assert.Equal(each, Again(pubSub, each)));
        var topics = (Topics)Again(pubSub, new Topics(1, 2, ["news"]));
        Assert.Equal((1, 2L, "news"), (topics.NodeUid, topics.Version, topics.Names.Single()));
    }

    [Fact]
    public void What_no_version_wrote_is_refused() =>
        Assert.Throws<System.Runtime.Serialization.SerializationException>(() => new ClusterShardingMessageSerializer((ExtendedActorSystem)Sys).FromBinary([], "ZZ9"));

    private static object Again(SerializerWithStringManifest serializer, object message) => serializer.FromBinary(serializer.ToBinary(message), serializer.Manifest(message));
}
