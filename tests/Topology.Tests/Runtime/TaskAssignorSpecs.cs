using Actors.Client;
using Actors.Topology.Runtime;

namespace Actors.Topology.Tests.Runtime;

public sealed class TaskAssignorSpecs
{
    private static readonly TaskAssignor Assignor = new(Plan());

    private static TopologyPlan Plan()
    {
        const string text = """
            topology {
              name = t
              sources { a { topic = a, key = string, value = json } }
              flows { f { from = a, stages = [ { select-key = x }, { group-by = x }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = o, key = string, value = json } } ] } }
            }
            """;
        Assert.True(TopologyFile.TryRead(text, "t.conf", out var plan, out var errors), string.Join("\n", errors));
        return plan;
    }

    private static string Repartition => Plan().SubTopologies.Single(s => s.IsRepartition).SourceTopics[0];

    private static MemberSubscription Member(string id, params TopicPartition[] owned) => new(id, id, ["a", Repartition], owned, 1, null);

    private static Dictionary<string, int> Partitions => new() { ["a"] = 3, [Repartition] = 3 };

    [Fact]
    public void Every_partition_has_one_member_and_members_have_alike()
    {
        var given = Assignor.Assign(Partitions, [Member("one"), Member("two")]);
        Assert.Equal(6, given.Values.SelectMany(g => g.Partitions).Distinct().Count());
        Assert.All(given.Values, g => Assert.Equal(3, g.Partitions.Count));
    }

    [Fact]
    public void A_partition_that_moves_is_first_given_up()
    {
        var all = Partitions.SelectMany(t => Enumerable.Range(0, t.Value).Select(p => new TopicPartition(t.Key, p))).ToArray();
        var first = Assignor.Assign(Partitions, [Member("one", all), Member("two")]);
        Assert.Equal(3, first["one"].Partitions.Count);
        Assert.Empty(first["two"].Partitions);
        var second = Assignor.Assign(Partitions, [Member("one", [.. first["one"].Partitions]), Member("two")]);
        Assert.Equal(first["one"].Partitions, second["one"].Partitions);
        Assert.Equal(3, second["two"].Partitions.Count);
    }

    [Fact]
    public void What_a_member_has_that_missed_a_generation_is_first_given_up_too()
    {
        var given = Assignor.Assign(new Dictionary<string, int> { ["a"] = 6 }, [Late("one", 5, 0, 1, 2), Late("two", 6, 3, 4), Late("three", 6)]);
        Assert.Equal(["0, 1", "3, 4", "5"], new[] { "one", "two", "three" }.Select(member => string.Join(", ", given[member].Partitions.Select(p => p.Partition))));
    }

    [Fact]
    public void Of_two_members_that_claim_a_task_the_one_of_the_later_generation_has_it()
    {
        var given = Assignor.Assign(new Dictionary<string, int> { ["a"] = 2 }, [Late("one", 5, 0), Late("two", 6, 0)]);
        Assert.Equal([new TopicPartition("a", 1)], given["one"].Partitions);
        Assert.Equal([new TopicPartition("a", 0)], given["two"].Partitions);
    }

    private static MemberSubscription Late(string id, int generation, params int[] owned) =>
        new(id, id, ["a", Repartition], [.. owned.Select(partition => new TopicPartition("a", partition))], generation, null);

    [Fact]
    public void A_topic_that_does_not_exist_has_no_tasks() =>
        Assert.Equal([new TopicPartition("a", 0)], Assignor.Assign(new Dictionary<string, int> { ["a"] = 1 }, [Member("one")])["one"].Partitions);

    [Fact]
    public void Only_what_must_move_moves_and_shares_stay_even_while_members_come_and_go()
    {
        var partitions = new Dictionary<string, int> { ["a"] = 7, [Repartition] = 7 };
        var owned = new Dictionary<string, HashSet<TopicPartition>>();
        var random = new Random(5);
        for (var step = 0; step < 200; step++)
        {
            var before = owned.Count;
            if (before == 0 || (before < 6 && random.Next(2) == 0)) owned.TryAdd($"m{random.Next(10)}", []);
            else owned.Remove(owned.Keys.ElementAt(random.Next(before)));
            if (owned.Count == 0) continue;
            var had = owned.ToDictionary(m => m.Key, m => m.Value.Count);
            var moved = Rebalance(partitions, owned);
            Assert.Equal(14, owned.Values.Sum(p => p.Count));
            Assert.True(owned.Values.Max(p => p.Count) - owned.Values.Min(p => p.Count) <= 1, string.Join(" ", owned.Select(m => $"{m.Key}:{m.Value.Count}")));
            // A newcomer's share at most, and what balances the sub-topologies.
            if (owned.Count > before) Assert.True(moved <= owned.Values.Max(p => p.Count) + 2, $"{moved} partitions moved when {owned.Count} became of {before}");
            Assert.Equal(0, Rebalance(partitions, owned));
        }
    }

    /// <summary>Rebalances until nothing changes; gives how many partitions were taken from members.</summary>
    private static int Rebalance(Dictionary<string, int> partitions, Dictionary<string, HashSet<TopicPartition>> owned)
    {
        for (var (round, moved) = (0, 0); ; round++)
        {
            Assert.True(round < 4, "it does not settle");
            var given = Assignor.Assign(partitions, [.. owned.Select(m => Member(m.Key, [.. m.Value]))]);
            var gone = owned.Sum(m => m.Value.Except(given[m.Key].Partitions).Count());
            var done = owned.All(m => m.Value.SetEquals(given[m.Key].Partitions));
            foreach (var (member, got) in given)
            {
                Assert.True(got.Partitions.All(p => owned.All(o => o.Key == member || !o.Value.Contains(p))), "a partition was given before it was given up");
                owned[member] = [.. got.Partitions];
            }
            moved += gone;
            if (done) return moved;
        }
    }
}
