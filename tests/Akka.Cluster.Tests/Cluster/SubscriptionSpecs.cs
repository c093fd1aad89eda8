using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tests;

/// <summary>What one node says of itself and of the cluster, to whom, and when.</summary>
public sealed class SubscriptionSpecs() : ClusterSpec(new SqliteClusterDatabase())
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(5);

    [Fact]
    public void A_subscriber_gets_the_state_first_and_then_events()
    {
        var system = StartUp("broker");
        var inbox = new Inbox(system);
        Cluster.Get(system).Subscribe(inbox.Ref, typeof(ClusterEvent.MemberUp));
        var state = Assert.IsType<ClusterEvent.CurrentClusterState>(inbox.Next());
        Assert.Equal(Cluster.Get(system).SelfMember, Assert.Single(state.Members));
        Assert.Equal(Cluster.Get(system).SelfAddress, state.RoleLeader("broker"));
        var other = StartUp();
        Assert.Equal(Cluster.Get(other).SelfMember, Assert.IsType<ClusterEvent.MemberUp>(inbox.Next()).Member);
    }

    [Fact]
    public void Or_the_events_that_lead_to_the_state()
    {
        var system = StartUp("broker");
        var inbox = new Inbox(system);
        Cluster.Get(system).Subscribe(inbox.Ref, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.RoleLeaderChanged));
        Assert.Equal(new ClusterEvent.MemberUp(Cluster.Get(system).SelfMember), inbox.Next());
        Assert.Equal(new ClusterEvent.RoleLeaderChanged("broker", Cluster.Get(system).SelfAddress), inbox.Next());
        Cluster.Get(system).SendCurrentClusterState(inbox.Ref);
        Assert.IsType<ClusterEvent.CurrentClusterState>(inbox.Next());
    }

    [Fact]
    public void Who_unsubscribes_from_some_events_still_gets_others()
    {
        var system = StartUp();
        var inbox = new Inbox(system);
        Cluster.Get(system).Subscribe(inbox.Ref, typeof(ClusterEvent.MemberJoined), typeof(ClusterEvent.MemberUp));
        Assert.IsType<ClusterEvent.CurrentClusterState>(inbox.Next());
        Cluster.Get(system).Unsubscribe(inbox.Ref, typeof(ClusterEvent.MemberJoined));
        var other = StartUp();
        Assert.IsType<ClusterEvent.MemberUp>(inbox.Next());
        Cluster.Get(system).Unsubscribe(inbox.Ref);
        Kill(other);
        AwaitUp(system);
        Cluster.Get(system).SendCurrentClusterState(inbox.Ref);
        Assert.IsType<ClusterEvent.CurrentClusterState>(inbox.Next());
    }

    [Fact]
    public void Only_events_of_the_cluster_can_be_subscribed_to()
    {
        var system = StartUp();
        Assert.Throws<ArgumentException>(() => Cluster.Get(system).Subscribe(system.DeadLetters, typeof(string)));
        Assert.Throws<ArgumentException>(() => Cluster.Get(system).Subscribe(system.DeadLetters));
    }

    [Fact]
    public void Callbacks_run_when_the_node_is_up_and_when_it_is_removed()
    {
        var system = Start();
        var (up, late, removed) = (new TaskCompletionSource(), new TaskCompletionSource(), new TaskCompletionSource());
        Cluster.Get(system).RegisterOnMemberUp(() => throw new InvalidOperationException("a callback's failure is its own"));
        Cluster.Get(system).RegisterOnMemberUp(up.SetResult);
        Cluster.Get(system).RegisterOnMemberRemoved(removed.SetResult);
        Assert.True(up.Task.Wait(Soon));
        Cluster.Get(system).RegisterOnMemberUp(late.SetResult);
        Assert.True(late.Task.Wait(Soon));
        Assert.False(removed.Task.IsCompleted);
        Assert.True(Cluster.Get(system).LeaveAsync().Wait(Soon));
        Assert.True(removed.Task.Wait(Soon));
        Assert.True(Cluster.Get(system).LeaveAsync().IsCompletedSuccessfully);
        var afterwards = false;
        Cluster.Get(system).RegisterOnMemberRemoved(() => afterwards = true);
        Assert.True(afterwards);
    }

    [Fact]
    public async Task A_node_that_is_not_to_join_by_itself_joins_when_it_is_told_to()
    {
        var system = Start(more: "akka.cluster.membership.auto-join = off");
        await Task.Delay(300);
        Assert.Empty(Cluster.Get(system).State.Members);
        Assert.Equal(MemberStatus.Removed, Cluster.Get(system).SelfMember.Status);
        await Cluster.Get(system).JoinAsync(Cluster.Get(system).SelfAddress);
        Assert.True(Cluster.Get(system).IsUp);
    }

    [Fact]
    public async Task Joining_fails_in_time_when_the_database_does_not_answer()
    {
        var system = Start(more: "akka.cluster { membership.auto-join = off, seed-node-timeout = 500ms }");
        using (var first = Start()) AwaitUp(first);
        using (Database.Away()) await Assert.ThrowsAsync<ClusterJoinFailedException>(() => Cluster.Get(system).JoinSeedNodesAsync([Cluster.Get(system).SelfAddress]));
        // It goes on trying.
        Await(() => Cluster.Get(system).IsUp, () => "up");
    }

    [Fact]
    public void A_node_ends_in_order_also_when_its_database_is_away()
    {
        var system = StartUp();
        using (Database.Away())
        {
            Thread.Sleep(Pause);
            var started = Stopwatch.GetTimestamp();
            Assert.True(system.Terminate().Wait(TimeSpan.FromSeconds(10)));
            Assert.True(Stopwatch.GetElapsedTime(started) < TimeSpan.FromSeconds(5), $"{Stopwatch.GetElapsedTime(started)}");
        }
    }

    [Fact]
    public void Without_the_provider_there_is_no_cluster()
    {
        var system = ActorSystem.Create("local", ConfigurationFactory.ParseString("akka { loglevel = OFF, stdout-loglevel = OFF }"));
        Assert.Throws<ConfigurationException>(() => Cluster.Get(system));
        Assert.True(system.Terminate().Wait(Soon));
    }

    private sealed class Inbox
    {
        private readonly System.Collections.Concurrent.BlockingCollection<object> _messages = [];

        public Inbox(ActorSystem system)
        {
            var messages = _messages;
            Ref = system.ActorOf(Props.Create(() => new Collector(messages)));
        }

        public IActorRef Ref { get; }

        public object Next() => _messages.TryTake(out var message, Soon) ? message : throw new TimeoutException("nothing was heard");

        private sealed class Collector : ReceiveActor
        {
            public Collector(System.Collections.Concurrent.BlockingCollection<object> messages) => ReceiveAny(messages.Add);
        }
    }
}
