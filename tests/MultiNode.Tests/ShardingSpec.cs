using Akka.Actor;
using Akka.Cluster;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.MultiNode.TestAdapter;
using Akka.Persistence;
using Akka.Persistence.Sql;
using Akka.Remote.TestKit;
using Xunit;

namespace Actors.MultiNode.Tests;

public sealed class ShardingSpecConfig : MultiNodeConfig
{
    public ShardingSpecConfig()
    {
        First = Role("first");
        Second = Role("second");
        Third = Role("third");
        var database = $$"""{ provider-name = "SQLite.MS", connection-string = "{{RunDirectory.Sqlite("journal.db")}}" }""";
        CommonConfig = ConfigurationFactory.ParseString($$"""
            akka {
              actor.provider = cluster
              cluster {
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
                log-info = off
                membership.auto-join = off
                singleton.hand-over-retry-interval = 100ms
                sharding {
                  retry-interval = 100ms, rebalance-interval = 200ms, shard-start-timeout = 500ms, shard-failure-backoff = 200ms, coordinator-failure-backoff = 200ms
                  state-store-mode = persistence
                  remember-entities = off
                  passivate-idle-entity-after = off
                  least-shard-allocation-strategy { rebalance-absolute-limit = 4, rebalance-relative-limit = 1.0 }
                }
              }
              remote.retry-gate-closed-for = 200ms
              persistence {
                journal { plugin = "akka.persistence.journal.sql", sql = {{database}} }
                snapshot-store { plugin = "akka.persistence.snapshot-store.sql", sql = {{database}} }
              }
            }
            """);
    }

    public RoleName First { get; }

    public RoleName Second { get; }

    public RoleName Third { get; }
}

/// <summary>Sharded persistent counters on three processes, of which the oldest ends.</summary>
public class ShardingSpec : MultiNodeSpec
{
    private const int Shards = 12;
    private const int Counters = 24;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly ShardingSpecConfig _config;

    public ShardingSpec() : this(new ShardingSpecConfig()) { }

    protected ShardingSpec(ShardingSpecConfig config) : base(config, typeof(ShardingSpec)) => _config = config;

    protected override int InitialParticipantsValueFactory => Roles.Count;

    protected override void AfterTermination()
    {
        if (IsNode(_config.Second)) RunDirectory.Remove();
    }

    /// <summary>"increment" is answered with the count once it is durable, "where" with the node's address.</summary>
    private sealed class Counter : ReceivePersistentActor
    {
        private int _count;

        public Counter(string id, Address address)
        {
            PersistenceId = "counter-" + id;
            Recover<int>(_ => _count++);
            Command<string>(s => s.EndsWith(":increment", StringComparison.Ordinal), _ => Persist(1, _ => Sender.Tell(++_count)));
            Command<string>(s => s.EndsWith(":where", StringComparison.Ordinal), _ => Sender.Tell(address.ToString()));
        }

        public override string PersistenceId { get; }
    }

    private void JoinAndAwaitUp()
    {
        Cluster.Get(Sys).Join(Node(_config.Third).Address);
        AwaitAssert(() => Assert.True(Cluster.Get(Sys).IsUp), Patience);
    }

    private IActorRef StartRegion()
    {
        SqlPersistence.Get(Sys);
        var address = Cluster.Get(Sys).SelfAddress;
        return ClusterSharding.Get(Sys).Start(
            "counters",
            id => Props.Create(() => new Counter(id, address)),
            ClusterShardingSettings.Create(Sys),
            HashCodeMessageExtractor.Create(Shards, message => message is string text ? text.Split(':')[0] : null!));
    }

    // At most once: what was lost with a node is asked for again, until it is answered.
    private static T AskUntilAnswered<T>(IActorRef region, string message)
    {
        for (var until = DateTime.UtcNow + Patience; ;)
        {
            try { return region.Ask<T>(message, TimeSpan.FromSeconds(1)).GetAwaiter().GetResult(); }
            catch (AskTimeoutException) when (DateTime.UtcNow < until) { }
        }
    }

    [MultiNodeFact]
    public void Counters_live_on_all_processes_and_lose_nothing_when_the_oldest_ends()
    {
        // The third comes first: it is the oldest, and the shards' coordinator is there.
        RunOn(JoinAndAwaitUp, _config.Third);
        EnterBarrier("the oldest is up");
        RunOn(JoinAndAwaitUp, _config.First, _config.Second);
        AwaitAssert(() => Assert.Equal(3, Cluster.Get(Sys).State.Members.Count(member => member.Status == MemberStatus.Up)), Patience);
        var region = StartRegion();
        EnterBarrier("regions are started");
        var names = Enumerable.Range(0, Counters).Select(i => "c" + i).ToList();
        RunOn(() =>
        {
            foreach (var name in names) Assert.Equal(1, AskUntilAnswered<int>(region, name + ":increment"));
            AwaitAssert(() => Assert.Equal(3, names.Select(name => AskUntilAnswered<string>(region, name + ":where")).Distinct().Count()), Patience, TimeSpan.FromMilliseconds(200));
        }, _config.Second);
        EnterBarrier("spread");
        RunOn(() => TestConductor.Exit(_config.Third, 0).GetAwaiter().GetResult(), _config.First);
        RunOn(() =>
        {
            // The end comes from outside.
            Thread.Sleep(TimeSpan.FromMinutes(1));
            Assert.Fail("the conductor has not ended this process");
        }, _config.Third);
        RunOn(() =>
        {
            foreach (var name in names) Assert.True(AskUntilAnswered<int>(region, name + ":increment") >= 2, $"{name} has lost its first event");
            Assert.Equal(2, names.Select(name => AskUntilAnswered<string>(region, name + ":where")).Distinct().Count());
        }, _config.Second);
        EnterBarrier("counted on");
    }
}
