using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace Akka.Remote.Tests;

public sealed class DeathWatchSpecs : RemoteSpec
{
    [Fact]
    public void A_watcher_hears_of_the_end_of_an_actor_of_another_node()
    {
        var there = StartNode();
        var actor = Resolve(StartEcho(there), there);
        Watch(actor);
        AwaitWatching(1);
        actor.Tell("stop");
        var terminated = ExpectMsg<Terminated>(TimeSpan.FromSeconds(5));
        Assert.Equal(actor, terminated.ActorRef);
        Assert.True(terminated.ExistenceConfirmed);
        Assert.False(terminated.AddressTerminated);
    }

    [Fact]
    public void An_actor_that_is_not_there_has_ended()
    {
        var there = StartNode();
        var actor = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(AddressOf(there) + "/user/nobody");
        Watch(actor);
        var terminated = ExpectMsg<Terminated>(TimeSpan.FromSeconds(5));
        Assert.Equal(actor, terminated.ActorRef);
        Assert.False(terminated.ExistenceConfirmed);
    }

    [Fact]
    public void An_actor_watched_by_a_path_without_uid_is_watched_all_the_same()
    {
        var there = StartNode();
        StartEcho(there);
        var actor = ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(AddressOf(there) + "/user/echo");
        Watch(actor);
        actor.Tell("up", TestActor);
        ExpectMsg("up");
        actor.Tell("stop");
        Assert.Equal(actor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)).ActorRef);
    }

    [Fact]
    public void Who_does_not_watch_any_more_hears_nothing()
    {
        var there = StartNode();
        var (first, second) = (Resolve(StartEcho(there, "first"), there), Resolve(StartEcho(there, "second"), there));
        Watch(first);
        Watch(second);
        AwaitWatching(2);
        Unwatch(first);
        AwaitWatching(1);
        first.Tell("stop");
        second.Tell("stop");
        Assert.Equal(second, ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)).ActorRef);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void Every_watcher_hears_of_it_once()
    {
        var there = StartNode();
        var actor = Resolve(StartEcho(there), there);
        var watchers = Enumerable.Range(0, 5).Select(i => CreateTestProbe("watcher" + i)).ToList();
        foreach (var watcher in watchers) watcher.Watch(actor);
        actor.Tell("stop");
        foreach (var watcher in watchers)
        {
            watcher.ExpectTerminated(actor, TimeSpan.FromSeconds(5));
            watcher.ExpectNoMsg(TimeSpan.FromMilliseconds(20));
        }
    }

    [Fact]
    public void A_node_that_ends_in_order_ends_its_watched_actors()
    {
        var there = StartNode();
        var actor = Resolve(StartEcho(there), there);
        Watch(actor);
        actor.Tell("up", TestActor);
        ExpectMsg("up");
        End(there);
        Assert.Equal(actor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(2)).ActorRef);
    }

    [Fact]
    public async Task Stopping_gracefully_works_across_nodes()
    {
        var there = StartNode();
        Assert.True(await Resolve(StartEcho(there), there).GracefulStop(TimeSpan.FromSeconds(5)));
    }

    [Fact]
    public void A_watched_actor_of_a_node_that_was_started_anew_has_ended_and_the_new_one_can_be_talked_to()
    {
        var there = StartNode();
        var (address, uid) = (AddressOf(there), UidOf(there));
        var actor = Resolve(StartEcho(there), there);
        Watch(actor);
        End(there);
        Assert.Equal(actor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)).ActorRef);
        var again = StartNode(port: address.Port!.Value);
        Assert.Equal(address, AddressOf(again));
        Assert.NotEqual(uid, UidOf(again));
        StartEcho(again);
        AwaitAssert(() =>
        {
            Select(again, "/user/echo").Tell("new", TestActor);
            ExpectMsg("new", TimeSpan.FromMilliseconds(200));
        }, TimeSpan.FromSeconds(10));
        // The old reference names an actor that the new incarnation never had.
        actor.Tell("old", TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        var successor = Resolve(again, "/user/echo");
        Assert.NotEqual(actor, successor);
        Watch(successor);
        successor.Tell("stop");
        Assert.Equal(successor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)).ActorRef);
    }
}
