using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Configuration;
using Akka.Persistence;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>Where entities run, and who finds them.</summary>
public sealed class PlacementSpecs : ShardingSpec
{
    [Fact]
    public void An_entity_runs_once_and_messages_from_every_node_reach_it()
    {
        var nodes = new[] { Node("host"), Node("host"), Node("guest") };
        var regions = nodes.Select(node => Region(node, change: settings => settings.WithRole("host"))).ToList();
        Assert.EndsWith("entitiesProxy", regions[2].Path.ToString());
        Assert.Equal(regions[2], ClusterSharding.Get(nodes[2]).ShardRegion("entities"));
        Assert.Equal(regions[2], ClusterSharding.Get(nodes[2]).ShardRegionProxy("entities"));
        var homes = HomesOf(regions[0]);
        Assert.Equal(homes, HomesOf(regions[1]));
        Assert.Equal(homes, HomesOf(regions[2]));
        Assert.Equal(nodes.Take(2).Select(AddressOf).Order(), homes.Values.Distinct().Order());
        Assert.All(Entities.GroupBy(Shard), shard => Assert.Single(shard.Select(entity => homes[entity]).Distinct()));
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void Queries_tell_what_runs_where()
    {
        var nodes = new[] { Node(), Node() };
        var regions = nodes.Select(node => Region(node)).ToList();
        var homes = HomesOf(regions[0]);
        AwaitRegions(regions[1], 2);
        var stats = Ask<ClusterShardingStats>(regions[1], new GetClusterShardingStats(Soon));
        var state = Ask<CurrentShardRegionState>(regions[1], GetShardRegionState.Instance);
        Assert.Equal(homes.Values.Distinct().Order(), stats.Regions.Keys.Select(address => address.ToString()).Order());
        Assert.Equal(Entities.Count, stats.Regions.Values.Sum(region => region.Stats.Values.Sum()));
        Assert.Equal(Residents.Running.Where(each => each.Value == AddressOf(nodes[1])).Select(each => each.Key).Order(), state.Shards.SelectMany(shard => shard.EntityIds).Order());
        Assert.Empty(state.Failed);
    }

    [Fact]
    public void A_strategy_of_one_s_own_decides_and_moves_only_what_it_lists()
    {
        var strategy = new Pinned();
        var nodes = new[] { Node(), Node() };
        strategy.Home = AddressOf(nodes[1]);
        var regions = nodes.Select(node => Region(node, strategy)).ToList();
        AwaitRegions(regions[0], 2);
        var before = HomesOf(regions[0]);
        Assert.All(before.Values, home => Assert.Equal(AddressOf(nodes[1]), home));
        var moved = Shard(Entities[0]);
        strategy.Home = AddressOf(nodes[0]);
        strategy.Moves = [moved];
        Await(() => Where(regions[1], Entities[0]) == AddressOf(nodes[0]), () => $"{Entities[0]} is still on {Where(regions[1], Entities[0])}");
        strategy.Moves = [];
        Assert.Equal(Entities.Where(each => Shard(each) == moved), HomesOf(regions[1]).Where(each => each.Value != before[each.Key]).Select(each => each.Key).OrderBy(each => Entities.ToList().IndexOf(each)));
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void What_comes_for_an_entity_that_passivates_waits_and_starts_it_again()
    {
        var region = Region(Node());
        Assert.Equal(1, Ask<int>(region, new ShardingEnvelope("e1", 1)));
        region.Tell(new ShardingEnvelope("e1", "passivate"));
        Assert.Equal(2, Ask<int>(region, new ShardingEnvelope("e1", 2)));
        Assert.Equal([1, 2], Residents.Received["e1"]);
        region.Tell(new ShardingEnvelope("e1", "passivate"));
        Await(() => Residents.Running.Count == 0, () => string.Join(", ", Residents.Running));
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void An_entity_that_fails_lives_on_and_StartEntity_starts_one_without_a_message()
    {
        var region = Region(Node());
        region.Tell(new ShardingEnvelope("e1", "fail"));
        Assert.Equal(1, Ask<int>(region, new ShardingEnvelope("e1", 1)));
        region.Tell(new ShardRegion.StartEntity("e2"));
        Await(() => Residents.Running.ContainsKey("e2"), () => string.Join(", ", Residents.Running.Keys));
    }

    [Fact]
    public void An_idle_entity_is_passivated_if_that_is_asked_for()
    {
        var region = Region(Node(more: "akka.cluster.sharding.passivate-idle-entity-after = 200ms"));
        Assert.Equal(1, Ask<int>(region, new ShardingEnvelope("e1", 1)));
        Await(() => Residents.Running.Count == 0, () => string.Join(", ", Residents.Running));
    }

    [Fact]
    public void Remembered_entities_and_other_stores_are_refused()
    {
        var system = Node();
        Assert.Contains("remember-entities", Assert.Throws<ConfigurationException>(() => ClusterShardingSettings.Create(system).WithRememberEntities(true)).Message);
        Assert.Contains("state-store-mode", Assert.Throws<ConfigurationException>(() => ClusterShardingSettings.Create(system).WithStateStoreMode(StateStoreMode.DData)).Message);
        Assert.Throws<Akka.Pattern.IllegalStateException>(() => ClusterSharding.Get(system).ShardRegion("unknown"));
    }

    private static T Ask<T>(IActorRef region, object message) => region.Ask<T>(message, Soon).GetAwaiter().GetResult();

    /// <summary>Everything goes to one node, and what is listed moves.</summary>
    private sealed class Pinned : IShardAllocationStrategy
    {
        public volatile string Home = "";

        public ImmutableHashSet<string> Moves { get; set; } = [];

        public Task<IActorRef> AllocateShard(IActorRef requester, string shardId, IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations)
        {
            // The coordinator knows its own node's region by a local reference.
            var at = currentShardAllocations.Keys.Where(region => region.Path.Address.ToString() == Home).ToList();
            return Task.FromResult(at.Count > 0 ? at[0] : currentShardAllocations.Keys.First(region => region.Path.Address.HasLocalScope));
        }

        public async Task<IImmutableSet<string>> Rebalance(IImmutableDictionary<IActorRef, IImmutableList<string>> currentShardAllocations, IImmutableSet<string> rebalanceInProgress)
        {
            await Task.Yield();
            return Moves.Where(shard => currentShardAllocations.Any(region => region.Value.Contains(shard) && region.Key.Path.Address.ToString() != Home && !region.Key.Path.Address.HasLocalScope)).ToImmutableHashSet();
        }
    }
}
