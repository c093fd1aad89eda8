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
    public void A_topic_that_does_not_exist_has_no_tasks() =>
        Assert.Equal([new TopicPartition("a", 0)], Assignor.Assign(new Dictionary<string, int> { ["a"] = 1 }, [Member("one")])["one"].Partitions);
}
