using Akka.Actor;
using Akka.Event;
using Akka.TestKit;

namespace Akka.Remote.Tests;

public sealed class FaultSpecs : RemoteSpec
{
    [Fact]
    public void A_node_whose_port_closes_is_lost_soon_and_then_quarantined()
    {
        var (there, proxy) = StartBehindProxy();
        var actor = Resolve(StartEcho(there), there);
        Watch(actor);
        actor.Tell("up", TestActor);
        ExpectMsg("up");
        var events = CreateTestProbe();
        Sys.EventStream.Subscribe(events.Ref, typeof(QuarantinedEvent));
        proxy.Close();
        var terminated = ExpectMsg<Terminated>(TimeSpan.FromSeconds(4));
        Assert.Equal(actor, terminated.ActorRef);
        Assert.True(terminated.AddressTerminated);
        var quarantined = events.ExpectMsg<QuarantinedEvent>();
        Assert.Equal((AddressOf(there), UidOf(there)), (quarantined.Address, quarantined.Uid));
        proxy.Open();
        // That incarnation stays unheard, whatever its link does.
        Thread.Sleep(300);
        actor.Tell("still there?", TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(500));
    }

    [Fact]
    public void A_node_that_falls_silent_is_lost_by_its_missing_heartbeats()
    {
        var (there, proxy) = StartBehindProxy();
        var actor = Resolve(StartEcho(there), there);
        Watch(actor);
        actor.Tell("up", TestActor);
        ExpectMsg("up");
        // Some heartbeats, so that the failure detector knows their habit.
        Thread.Sleep(1000);
        proxy.Hold();
        var terminated = ExpectMsg<Terminated>(TimeSpan.FromSeconds(10));
        Assert.True(terminated.AddressTerminated);
        proxy.Release();
    }

