using System.Diagnostics;
using Akka.Actor;
using Akka.Persistence.Tests;

namespace Akka.Cluster.Tests;

/// <summary>Nodes that come, go, die and lose their database.</summary>
public abstract class MembershipSpecs(ClusterDatabase database) : ClusterSpec(database)
{
    private static readonly MemberStatus[] LeavesInOrder = [MemberStatus.Leaving, MemberStatus.Exiting, MemberStatus.Removed];
    private static readonly MemberStatus[] DiesAndIsRemoved = [MemberStatus.Down, MemberStatus.Removed];

    protected void Three_nodes_join_come_up_in_order_and_see_each_other_s_roles()
    {
        var first = StartUp("broker");
        var log = Listen(first);
        var second = StartUp("broker, streams");
        var third = StartUp("streams");
        var systems = new[] { first, second, third };
        Assert.All(systems, s => Assert.Equal(
            systems.Select(x => Cluster.Get(x).SelfUniqueAddress), Cluster.Get(s).State.Members.Order(Member.AgeOrdering).Select(m => m.UniqueAddress)));
        Assert.True(Cluster.Get(first).SelfMember.IsOlderThan(Cluster.Get(third).SelfMember));
        Assert.Equal(["broker", "streams"], Cluster.Get(first).State.AllRoles.Order());
        Assert.Equal(["broker", "streams"], Cluster.Get(third).State.Members.Single(m => m.Equals(Cluster.Get(second).SelfMember)).Roles.Order());
        var lowest = systems.Select(s => Cluster.Get(s).SelfAddress).Order(Member.AddressOrdering).First();
        Await(() => systems.All(s => lowest.Equals(Cluster.Get(s).State.Leader)), () => "one leader");
        Await(() => log.Path(Cluster.Get(third).SelfUniqueAddress).SequenceEqual([MemberStatus.Joining, MemberStatus.Up]), () => string.Join(", ", log.Events));
        Assert.True(Cluster.Get(second).IsUp);
        Assert.Equal(["streams"], Cluster.Get(third).SelfRoles);
    }

    protected void A_node_that_terminates_leaves_in_order_and_hands_over_before_it_is_removed()
    {
        var (first, second) = (StartUp(), StartUp());
        var (log, leaving) = (Listen(first), Cluster.Get(second).SelfUniqueAddress);
        var handOver = new TaskCompletionSource<Done>(TaskCreationOptions.RunContinuationsAsynchronously);
        CoordinatedShutdown.Get(second).AddTask(CoordinatedShutdown.PhaseClusterExiting, "hand-over", () => handOver.Task);
        var removed = new TaskCompletionSource();
        Cluster.Get(second).RegisterOnMemberRemoved(removed.SetResult);
        var terminated = second.Terminate();
        Await(() => log.Path(leaving).SequenceEqual([MemberStatus.Leaving, MemberStatus.Exiting]), () => string.Join(", ", log.Events));
        Thread.Sleep(Pause / 2);
        Assert.Equal(MemberStatus.Exiting, log.Path(leaving).Last());
        Assert.False(removed.Task.IsCompleted);
        var handedOver = Stopwatch.GetTimestamp();
        handOver.SetResult(Done.Instance);
        Assert.True(terminated.Wait(TimeSpan.FromSeconds(10)));
        log.AwaitRemoved(leaving);
        Assert.True(Stopwatch.GetElapsedTime(handedOver) < TimeSpan.FromSeconds(5), $"ended {Stopwatch.GetElapsedTime(handedOver)} after it had handed over");
        Assert.Equal(LeavesInOrder, log.Path(leaving));
        Assert.Equal(MemberStatus.Exiting, log.Events.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus);
        Assert.True(removed.Task.IsCompleted);
        Assert.True(Cluster.Get(second).IsTerminated);
        Assert.Empty(log.Events.OfType<ClusterEvent.IReachabilityEvent>());
        AwaitUp(first);
    }

