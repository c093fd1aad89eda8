using Akka.Actor;

namespace Akka.Remote.Tests;

/// <summary>Without heartbeats between nodes, as among the members of a cluster: only system messages tell of ends.</summary>
public sealed class IncarnationSpecs() : RemoteSpec("akka.remote.watch-failure-detector { heartbeat-interval = 1h, unreachable-nodes-reaper-interval = 1h, expected-response-after = 1h }")
{
    private readonly Proxy _proxy = new(Proxy.FreePort());

    private ActorSystem StartIncarnation() => StartNode("there", _proxy.Target, $"akka.remote.dot-netty.tcp {{ public-hostname = \"127.0.0.1\", public-port = {_proxy.Port} }}");

    protected override void AfterAll()
    {
        base.AfterAll();
        _proxy.Dispose();
    }

    private IActorRef ReferenceTo(IActorRef actor, ActorSystem of) => ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(actor.Path.ToSerializationFormatWithAddress(AddressOf(of)));

    // The first incarnation vanishes from this node's sight before it ends, and says no goodbye to it.
    private void Vanish(ActorSystem first)
    {
        Select(first, "/user/echo").Tell("up", TestActor);
        ExpectMsg("up");
        _proxy.Close();
        ((RemoteActorRefProvider)((ExtendedActorSystem)first).Provider).Remoting.Links.Cut(AddressOf(Sys), Tcp.LinkDirection.Both);
        End(first);
    }

    [Fact]
    public void A_watch_reaches_an_incarnation_that_was_not_met_yet()
    {
        var first = StartIncarnation();
        StartEcho(first);
        Vanish(first);
        var second = StartIncarnation();
        var echo = StartEcho(second);
        // The reference came from somebody else.
        var actor = ReferenceTo(echo, second);
        Watch(actor);
        AwaitWatching(1);
        _proxy.Open();
        second.Stop(echo);
        Assert.Equal(actor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(10)).ActorRef);
    }

    [Fact]
    public void A_watch_waits_for_the_incarnation_after_a_quarantined_one()
    {
        var first = StartIncarnation();
        StartEcho(first);
        var uid = UidOf(first);
        Vanish(first);
        ((RemoteActorRefProvider)((ExtendedActorSystem)Sys).Provider).Quarantine(AddressOf(first), uid);
        var second = StartIncarnation();
        var echo = StartEcho(second);
        var actor = ReferenceTo(echo, second);
        Watch(actor);
        AwaitWatching(1);
        _proxy.Open();
        // It makes itself known.
        second.ActorSelection(TestActor.Path.ToStringWithAddress(AddressOf(Sys))).Tell("hello");
        ExpectMsg("hello", TimeSpan.FromSeconds(5));
        second.Stop(echo);
        Assert.Equal(actor, ExpectMsg<Terminated>(TimeSpan.FromSeconds(10)).ActorRef);
    }

    [Fact]
    public void A_watch_that_the_incarnation_before_had_not_taken_is_answered_by_the_next()
    {
        var first = StartIncarnation();
        var echo = StartEcho(first);
        var actor = ReferenceTo(echo, first);
        Vanish(first);
        Watch(actor);
        AwaitWatching(1);
        StartIncarnation();
        _proxy.Open();
        var terminated = ExpectMsg<Terminated>(TimeSpan.FromSeconds(10));
        Assert.Equal((actor, false), (terminated.ActorRef, terminated.ExistenceConfirmed));
    }
}
