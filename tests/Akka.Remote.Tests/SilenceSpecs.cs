using Akka.Actor;

namespace Akka.Remote.Tests;

public sealed class SilenceSpecs() : RemoteSpec("akka.remote { handshake-timeout = 1500ms, transport-failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 1500ms } }")
{
    [Fact]
    public void A_connection_on_which_nothing_comes_back_is_closed_and_opened_again()
    {
        var (there, proxy) = StartBehindProxy();
        StartEcho(there);
        var echo = Resolve(there, "/user/echo");
        Sys.EventStream.Subscribe(TestActor, typeof(AssociationEvent));
        proxy.Hold();
        FishForMessage(m => m is DisassociatedEvent { IsInbound: false }, TimeSpan.FromSeconds(5));
        // What is accepted but does not answer is no connection.
        var failed = (AssociationErrorEvent)FishForMessage(m => m is AssociationErrorEvent, TimeSpan.FromSeconds(5));
        Assert.Contains("timed out", failed.Cause.Message);
        proxy.CloseConnections();
        proxy.Release();
        FishForMessage(m => m is AssociatedEvent { IsInbound: false }, TimeSpan.FromSeconds(5));
        Sys.EventStream.Unsubscribe(TestActor);
        AwaitAssert(() =>
        {
            echo.Tell("again", TestActor);
            FishForMessage(m => m is "again", TimeSpan.FromMilliseconds(500));
        }, TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void A_connection_without_messages_stays_open()
    {
        var there = StartNode();
        StartEcho(there);
        var echo = Resolve(there, "/user/echo");
        Sys.EventStream.Subscribe(TestActor, typeof(DisassociatedEvent));
        ExpectNoMsg(TimeSpan.FromSeconds(3));
        Sys.EventStream.Unsubscribe(TestActor);
        echo.Tell("still", TestActor);
        ExpectMsg("still");
    }
}
