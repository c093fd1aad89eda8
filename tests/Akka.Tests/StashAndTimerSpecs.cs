using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Akka.Tests;

public sealed class StashSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Stasher : ReceiveActor, IWithUnboundedStash
    {
        public IStash Stash { get; set; } = null!;

        public Stasher(IActorRef log) => Closed(log);

        private void Closed(IActorRef log)
        {
            Receive<string>(s => s == "open", _ =>
            {
                Stash.UnstashAll();
                Become(() => Open(log));
            });
            Receive<string>(s => s == "one", _ => Stash.Unstash());
            Receive<string>(s => s == "close", _ => { });
            Receive<Exception>(e => throw e);
            ReceiveAny(_ => Stash.Stash());
        }

        private void Open(IActorRef log)
        {
            Receive<string>(s => s == "close", _ => Become(() => Closed(log)));
            Receive<string>(s => s == "open", _ => { });
            ReceiveAny(m => log.Tell(m));
        }
    }

    [Fact]
    public void Stashed_messages_come_back_in_order_before_what_waits()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stasher(TestActor)));
        foreach (var message in new[] { "a", "b", "c", "open", "d" }) actor.Tell(message);
        Assert.Equal(["a", "b", "c", "d"], ReceiveN(4));
    }

    [Fact]
    public void The_order_holds_for_any_mixture_of_opening_and_closing()
    {
        Prop.ForAll(Gen.Choose(0, 5).ListOf(60).ToArbitrary(), steps =>
        {
            var probe = CreateTestProbe();
            var actor = Sys.ActorOf(Props.Create(() => new Stasher(probe.Ref)));
            var sent = 0;
            foreach (var step in steps) actor.Tell(step switch { 0 => "open", 1 => "close", _ => sent++ });
            // Messages that came while it was closed are stashed and unstashed any number of times.
            actor.Tell("open");
            actor.Tell("close");
            actor.Tell("open");
            var received = probe.ReceiveWhile<int>(_ => true, TimeSpan.FromSeconds(5), msgs: sent);
            Sys.Stop(actor);
            return received.SequenceEqual(Enumerable.Range(0, sent));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(20));
    }

    [Fact]
    public void A_restart_gives_the_stash_back_to_the_mailbox()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stasher(TestActor)));
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() =>
        {
            actor.Tell("a");
            actor.Tell("b");
            actor.Tell(new InvalidOperationException());
            actor.Tell("open");
        });
        Assert.Equal(["a", "b"], ReceiveN(2));
    }

    [Fact]
    public void What_is_stashed_when_the_actor_ends_are_dead_letters()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Stasher(TestActor)));
        EventFilter.DeadLetter<string>().Expect(2, () =>
        {
            actor.Tell("a");
            actor.Tell("b");
            actor.Tell(PoisonPill.Instance);
        });
    }

    private sealed class Twice(IActorRef log) : UntypedActorWithUnboundedStash
    {
        protected override void OnReceive(object message)
        {
            Stash.Stash();
            try { Stash.Stash(); }
            catch (IllegalActorStateException) { log.Tell("refused"); }
        }
    }

    [Fact]
    public void A_message_is_stashed_once()
    {
        Sys.ActorOf(Props.Create(() => new Twice(TestActor))).Tell("x");
        ExpectMsg("refused");
    }

    private sealed class SameAgain(IActorRef log) : UntypedActorWithUnboundedStash
    {
        protected override void OnReceive(object message)
        {
            if (message is "count") log.Tell(Stash.Count);
            else Stash.Stash();
        }
    }

    [Fact]
    public void The_same_object_sent_twice_is_two_messages()
    {
        var actor = Sys.ActorOf(Props.Create(() => new SameAgain(TestActor)));
        const string message = "same";
        actor.Tell(message);
        actor.Tell(message);
        actor.Tell("count");
        ExpectMsg(2);
    }
}

