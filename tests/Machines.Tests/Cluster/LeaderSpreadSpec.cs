using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Machines.Tests;

/// <summary>Nodes come and go, topics are made and deleted: after each change what must move moves, and all is even.</summary>
public class LeaderSpreadSpec
{
    [Fact]
    public void Twelve_partitions_of_a_new_topic_are_led_four_by_each_of_three_nodes_in_turn()
    {
        var hosts = Hosts(3);
        var topic = Guid.NewGuid();
        for (var partition = 0; partition < 12; partition++)
            Place(new PartitionId(topic, partition), hosts);
        Assert.All(hosts, host => Assert.Equal(4, host.Count));
        Assert.All(hosts, host => Assert.Single(host.Select(partition => partition.Partition % 3).Distinct()));
    }

    [Fact]
    public void A_node_that_comes_back_gets_again_what_it_led()
    {
        var hosts = Hosts(3);
        var topic = Guid.NewGuid();
        for (var partition = 0; partition < 12; partition++)
            Place(new PartitionId(topic, partition), hosts);
        var before = hosts[1].ToHashSet();
        Leave(hosts, 1);
        hosts.Insert(1, []);
        Rebalance(hosts);
        Assert.Equal(before, hosts[1].ToHashSet());
    }

    [Fact]
    public void After_any_change_all_is_even_and_no_more_moved_than_must()
    {
        var steps = Gen.Choose(0, 99).ListOf(30).Select(list => list.ToArray());
        Prop.ForAll(steps.ToArbitrary(), Run).QuickCheckThrowOnFailure();
    }

    private static void Run(int[] steps)
    {
        var hosts = Hosts(1);
        var random = new System.Random(steps.Sum());
        foreach (var step in steps)
        {
            switch (step % 4)
            {
                case 0 when hosts.Count < 6:
                    hosts.Insert(random.Next(hosts.Count + 1), []);
                    break;
                case 1 when hosts.Count > 1:
                    Leave(hosts, random.Next(hosts.Count));
                    break;
                case 2:
                    var topic = Guid.NewGuid();
                    for (var partition = 0; partition < 1 + (step / 4); partition++)
                        Place(new PartitionId(topic, partition), hosts);
                    break;
                case 3 when hosts.SelectMany(host => host).Select(partition => partition.TopicId).Distinct().ToList() is { Count: > 0 } topics:
                    var gone = topics[random.Next(topics.Count)];
                    hosts.ForEach(host => host.RemoveAll(partition => partition.TopicId == gone));
                    break;
            }
            Rebalance(hosts);
            Assert.Empty(LeaderSpread.Moves(hosts));
            foreach (var topic in hosts.SelectMany(host => host).Select(partition => partition.TopicId).Distinct())
                AssertEven(hosts.Select(host => host.Count(partition => partition.TopicId == topic)), "a topic's leaders");
            AssertEven(hosts.Select(host => host.Count), "all leaders");
        }
    }

    private static void Rebalance(List<List<PartitionId>> hosts)
    {
        var (most, total) = (hosts.Max(host => host.Count), hosts.Sum(host => host.Count));
        var moves = LeaderSpread.Moves(hosts);
        Assert.True(moves.Count <= total && (hosts.Count > 1 || moves.Count == 0), $"{moves.Count} moves of {total}, the fullest of {hosts.Count} led {most}");
        hosts.ForEach(host => host.RemoveAll(moves.Contains));
        foreach (var partition in moves)
            Place(partition, hosts);
    }

    private static void Leave(List<List<PartitionId>> hosts, int index)
    {
        var left = hosts[index];
        hosts.RemoveAt(index);
        foreach (var partition in left)
            Place(partition, hosts);
    }

    private static void Place(PartitionId partition, List<List<PartitionId>> hosts) => hosts[LeaderSpread.Choose(partition, hosts)].Add(partition);

    private static List<List<PartitionId>> Hosts(int count) => [.. Enumerable.Range(0, count).Select(_ => new List<PartitionId>())];

    private static void AssertEven(IEnumerable<int> counts, string what)
    {
        var list = counts.ToList();
        Assert.True(list.Max() - list.Min() <= 1, $"{what}: {string.Join('/', list)}");
    }
}
