using FsCheck;
using FsCheck.Fluent;

namespace Akka.Cluster.Tests;

/// <summary>Nodes that join, leave, freeze, thaw, lose the database, die and restart at random.</summary>
public sealed class MembershipProperties
{
    private const int Addresses = 4;

    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable("ACTORS_LONG") == "1" ? 300 : 15);

    [Fact]
    public void All_who_live_agree_in_the_end_and_nobody_skips_a_status_or_shares_an_age()
    {
        var step = Gen.Choose(0, 99_999).Select(number => (Kind: number % 8, Node: number / 8 % Addresses, Ticks: number / 64 % 40));
        Prop.ForAll(Arb.From(step.ListOf(40).Select(list => list.ToList())), steps =>
        {
            var cluster = new ModelCluster();
            foreach (var (kind, number, ticks) in steps)
            {
                Act(cluster, kind, number);
                cluster.Run(ModelCluster.Tick * ticks);
                CheckTable(cluster);
            }
            foreach (var node in cluster.Nodes) node.Frozen = node.CutOff = false;
            cluster.Run(TimeSpan.FromSeconds(10));
            CheckEnd(cluster);
        }).Check(Runs);
    }

    [Fact]
    public void Who_renews_in_time_is_never_declared_down()
    {
        // Freezes shorter than the pause, database losses of any length, and refused ports.
        var step = Gen.Choose(0, 99_999).Select(number => (Kind: number % 4, Node: number / 4 % Addresses, Ticks: number / 64 % 60));
        Prop.ForAll(Arb.From(step.ListOf(15).Select(list => list.ToList())), steps =>
        {
            var cluster = new ModelCluster();
            for (var i = 0; i < Addresses; i++) cluster.Join(i);
            cluster.Run(1);
            foreach (var (kind, number, ticks) in steps)
            {
                var node = cluster.Nodes[number];
                switch (kind)
                {
                    case 0:
                        node.Frozen = true;
                        cluster.Run(ModelCluster.Tick * Math.Min(ticks, 20));
                        node.Frozen = false;
                        break;
                    case 1:
                        foreach (var each in cluster.Nodes) each.CutOff = true;
                        cluster.Run(ModelCluster.Tick * ticks);
                        foreach (var each in cluster.Nodes) each.CutOff = false;
                        break;
                    case 2: cluster.Nodes[(number + 1) % Addresses].Machine.Refused(node.Id); break;
                    default: break;
                }
                cluster.Run(ModelCluster.Tick * (10 + ticks));
                // A frozen process whose port refuses looks dead: that is the one mistake allowed, and not made here.
                if (kind == 2) cluster.Run(1);
            }
            Assert.All(cluster.Nodes, n => Assert.True(n.RemovedFrom is null, $"{n.Id} was removed"));
            Assert.All(cluster.Nodes, n => Assert.Empty(n.Events.OfType<ClusterEvent.MemberDowned>()));
        }).Check(Runs);
    }

    private static void Act(ModelCluster cluster, int kind, int number)
    {
        var node = cluster.Nodes.LastOrDefault(n => n.Id.Address.Equals(ModelCluster.Node(number).Address));
        switch (kind)
        {
            case 0 or 1 when node is not { IsMember: true, Frozen: false }: cluster.Join(number); break;
            case 2: cluster.Table.Leave(node?.Id ?? ModelCluster.Node(number)); break;
            case 3 when node is not null: node.Killed = true; break;
            case 4 when node is not null: node.Frozen = !node.Frozen; break;
            case 5 when node is not null: node.CutOff = !node.CutOff; break;
            case 6 when node is { Killed: true }:
                foreach (var other in cluster.Living) other.Machine.Refused(node.Id);
                break;
            default: break;
        }
    }

    private static void CheckTable(ModelCluster cluster)
    {
        var ages = cluster.Table.Ages;
        Assert.Equal(ages.Order().Distinct(), ages);
        Assert.All(cluster.Table.Rows.Where(r => r.Status != MemberStatus.Removed).GroupBy(r => r.Node.Address), g => Assert.Single(g));
    }

    private static void CheckEnd(ModelCluster cluster)
    {
        var living = cluster.Living.ToList();
        var members = cluster.Table.Rows.Where(r => r.Status != MemberStatus.Removed).Select(r => r.Node).Order().ToList();
        if (living.Count > 0) Assert.Equal(living.Select(n => n.Id).Order(), members);
        foreach (var node in living)
        {
            Assert.Equal(members, node.Machine.State.Members.Select(m => m.UniqueAddress));
            Assert.All(node.Machine.State.Members, m => Assert.Equal(MemberStatus.Up, m.Status));
            Assert.Empty(node.Machine.State.Unreachable);
            Assert.Equal(living[0].Machine.State.Leader, node.Machine.State.Leader);
        }
        foreach (var node in cluster.Nodes)
        {
            // Who hears of a younger one first would take that one for the oldest.
            var ages = node.Events.OfType<ClusterEvent.IMemberEvent>().Select(e => e.Member.UpNumber).Where(age => age != Member.NotUpYet).Distinct().ToList();
            Assert.Equal(ages.Order(), ages);
            foreach (var other in cluster.Nodes)
            {
                var path = node.Path(other.Id).ToList();
                Assert.All(path.Zip(path.Skip(1)), pair => Assert.Contains(pair.Second, Member.Allowed[pair.First]));
                // Removal is told from Down or Exiting only, so no subscriber misses why.
                Assert.All(path.Zip(path.Skip(1)).Where(pair => pair.Second == MemberStatus.Removed), pair => Assert.Contains(pair.First, (MemberStatus[])[MemberStatus.Down, MemberStatus.Exiting]));
            }
        }
    }
}
