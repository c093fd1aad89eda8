using System.Collections.Immutable;
using Akka.Cluster.Membership;
using static Akka.Cluster.ClusterEvent;

namespace Akka.Cluster.Tests;

/// <summary>What a node makes of the rows it reads, without a database and without actors.</summary>
public sealed class MembershipMachineSpecs
{
    private readonly ModelCluster _cluster = new();

    [Fact]
    public void The_first_node_forms_the_cluster()
    {
        var node = _cluster.Join(1);
        _cluster.Run(0.1);
        Assert.Equal([MemberStatus.Joining, MemberStatus.Up], node.Path(node.Id));
        Assert.Contains(new LeaderChanged(node.Id.Address), node.Events);
        Assert.Equal(1, _cluster.Table[node.Id].UpNumber);
    }

    [Fact]
    public void Nodes_come_up_in_the_order_in_which_they_joined_and_see_the_same()
    {
        var nodes = new List<ModelNode>();
        foreach (var number in (int[])[2, 3, 1])
        {
            nodes.Add(_cluster.Join(number));
            _cluster.Run(0.2);
        }
        Assert.All(nodes, n => Assert.Equal(3, n.Machine.State.Members.Count(m => m.Status == MemberStatus.Up)));
        Assert.Equal(nodes.Select(n => n.Id), nodes[0].Machine.State.Members.Order(Member.AgeOrdering).Select(m => m.UniqueAddress));
        Assert.All(nodes, n => Assert.Equal(ModelCluster.Node(1).Address, n.Machine.State.Leader));
    }

    [Fact]
    public void Members_that_were_there_before_are_told_as_they_are_and_not_as_they_came()
    {
        var first = _cluster.Join(1);
        _cluster.Run(1);
        var second = _cluster.Join(2);
        _cluster.Run(1);
        Assert.Equal([MemberStatus.Up], second.Path(first.Id));
        Assert.Equal([MemberStatus.Joining, MemberStatus.Up], first.Path(second.Id));
    }

    [Fact]
    public void A_node_that_comes_back_hears_of_the_older_ones_before_it_hears_that_it_is_up()
    {
        foreach (var number in (int[])[1, 2, 3])
        {
            _cluster.Join(number);
            _cluster.Run(0.2);
        }
        _cluster.Nodes[0].Killed = true;
        var again = _cluster.Join(1);
        // The others bring it up before it reads for the first time.
        again.CutOff = true;
        _cluster.Run(0.2);
        again.CutOff = false;
        _cluster.Run(0.2);
        Assert.Equal(
            [ModelCluster.Node(2).Address, ModelCluster.Node(3).Address, ModelCluster.Node(1).Address],
            again.Events.OfType<MemberUp>().Select(e => e.Member.Address));
    }

