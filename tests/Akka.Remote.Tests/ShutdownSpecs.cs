using System.Diagnostics;
using Akka.Actor;
using Akka.Event;

namespace Akka.Remote.Tests;

public sealed class ShutdownSpecs : RemoteSpec
{
    [Fact]
    public void What_was_said_before_a_clean_shutdown_arrives()
    {
        var there = StartNode();
        const int messages = 20_000;
        var target = there.ActorSelection(AddressOf(Sys) + TestActor.Path.ToStringWithoutAddress()).ResolveOne(TimeSpan.FromSeconds(5)).Result;
        for (var i = 0; i < messages; i++) target.Tell(i, ActorRefs.NoSender);
        End(there);
        for (var i = 0; i < messages; i++) ExpectMsg(i, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_node_that_takes_nothing_does_not_hold_up_the_end_of_another()
    {
        var (there, proxy) = StartBehindProxy();
        var other = StartNode("other");
        var target = other.ActorSelection(AddressOf(there) + "/user/nobody").Anchor;
        target.Tell("hello");
        AwaitCondition(() => ((RemoteActorRefProvider)((ExtendedActorSystem)other).Provider).Remoting.AssociationTo(AddressOf(there)).IsConnected, TimeSpan.FromSeconds(5));
        proxy.Hold();
        for (var i = 0; i < 500; i++) target.Tell(new Numbered(i, null, new byte[100_000]), ActorRefs.NoSender);
        var clock = Stopwatch.StartNew();
        End(other);
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(8));
    }

    [Fact]
    public void What_is_said_after_the_end_of_remoting_is_a_dead_letter()
    {
        var (there, other) = (StartNode(), StartNode("other"));
        var echo = other.ActorSelection(AddressOf(there) + "/user/nobody").Anchor;
        var letters = CreateTestProbe();
        other.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));
        ((RemoteActorRefProvider)((ExtendedActorSystem)other).Provider).Transport.Shutdown().Wait(TimeSpan.FromSeconds(5));
        echo.Tell("too late", ActorRefs.NoSender);
        Assert.Equal("too late", letters.ExpectMsg<DeadLetter>().Message);
    }

    [Fact]
    public void The_end_of_a_node_that_nobody_talks_to_is_noticed_where_it_is_kept_connected()
    {
        var (there, proxy) = StartBehindProxy();
        var provider = (RemoteActorRefProvider)((ExtendedActorSystem)Sys).Provider;
        var probe = CreateTestProbe();
        provider.PeerIsGone += gone => probe.Ref.Tell(gone, ActorRefs.NoSender);
        provider.KeepConnected(AddressOf(there), true);
        AwaitCondition(() => provider.Remoting.AssociationTo(AddressOf(there)).IsConnected, TimeSpan.FromSeconds(5));
        proxy.Close();
        Assert.Equal(new PeerGone(AddressOf(there), UidOf(there), PeerGoneReason.Refused), probe.ExpectMsg<PeerGone>());
        proxy.Open();
        AwaitCondition(() => provider.Remoting.AssociationTo(AddressOf(there)).IsConnected, TimeSpan.FromSeconds(5));
        End(there);
        probe.FishForMessage(m => m is PeerGone { Reason: PeerGoneReason.Left } or PeerGone { Reason: PeerGoneReason.Refused }, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void The_end_of_a_node_that_only_talked_itself_is_noticed()
    {
        var (there, proxy) = StartBehindProxy();
        var provider = (RemoteActorRefProvider)((ExtendedActorSystem)Sys).Provider;
        var probe = CreateTestProbe();
        provider.PeerIsGone += gone => probe.Ref.Tell(gone, ActorRefs.NoSender);
        there.ActorSelection(TestActor.Path.ToStringWithAddress(AddressOf(Sys))).Tell("hello");
        ExpectMsg("hello");
        proxy.Close();
        ((RemoteActorRefProvider)((ExtendedActorSystem)there).Provider).Remoting.Disconnect(AddressOf(Sys));
        Assert.Equal(PeerGoneReason.Refused, probe.ExpectMsg<PeerGone>(TimeSpan.FromSeconds(5)).Reason);
    }
}