    [Fact]
    public void System_messages_survive_an_interruption()
    {
        var (there, proxy) = StartBehindProxy();
        var kept = Enumerable.Range(0, 20).Select(i => Resolve(StartEcho(there, "kept" + i), there)).ToList();
        foreach (var actor in kept) Watch(actor);
        AwaitWatching(20);
        foreach (var actor in kept) actor.Tell("up", TestActor);
        for (var i = 0; i < kept.Count; i++) ExpectMsg("up");
        // Watched and unwatched while nothing can be sent.
        var late = Resolve(StartEcho(there, "late"), there);
        proxy.Close();
        Watch(late);
        foreach (var actor in kept.Skip(1)) Unwatch(actor);
        Thread.Sleep(200);
        proxy.Open();
        there.ActorSelection("/user/*").Tell("stop");
        var ended = new[] { ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)), ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)) };
        Assert.Equal(new[] { kept[0], late }.ToHashSet(), ended.Select(t => t.ActorRef).ToHashSet());
        Assert.All(ended, t => Assert.False(t.AddressTerminated));
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
    }

    [Fact]
    public void The_end_of_a_watched_actor_is_told_after_its_nodes_link_is_mended()
    {
        // The watched node's connection to this one breaks, not this one's to it.
        var (watching, proxy) = StartBehindProxy("watching");
        var actor = StartEcho(Sys);
        var watcher = CreateTestProbe(watching);
        var remote = watching.ActorSelection(AddressOf(Sys) + "/user/echo").ResolveOne(TimeSpan.FromSeconds(5)).Result;
        watcher.Watch(remote);
        AwaitWatching(1, watching);
        watcher.Send(remote, "up");
        watcher.ExpectMsg("up");
        proxy.Close();
        Sys.Stop(actor);
        Thread.Sleep(400);
        proxy.Open();
        Assert.True(watcher.ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)).ExistenceConfirmed);
    }

    [Fact]
    public void Messages_are_delivered_at_most_once_and_in_order_across_interruptions()
    {
        var (there, proxy) = StartBehindProxy();
        var probe = CreateTestProbe(there);
        var target = Resolve(probe.Ref, there);
        const int last = 20_000;
        var sent = 0;
        var interrupter = Task.Run(async () =>
        {
            for (var i = 0; i < 6; i++)
            {
                await Task.Delay(100);
                proxy.CloseConnections();
            }
        });
        while (!interrupter.IsCompleted || sent < last)
        {
            target.Tell(++sent, TestActor);
            if (sent % 100 == 0) Thread.Sleep(1);
        }
        interrupter.GetAwaiter().GetResult();
        // The end of the sequence arrives once the link is whole.
        AwaitAssert(() => target.Ask<ActorIdentity>(new Identify("done"), TimeSpan.FromSeconds(1)).GetAwaiter().GetResult(), TimeSpan.FromSeconds(10));
        target.Tell(int.MaxValue, TestActor);
        var (previous, received) = (0, 0);
        while (true)
        {
            var number = probe.ExpectMsg<int>(TimeSpan.FromSeconds(10));
            if (number == int.MaxValue) break;
            Assert.True(number > previous, $"{number} came after {previous}");
            previous = number;
            received++;
        }
        Assert.True(received > 0 && received <= sent, $"{received} of {sent}");
    }

    [Fact]
    public void A_quarantined_node_learns_of_it_and_is_heard_again_after_a_restart()
    {
        var there = StartNode();
        var address = AddressOf(there);
        StartEcho(there);
        var actor = Resolve(there, "/user/echo");
        var (own, others) = (CreateTestProbe(), CreateTestProbe(there));
        Sys.EventStream.Subscribe(own.Ref, typeof(QuarantinedEvent));
        there.EventStream.Subscribe(others.Ref, typeof(ThisActorSystemQuarantinedEvent));
        ((RemoteActorRefProvider)((ExtendedActorSystem)Sys).Provider).Quarantine(address, UidOf(there));
        Assert.Equal(UidOf(there), own.ExpectMsg<QuarantinedEvent>().Uid);
        actor.Tell("anyone?", TestActor);
        ExpectNoMsg(TimeSpan.FromMilliseconds(300));
        there.ActorSelection(TestActor.Path.ToStringWithAddress(AddressOf(Sys))).Tell("hear me");
        Assert.Equal(AddressOf(Sys), others.ExpectMsg<ThisActorSystemQuarantinedEvent>(TimeSpan.FromSeconds(5)).RemoteAddress);
        ExpectNoMsg(TimeSpan.FromMilliseconds(200));
        // Said once, whatever it tries.
        there.ActorSelection(TestActor.Path.ToStringWithAddress(AddressOf(Sys))).Tell("hear me");
        others.ExpectNoMsg(TimeSpan.FromMilliseconds(500));
        End(there);
        StartEcho(StartNode(port: address.Port!.Value));
        AwaitAssert(() =>
        {
            Sys.ActorSelection(address + "/user/echo").Tell("new", TestActor);
            ExpectMsg("new", TimeSpan.FromMilliseconds(200));
        }, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public void Associations_are_told_on_the_event_stream()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(AssociationEvent));
        var (there, proxy) = StartBehindProxy();
        Select(there, "/user/nobody").Tell("hello");
        var opened = ExpectMsg<AssociatedEvent>(TimeSpan.FromSeconds(5));
        Assert.Equal((AddressOf(Sys), AddressOf(there), false), (opened.LocalAddress, opened.RemoteAddress, opened.IsInbound));
        there.ActorSelection(AddressOf(Sys) + "/user/nobody").Tell("hello");
        Assert.True(ExpectMsg<AssociatedEvent>(TimeSpan.FromSeconds(5)).IsInbound);
        proxy.Close();
        FishForMessage(m => m is DisassociatedEvent { IsInbound: false } closed && closed.RemoteAddress.Equals(AddressOf(there)), TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_node_started_anew_under_its_address_without_a_goodbye_ends_what_was_watched_before()
    {
        // The proxy makes the first incarnation vanish, and leads to another one under the same address afterwards.
        var (first, proxy) = StartBehindProxy();
        var address = AddressOf(first);
        var actor = Resolve(StartEcho(first), first);
        Watch(actor);
        actor.Tell("up", TestActor);
        ExpectMsg("up");
        proxy.Close();
        var port = Proxy.FreePort();
        using var second = new Proxy(port, address.Port!.Value);
        var again = StartNode("there", port, $"akka.remote.dot-netty.tcp {{ public-hostname = \"127.0.0.1\", public-port = {address.Port} }}");
        Assert.Equal(address, AddressOf(again));
        StartEcho(again);
        Assert.Equal(actor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(5)).ActorRef);
        AwaitAssert(() =>
        {
            Select(again, "/user/echo").Tell("new", TestActor);
            ExpectMsg("new", TimeSpan.FromMilliseconds(200));
        }, TimeSpan.FromSeconds(10));
    }
}