    protected void A_node_may_be_asked_to_leave_by_another_one_and_then_ends()
    {
        var (first, second) = (StartUp(), StartUp());
        Cluster.Get(first).Leave(Cluster.Get(second).SelfAddress);
        Assert.True(second.WhenTerminated.Wait(TimeSpan.FromSeconds(15)), "the node that left did not end");
        AwaitUp(first);
    }

    protected void A_killed_node_is_declared_down_and_who_watched_its_actors_hears_of_it()
    {
        var (first, second) = (StartUp(), StartUp());
        var (log, killed) = (Listen(first), Cluster.Get(second).SelfUniqueAddress);
        second.ActorOf(Props.Create<Silent>(), "watched");
        var ended = new TaskCompletionSource<Terminated>();
        var subject = first.ActorSelection(new RootActorPath(killed.Address) / "user" / "watched").ResolveOne(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
        first.ActorOf(Props.Create(() => new Watcher(subject, ended)));
        // The watch is a system message: it goes out before the answer to this is back.
        subject.Ask<ActorIdentity>(new Identify(1), TimeSpan.FromSeconds(10)).Wait();
        var started = Stopwatch.GetTimestamp();
        Kill(second);
        log.AwaitRemoved(killed);
        Assert.Equal(DiesAndIsRemoved, log.Path(killed));
        Assert.Single(log.Events.OfType<ClusterEvent.UnreachableMember>());
        Assert.Equal(MemberStatus.Down, log.Events.OfType<ClusterEvent.MemberRemoved>().Single().PreviousStatus);
        Assert.True(ended.Task.Wait(TimeSpan.FromSeconds(5)), "no Terminated");
        Assert.True(ended.Task.Result.AddressTerminated);
        Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(10));
        AwaitUp(first);
    }

    protected void A_restart_at_the_same_address_takes_the_former_incarnation_s_place()
    {
        var (first, second) = (StartUp(), StartUp("streams"));
        var (log, former) = (Listen(first), Cluster.Get(second).SelfUniqueAddress);
        Kill(second);
        var again = Start(former.Address.Port!.Value, "streams");
        AwaitUp(first, again);
        var present = Cluster.Get(again).SelfUniqueAddress;
        Assert.Equal(former.Address, present.Address);
        Assert.NotEqual(former.Uid, present.Uid);
        Await(() => log.Path(present).SequenceEqual([MemberStatus.Joining, MemberStatus.Up]), () => string.Join(", ", log.Events));
        Assert.Equal(DiesAndIsRemoved, log.Path(former));
        var events = log.Events.OfType<ClusterEvent.IMemberEvent>().ToList();
        Assert.True(events.FindIndex(e => e is ClusterEvent.MemberRemoved) < events.FindIndex(e => e is ClusterEvent.MemberJoined), string.Join(", ", events));
    }

    protected void A_database_that_is_away_for_long_changes_nothing()
    {
        var (first, second) = (StartUp(), StartUp());
        var (log, other) = (Listen(first), Listen(second));
        using (Database.Away()) Thread.Sleep(Pause * 2);
        Thread.Sleep(Pause * 1.5);
        Assert.Empty(log.Events);
        Assert.Empty(other.Events);
        StartUp();
    }

    protected void A_node_that_does_not_renew_is_removed_and_ends_when_it_finds_out()
    {
        var (first, second) = (StartUp(), StartUp());
        var (log, stalled) = (Listen(first), Cluster.Get(second).SelfUniqueAddress);
        var own = Listen(second);
        var removed = new TaskCompletionSource();
        Cluster.Get(second).RegisterOnMemberRemoved(removed.SetResult);
        Cluster.Get(second).Membership.Suspend(true);
        var started = Stopwatch.GetTimestamp();
        log.AwaitRemoved(stalled);
        Assert.True(Stopwatch.GetElapsedTime(started) > Pause - TimeSpan.FromMilliseconds(200), $"removed after {Stopwatch.GetElapsedTime(started)}");
        Assert.False(Cluster.Get(second).IsTerminated);
        Cluster.Get(second).Membership.Suspend(false);
        Assert.True(removed.Task.Wait(TimeSpan.FromSeconds(5)), "RegisterOnMemberRemoved");
        Assert.True(second.WhenTerminated.Wait(TimeSpan.FromSeconds(15)), "the removed node did not end");
        Assert.Equal(DiesAndIsRemoved, own.Path(stalled));
        Assert.IsType<CoordinatedShutdown.ClusterDowningReason>(CoordinatedShutdown.Get(second).ShutdownReason);
        AwaitUp(first);
    }

