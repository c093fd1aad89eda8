using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

public sealed class DeathWatchSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private sealed class Watcher : ReceiveActor
    {
        public Watcher(IActorRef subject, IActorRef log, object? message = null, bool handles = true)
        {
            if (message is null) Context.Watch(subject);
            else Context.WatchWith(subject, message);
            if (handles) Receive<Terminated>(t => log.Tell((t.ActorRef, t.ExistenceConfirmed)));
            Receive<string>(s =>
            {
                switch (s)
                {
                    case "unwatch": Context.Unwatch(subject); break;
                    case "again": Context.WatchWith(subject, "other"); break;
                    default: log.Tell(s); break;
                }
            });
        }
    }

    [Fact]
    public void A_watcher_hears_of_the_end()
    {
        var subject = Sys.ActorOf<Idle>();
        Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, null, true)));
        Sys.Stop(subject);
        Assert.Equal(subject, ExpectMsg<(IActorRef, bool)>().Item1);
    }

    [Fact]
    public void Each_watcher_hears_of_it_once()
    {
        var subject = Sys.ActorOf<Idle>();
        for (var i = 0; i < 3; i++) Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, null, true)), "w" + i).Tell("ready");
        ExpectMsgAllOf("ready", "ready", "ready");
        Sys.Stop(subject);
        Assert.All(ReceiveN(3), m => Assert.Equal((subject, true), m));
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void An_actor_that_has_ended_can_be_watched()
    {
        var subject = Sys.ActorOf<Idle>();
        Watch(subject);
        Sys.Stop(subject);
        ExpectTerminated(subject);
        Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, null, true)));
        Assert.Equal(subject, ExpectMsg<(IActorRef, bool)>().Item1);
    }

    [Fact]
    public void WatchWith_brings_the_message_given()
    {
        var subject = Sys.ActorOf<Idle>();
        Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, "gone", true)));
        Sys.Stop(subject);
        ExpectMsg("gone");
    }

    [Fact]
    public void A_watch_is_not_changed_by_another() => EventFilter.Exception<InvalidOperationException>().ExpectOne(() =>
    {
        var subject = Sys.ActorOf<Idle>();
        Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, "gone", true))).Tell("again");
    });

    [Fact]
    public void Unwatched_actors_end_unheard()
    {
        var subject = Sys.ActorOf<Idle>();
        var watcher = Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, null, true)));
        watcher.Tell("unwatch");
        watcher.Tell("done");
        ExpectMsg("done");
        Sys.Stop(subject);
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
    }

    [Fact]
    public void Who_does_not_handle_the_end_fails_with_a_death_pact()
    {
        var subject = Sys.ActorOf<Idle>();
        var watcher = Sys.ActorOf(Props.Create(() => new Watcher(subject, TestActor, null, false)));
        Watch(watcher);
        EventFilter.Exception<DeathPactException>().ExpectOne(() => Sys.Stop(subject));
        ExpectTerminated(watcher);
    }

    private sealed class Keeper : ReceiveActor
    {
        public Keeper(IActorRef log)
        {
            var child = Context.ActorOf<Idle>("child");
            Context.Watch(child);
            Receive<string>(_ => Context.Stop(child));
            Receive<Terminated>(t => log.Tell((t.ActorRef.Equals(child), Context.GetChildren().Count(), Context.Child("child").IsNobody())));
        }
    }

    [Fact]
    public void A_parent_hears_of_its_childs_end_when_the_child_is_gone()
    {
        Sys.ActorOf(Props.Create(() => new Keeper(TestActor))).Tell("stop");
        ExpectMsg((true, 0, true));
    }

    [Fact]
    public void The_end_comes_after_the_messages_the_actor_sent_before_it()
    {
        var probe = CreateTestProbe();
        for (var i = 0; i < 50; i++)
        {
            var subject = Sys.ActorOf(Props.Create(() => new LastWords(probe.Ref)));
            probe.Watch(subject);
            subject.Tell("go");
            probe.ExpectMsg("last words");
            probe.ExpectTerminated(subject);
        }
    }

    private sealed class LastWords(IActorRef to) : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            to.Tell("last words");
            Context.Stop(Self);
        }
    }
}