public sealed class TimerSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed record Start(string Key, object Message, TimeSpan Delay, bool Periodic = false);

    private sealed record Cancel(string Key);

    private sealed class Timed : ReceiveActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        public Timed(IActorRef log)
        {
            Receive<Start>(s =>
            {
                if (s.Periodic) Timers.StartPeriodicTimer(s.Key, s.Message, s.Delay);
                else Timers.StartSingleTimer(s.Key, s.Message, s.Delay);
            });
            Receive<Cancel>(c => Timers.Cancel(c.Key));
            Receive<Exception>(e => throw e);
            Receive<string>(s => s == "active", _ => log.Tell(Timers.ActiveTimers.Count));
            ReceiveAny(m => log.Tell(m));
        }
    }

    private IActorRef Actor() => Sys.ActorOf(Props.Create(() => new Timed(TestActor)));

    private static TimeSpan Ms(int n) => TimeSpan.FromMilliseconds(n);

    [Fact]
    public void A_single_timer_fires_once_and_is_gone()
    {
        var actor = Actor();
        actor.Tell(new Start("k", "tick", Ms(10)));
        ExpectMsg("tick");
        actor.Tell("active");
        ExpectMsg(0);
    }

    [Fact]
    public void A_periodic_timer_fires_until_canceled()
    {
        var actor = Actor();
        actor.Tell(new Start("k", "tick", Ms(10), true));
        ReceiveN(3);
        actor.Tell(new Cancel("k"));
        actor.Tell("active");
        FishForMessage(m => m is 0);
        ExpectNoMsg(Ms(50));
    }

    [Fact]
    public void Starting_a_key_again_replaces_its_timer_even_when_its_message_waits_already()
    {
        var actor = Actor();
        for (var i = 0; i < 50; i++)
        {
            actor.Tell(new Start("k", "old", TimeSpan.Zero));
            actor.Tell(new Start("k", "new", Ms(1)));
            // The old one may have come before it was replaced, never after.
            var seen = new List<object> { ReceiveOne() };
            if (seen[0] is "old") seen.Add(ReceiveOne());
            Assert.Equal("new", seen[^1]);
        }
        ExpectNoMsg(Ms(30));
    }

    [Fact]
    public void Timers_end_with_the_incarnation()
    {
        var actor = Actor();
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() =>
        {
            actor.Tell(new Start("k", "tick", Ms(60), true));
            actor.Tell(new InvalidOperationException());
        });
        ExpectNoMsg(Ms(150));
        actor.Tell("alive");
        ExpectMsg("alive");
    }

    [Fact]
    public void A_timers_message_may_be_a_poison_pill()
    {
        var actor = Actor();
        Watch(actor);
        actor.Tell(new Start("k", PoisonPill.Instance, Ms(5)));
        ExpectTerminated(actor);
    }

    [Fact]
    public void The_scheduler_tells_once_repeatedly_and_not_after_canceling()
    {
        Sys.Scheduler.ScheduleTellOnce(Ms(5), TestActor, "once", ActorRefs.NoSender);
        ExpectMsg("once");
        var repeated = Sys.Scheduler.ScheduleTellRepeatedlyCancelable(Ms(1), Ms(5), TestActor, "again", ActorRefs.NoSender);
        ReceiveN(3);
        repeated.Cancel();
        ReceiveWhile<string>(_ => true, TimeSpan.Zero);
        ReceiveOne(Ms(20));
        ExpectNoMsg(Ms(50));
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_times()
    {
        foreach (var i in new[] { 5, 1, 4, 2, 3 }) Sys.Scheduler.ScheduleTellOnce(Ms(50 + i * 30), TestActor, i, ActorRefs.NoSender);
        Assert.Equal([1, 2, 3, 4, 5], ReceiveN(5));
    }

    [Fact]
    public void Thousands_of_canceled_timers_leave_the_others_alone()
    {
        var canceled = Enumerable.Range(0, 5000).Select(_ => Sys.Scheduler.ScheduleTellOnceCancelable(Ms(600), TestActor, "never", ActorRefs.NoSender)).ToList();
        Sys.Scheduler.ScheduleTellOnce(Ms(800), TestActor, "kept", ActorRefs.NoSender);
        canceled.ForEach(c => c.Cancel());
        for (var i = 0; i < 5000; i++) Sys.Scheduler.ScheduleTellOnceCancelable(TimeSpan.FromHours(1), TestActor, "never", ActorRefs.NoSender).Cancel();
        ExpectMsg("kept");
        ExpectNoMsg(Ms(30));
    }

    [Theory]
    [InlineData(-1, 1)]
    [InlineData(0, 0)]
    [InlineData(0, -1)]
    public void Times_that_make_no_sense_are_refused(int delay, int interval) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => Sys.Scheduler.ScheduleTellRepeatedly(Ms(delay), Ms(interval), TestActor, "x", ActorRefs.NoSender));

    [Fact]
    public async Task A_scheduler_that_has_ended_refuses()
    {
        var system = ActorSystem.Create("ended", DefaultConfig);
        var scheduler = system.Scheduler;
        await system.Terminate();
        Assert.Throws<SchedulerException>(() => scheduler.ScheduleTellOnce(Ms(1), TestActor, "x", ActorRefs.NoSender));
    }

    [Fact]
    public void Cancelables_link_and_cancel_after_a_time()
    {
        var first = new Cancelable(Sys.Scheduler);
        var linked = Cancelable.CreateLinkedCancelable(Sys.Scheduler, first, new Cancelable(Sys.Scheduler));
        Assert.False(linked.IsCancellationRequested);
        first.CancelAfter(Ms(5));
        AwaitCondition(() => linked.IsCancellationRequested && linked.Token.IsCancellationRequested);
        Assert.True(Cancelable.CreateCanceled().IsCancellationRequested);
    }
}