    protected void A_member_may_be_declared_down_by_hand_and_may_be_told_not_to_end()
    {
        var first = StartUp();
        var second = StartUp(more: "akka.cluster.run-coordinated-shutdown-when-down = off");
        Cluster.Get(first).Down(Cluster.Get(second).SelfAddress);
        Await(() => Cluster.Get(second).IsTerminated, () => "IsTerminated");
        AwaitUp(first);
        Assert.False(second.WhenTerminated.Wait(200));
        Assert.Equal(MemberStatus.Removed, Cluster.Get(second).SelfMember.Status);
    }

    private sealed class Silent : ReceiveActor;

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef subject, TaskCompletionSource<Terminated> ended)
        {
            Context.Watch(subject);
            Receive<Terminated>(ended.SetResult);
        }
    }
}

public sealed class SqliteMembershipSpecs() : MembershipSpecs(new SqliteClusterDatabase())
{
    [Fact]
    public void Joining() => Three_nodes_join_come_up_in_order_and_see_each_other_s_roles();

    [Fact]
    public void Leaving() => A_node_that_terminates_leaves_in_order_and_hands_over_before_it_is_removed();

    [Fact]
    public void Sent_away() => A_node_may_be_asked_to_leave_by_another_one_and_then_ends();

    [Fact]
    public void Killed() => A_killed_node_is_declared_down_and_who_watched_its_actors_hears_of_it();

    [Fact]
    public void Restarted() => A_restart_at_the_same_address_takes_the_former_incarnation_s_place();

    [Fact]
    public void Database_away() => A_database_that_is_away_for_long_changes_nothing();

    [Fact]
    public void Stalled() => A_node_that_does_not_renew_is_removed_and_ends_when_it_finds_out();

    [Fact]
    public void Downed() => A_member_may_be_declared_down_by_hand_and_may_be_told_not_to_end();
}

[Collection("PostgreSQL")]
public sealed class PostgresMembershipSpecs(PostgresServer server) : MembershipSpecs(new PostgresClusterDatabase(server))
{
    [PostgresFact]
    public void Joining() => Three_nodes_join_come_up_in_order_and_see_each_other_s_roles();

    [PostgresFact]
    public void Leaving() => A_node_that_terminates_leaves_in_order_and_hands_over_before_it_is_removed();

    [PostgresFact]
    public void Killed() => A_killed_node_is_declared_down_and_who_watched_its_actors_hears_of_it();

    [PostgresFact]
    public void Restarted() => A_restart_at_the_same_address_takes_the_former_incarnation_s_place();

    [PostgresFact]
    public void Database_away() => A_database_that_is_away_for_long_changes_nothing();

    [PostgresFact]
    public void A_database_that_is_silent_for_long_changes_nothing()
    {
        var (first, second) = (StartUp(), StartUp());
        var (log, other) = (Listen(first), Listen(second));
        ((PostgresClusterDatabase)Database).Flow(false);
        // Longer than a statement or a connection is waited for.
        Thread.Sleep(TimeSpan.FromSeconds(3));
        ((PostgresClusterDatabase)Database).Flow(true);
        Thread.Sleep(Pause * 1.5);
        Assert.Empty(log.Events);
        Assert.Empty(other.Events);
        StartUp();
    }

    [PostgresFact]
    public void Stalled() => A_node_that_does_not_renew_is_removed_and_ends_when_it_finds_out();
}