    [Fact]
    public void A_silent_member_is_unreachable_after_the_pause_and_not_before_and_then_down_and_removed()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(2);
        second.Killed = true;
        _cluster.Run(2.5);
        Assert.Empty(first.Events.OfType<UnreachableMember>());
        _cluster.Run(1);
        Assert.Single(first.Events.OfType<UnreachableMember>());
        Assert.Equal([MemberStatus.Joining, MemberStatus.Up, MemberStatus.Down, MemberStatus.Removed], first.Path(second.Id));
        Assert.Equal(MemberStatus.Down, first.Events.OfType<MemberRemoved>().Single().PreviousStatus);
        Assert.Empty(first.Machine.State.Unreachable);
    }

    [Fact]
    public void Without_downing_a_silent_member_stays_unreachable_until_it_is_heard_again()
    {
        var rules = ModelCluster.Rules with { DownAfter = null };
        var (first, second) = (_cluster.Join(1, rules), _cluster.Join(2, rules));
        _cluster.Run(2);
        second.Frozen = true;
        _cluster.Run(20);
        Assert.Equal(second.Id, Assert.Single(first.Machine.State.Unreachable).UniqueAddress);
        second.Frozen = false;
        _cluster.Run(1);
        Assert.Empty(first.Machine.State.Unreachable);
        Assert.Equal([typeof(UnreachableMember), typeof(ReachableMember)], first.Events.OfType<IReachabilityEvent>().Select(e => e.GetType()));
        // What the thawed one missed says nothing of the other.
        Assert.Empty(second.Events.OfType<IReachabilityEvent>());
    }

    [Fact]
    public void Down_waits_as_long_as_it_is_told_to()
    {
        var rules = ModelCluster.Rules with { DownAfter = TimeSpan.FromSeconds(5) };
        var (first, second) = (_cluster.Join(1, rules), _cluster.Join(2, rules));
        _cluster.Run(2);
        second.Killed = true;
        _cluster.Run(7.5);
        Assert.Single(first.Events.OfType<UnreachableMember>());
        Assert.Empty(first.Events.OfType<MemberDowned>());
        _cluster.Run(1);
        Assert.Single(first.Events.OfType<MemberDowned>());
    }

    [Fact]
    public void A_database_that_was_away_makes_nobody_unreachable()
    {
        var nodes = new[] { _cluster.Join(1), _cluster.Join(2), _cluster.Join(3) };
        _cluster.Run(2);
        foreach (var node in nodes) node.CutOff = true;
        _cluster.Run(10);
        // The last one finds its way back more than two seconds after the first.
        foreach (var node in nodes)
        {
            node.CutOff = false;
            _cluster.Run(1.2);
        }
        _cluster.Run(5);
        Assert.All(nodes, n => Assert.Empty(n.Events.OfType<IReachabilityEvent>()));
        Assert.All(nodes, n => Assert.Equal(3, n.Machine.State.Members.Count(m => m.Status == MemberStatus.Up)));
    }

    [Fact]
    public void A_refused_port_and_an_overdue_renewal_together_make_a_member_unreachable_at_once()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(2);
        second.Killed = true;
        first.Machine.Refused(second.Id);
        // Two renewals may be missing.
        _cluster.Run(1);
        Assert.Empty(first.Events.OfType<UnreachableMember>());
        _cluster.Run(0.8);
        Assert.Equal(MemberStatus.Removed, first.Path(second.Id).Last());
    }

    [Fact]
    public void A_member_that_renews_stays_though_its_port_refuses()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(2);
        for (var i = 0; i < 50; i++)
        {
            first.Machine.Refused(second.Id);
            second.Machine.Refused(first.Id);
            _cluster.Run(0.1);
        }
        Assert.Empty(first.Events.OfType<IReachabilityEvent>());
        Assert.Empty(second.Events.OfType<IReachabilityEvent>());
    }

    [Fact]
    public void A_member_s_port_is_tried_when_it_is_first_seen_and_when_it_is_late()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(3);
        Assert.Equal([second.Id], first.Probes);
        second.Frozen = true;
        _cluster.Run(2.5);
        Assert.InRange(first.Probes.Count, 3, 6);
    }

    [Fact]
    public void Only_the_oldest_living_member_declares_others_down()
    {
        var (second, first) = (_cluster.Join(2), _cluster.Join(1));
        _cluster.Run(2);
        Assert.Equal(2, _cluster.Table.Rows.Count(r => r.Status == MemberStatus.Up));
        // Turns were equal: by address the first of the two is the older.
        var (oldest, youngest) = _cluster.Table[first.Id].UpNumber < _cluster.Table[second.Id].UpNumber ? (first, second) : (second, first);
        var third = _cluster.Join(3);
        _cluster.Run(1);
        third.Killed = true;
        oldest.CutOff = true;
        _cluster.Run(2.9);
        oldest.CutOff = false;
        oldest.Frozen = true;
        _cluster.Run(2);
        // Both were silent for the youngest, which is then the oldest that lives.
        Assert.Equal([youngest.Id], youngest.Machine.State.Members.Select(m => m.UniqueAddress));
        Assert.Empty(oldest.Events.OfType<MemberDowned>());
    }

    [Fact]
    public void Two_nodes_that_find_each_other_dead_do_not_both_end()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(2);
        var (one, other) = (_cluster.Table[first.Id], _cluster.Table[second.Id]);
        Assert.True(_cluster.Table.Apply(new DownSilent(second.Id, other.Version, other.Renewals, first.Id)));
        Assert.False(_cluster.Table.Apply(new DownSilent(first.Id, one.Version, one.Renewals, second.Id)));
    }

    [Fact]
    public void A_node_that_leaves_goes_through_every_status()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(1);
        _cluster.Table.Leave(second.Id);
        _cluster.Run(1);
        MemberStatus[] orderly = [MemberStatus.Joining, MemberStatus.Up, MemberStatus.Leaving, MemberStatus.Exiting, MemberStatus.Removed];
        Assert.Equal(orderly, first.Path(second.Id));
        // Its first reading came after the leader's.
        Assert.Equal(orderly.Skip(1), second.Path(second.Id));
        Assert.Equal(MemberStatus.Exiting, second.RemovedFrom);
        Assert.Equal(MemberStatus.Exiting, first.Events.OfType<MemberRemoved>().Single().PreviousStatus);
    }

    [Fact]
    public void An_exiting_node_is_removed_only_when_it_has_handed_over_or_is_silent()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(1);
        second.Frozen = true;
        _cluster.Table[second.Id] = _cluster.Table[second.Id] with { Status = MemberStatus.Exiting, PreviousStatus = MemberStatus.Leaving };
        _cluster.Run(2);
        Assert.Equal(MemberStatus.Exiting, first.Path(second.Id).Last());
        _cluster.Run(2);
        Assert.Equal(MemberStatus.Exiting, first.Events.OfType<MemberRemoved>().Single().PreviousStatus);
    }

    [Fact]
    public void The_last_node_leaves_too()
    {
        var node = _cluster.Join(1);
        _cluster.Run(1);
        _cluster.Table.Leave(node.Id);
        _cluster.Run(1);
        Assert.Equal(MemberStatus.Exiting, node.RemovedFrom);
    }

    [Fact]
    public void A_node_that_was_thought_dead_learns_it_and_changes_nothing_more()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(2);
        second.Frozen = true;
        _cluster.Run(10);
        Assert.Equal([first.Id], first.Machine.State.Members.Select(m => m.UniqueAddress));
        second.Frozen = false;
        var before = _cluster.Table.Rows.Sum(r => r.Version);
        _cluster.Run(1);
        Assert.Equal(MemberStatus.Down, second.RemovedFrom);
        Assert.Equal([MemberStatus.Down, MemberStatus.Removed], second.Path(second.Id).TakeLast(2));
        Assert.Equal(before, _cluster.Table.Rows.Sum(r => r.Version));
    }

    [Fact]
    public void A_restart_at_the_same_address_removes_the_former_incarnation_first()
    {
        var (first, second) = (_cluster.Join(1), _cluster.Join(2));
        _cluster.Run(1);
        var restarted = _cluster.Join(2);
        _cluster.Run(1);
        var events = first.Events.OfType<IMemberEvent>().Where(e => e.Member.Address.Equals(second.Id.Address)).Select(e => (e.Member.UniqueAddress, e.Member.Status));
        Assert.Equal(
            [
                (second.Id, MemberStatus.Joining), (second.Id, MemberStatus.Up), (second.Id, MemberStatus.Down), (second.Id, MemberStatus.Removed),
                (restarted.Id, MemberStatus.Joining), (restarted.Id, MemberStatus.Up),
            ],
            events);
        Assert.Equal(3, _cluster.Table[restarted.Id].UpNumber);
    }

    [Fact]
    public void After_a_crash_of_all_the_first_to_come_back_clears_away_the_others()
    {
        var nodes = new[] { _cluster.Join(1), _cluster.Join(2), _cluster.Join(3) };
        _cluster.Run(2);
        foreach (var node in nodes) node.Killed = true;
        _cluster.Run(1);
        var back = _cluster.Join(3);
        _cluster.Run(4);
        Assert.Equal(MemberStatus.Up, Assert.Single(back.Machine.State.Members).Status);
        Assert.Equal(4, _cluster.Table[back.Id].UpNumber);
    }

    [Fact]
    public void Nobody_comes_up_before_there_are_enough()
    {
        var rules = ModelCluster.Rules with { MinMembers = 2, MinMembersOfRole = ImmutableDictionary<string, int>.Empty.Add("broker", 2) };
        var first = _cluster.Join(1, rules, "broker");
        _cluster.Run(1);
        var second = _cluster.Join(2, rules, "streams");
        _cluster.Run(1);
        Assert.Equal([MemberStatus.Joining], first.Path(first.Id));
        var third = _cluster.Join(3, rules, "broker", "streams");
        _cluster.Run(1);
        Assert.All((ModelNode[])[first, second, third], n => Assert.Equal(MemberStatus.Up, n.Path(n.Id).Last()));
    }

    [Fact]
    public void Each_role_has_its_leader()
    {
        var first = _cluster.Join(1, null, "broker");
        _cluster.Run(1);
        var second = _cluster.Join(2, null, "broker", "streams");
        _cluster.Run(1);
        Assert.Equal(first.Id.Address, second.Machine.State.RoleLeader("broker"));
        Assert.Equal(second.Id.Address, first.Machine.State.RoleLeader("streams"));
        Assert.Null(first.Machine.State.RoleLeader("other"));
        Assert.Contains(new RoleLeaderChanged("streams", second.Id.Address), first.Events);
        first.Killed = true;
        _cluster.Run(4);
        Assert.Contains(new RoleLeaderChanged("broker", second.Id.Address), second.Events);
    }
}
