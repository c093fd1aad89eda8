using Akka.Cluster.Sharding.Coordination;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>Regions that register, ask, leave, crash and come back while shards move and the coordinator itself moves.</summary>
public sealed class CoordinatorProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable("ACTORS_LONG") == "1" ? 3000 : 200);

    private static Arbitrary<(int Seed, List<(int Kind, int Number)> Steps)> Histories
    {
        get
        {
            var step = Gen.Choose(0, 99_999).Select(number => (Kind: number % 24, Number: number / 24));
            return Arb.From(from seed in Gen.Choose(0, int.MaxValue) from steps in step.ListOf(150) select (seed, steps.ToList()));
        }
    }

    [Fact]
    public void No_shard_ever_runs_in_two_regions() => Prop.ForAll(Histories, history =>
    {
        var sharding = new ModelSharding(history.Seed, nodes: 3);
        foreach (var (kind, number) in history.Steps)
        {
            Act(sharding, kind, number);
            CheckOneHome(sharding);
        }
    }).Check(Runs);

    [Fact]
    public void In_the_end_every_hand_off_is_over_and_each_shard_runs_where_the_coordinator_says() => Prop.ForAll(Histories, history =>
    {
        var sharding = new ModelSharding(history.Seed, nodes: 3);
        foreach (var (kind, number) in history.Steps) Act(sharding, kind, number);
        sharding.Settle();
        CheckOneHome(sharding);
        Assert.Empty(sharding.Machine.Moving);
        foreach (var region in sharding.Alive)
        {
            // A region that leaves may have stopped one whose hand-off timed out; any other runs all that is its own.
            var homes = sharding.Machine.State.Regions.TryGetValue(region.Ref, out var shards) ? shards.Order(StringComparer.Ordinal).ToList() : [];
            if (sharding.Machine.Allocations.ContainsKey(region.Ref)) Assert.Equal(homes, region.Runs.Order(StringComparer.Ordinal));
            else Assert.Subset(homes.ToHashSet(), region.Runs);
        }
    }).Check(Runs);

    [Fact]
    public void What_is_stored_recovers_to_the_same_state() => Prop.ForAll(Histories, history =>
    {
        var sharding = new ModelSharding(history.Seed, nodes: 3);
        foreach (var (kind, number) in history.Steps) Act(sharding, kind, number);
        var recovered = sharding.Journal.Aggregate(CoordinatorState.Empty, (state, each) => state.Apply(each));
        Assert.Equal(sharding.Machine.State.Shards, recovered.Shards);
        Assert.Equal(sharding.Machine.State.Regions.Keys.ToHashSet(), recovered.Regions.Keys.ToHashSet());
    }).Check(Runs);

    private static void Act(ModelSharding sharding, int kind, int number)
    {
        var region = sharding.Regions[number % sharding.Regions.Count];
        switch (kind)
        {
            case 0: sharding.Rebalance([ModelSharding.Shard(number), ModelSharding.Shard(number / 7)]); break;
            case 1 when !region.Crashed: sharding.Leave(region); break;
            case 2 when !region.Crashed: sharding.Crash(region); break;
            case 3 or 4 when region.Crashed: sharding.Bury(region, byNode: kind == 3); break;
            case 5 when region.Crashed && sharding.Alive.All(each => each.Node != region.Node): sharding.Start(region.Node); break;
            case 6: sharding.MoveCoordinator(); break;
            case 7: sharding.Timer(late: number % 4 == 0); break;
            case 8 or 9 or 10 when !region.Crashed: sharding.Ask(region, ModelSharding.Shard(number)); break;
            default:
                for (var i = 0; i < 4; i++) sharding.Step();
                break;
        }
    }

    private static void CheckOneHome(ModelSharding sharding)
    {
        var twice = sharding.Alive.SelectMany(region => region.Runs).GroupBy(shard => shard).Where(runs => runs.Count() > 1).Select(runs => runs.Key).ToList();
        Assert.True(twice.Count == 0, $"{string.Join(", ", twice)} twice:\n{string.Join("\n", sharding.Story)}");
    }
}
