using Akka.Actor;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

public sealed class LifecycleSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Recorder : UntypedActor
    {
        private readonly IActorRef _log;

        public Recorder(IActorRef log)
        {
            _log = log;
            _log.Tell("new");
        }

        protected override void PreStart() => _log.Tell("pre-start");

        protected override void PostStop() => _log.Tell("post-stop");

        protected override void PreRestart(Exception reason, object message)
        {
            _log.Tell($"pre-restart {reason.Message} {message}");
            base.PreRestart(reason, message);
        }

        protected override void PostRestart(Exception reason)
        {
            _log.Tell($"post-restart {reason.Message}");
            base.PostRestart(reason);
        }

        protected override void OnReceive(object message)
        {
            if (message is "fail") throw new InvalidOperationException("failed");
            _log.Tell(message);
        }
    }

    private sealed class Parent : UntypedActor
    {
        private readonly IActorRef _log;

        public Parent(IActorRef log)
        {
            _log = log;
            for (var i = 0; i < 3; i++) Context.ActorOf(Props.Create(() => new Child(log)), "child-" + i);
        }

        protected override void PostStop() => _log.Tell("parent stopped");

        protected override void OnReceive(object message) => Context.Stop(Self);

        private sealed class Child(IActorRef log) : UntypedActor
        {
            protected override void PostStop() => log.Tell("child stopped");

            protected override void OnReceive(object message) { }
        }
    }

    private sealed class Unborn : UntypedActor
    {
        public Unborn() => throw new InvalidOperationException("no");

        protected override void OnReceive(object message) { }
    }

    [Fact]
    public void An_actor_is_created_started_and_stopped_in_this_order()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Recorder(TestActor)));
        actor.Tell("one");
        Assert.Equal(["new", "pre-start", "one"], ReceiveN(3));
        Sys.Stop(actor);
        ExpectMsg("post-stop");
    }

    [Fact]
    public void A_restart_replaces_the_instance_and_keeps_the_mailbox()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Recorder(TestActor)));
        Assert.Equal(["new", "pre-start"], ReceiveN(2));
        EventFilter.Exception<InvalidOperationException>("failed").ExpectOne(() =>
        {
            actor.Tell("fail");
            actor.Tell("two");
            actor.Tell("three");
        });
        Assert.Equal(["pre-restart failed fail", "post-stop", "new", "post-restart failed", "pre-start", "two", "three"], ReceiveN(7));
    }

    [Fact]
    public void Children_have_stopped_before_their_parent_does()
    {
        Sys.ActorOf(Props.Create(() => new Parent(TestActor))).Tell("stop");
        Assert.Equal(["child stopped", "child stopped", "child stopped", "parent stopped"], ReceiveN(4));
    }

    [Fact]
    public void A_poison_pill_waits_for_its_turn_and_what_follows_is_a_dead_letter()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Recorder(TestActor)));
        Assert.Equal(["new", "pre-start"], ReceiveN(2));
        EventFilter.DeadLetter<string>().ExpectOne(() =>
        {
            actor.Tell("before");
            actor.Tell(PoisonPill.Instance);
            actor.Tell("after");
        });
        Assert.Equal(["before", "post-stop"], ReceiveN(2));
    }

    [Fact]
    public void A_constructor_that_throws_stops_the_actor()
    {
        EventFilter.Exception<ActorInitializationException>().ExpectOne(() =>
        {
            var actor = Sys.ActorOf(Props.Create<Unborn>());
            Watch(actor);
            ExpectTerminated(actor);
        });
    }

    [Fact]
    public void Actors_are_not_made_with_new() => Assert.Throws<ActorInitializationException>(() => RunWithoutContext(() => new Recorder(TestActor)));

    private static void RunWithoutContext(Action action)
    {
        Exception? thrown = null;
        var thread = new Thread(() => { try { action(); } catch (Exception e) { thrown = e; } });
        thread.Start();
        thread.Join();
        if (thrown is not null) throw thrown;
    }

    [Theory]
    [InlineData("")]
    [InlineData("$a")]
    [InlineData("a/b")]
    [InlineData("a b")]
    [InlineData("ü")]
    public void A_name_must_be_a_path_element(string name) => Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Recorder(TestActor)), name));

    [Fact]
    public void A_name_is_given_once_and_free_again_after_the_end()
    {
        var first = Sys.ActorOf(Props.Create(() => new Recorder(TestActor)), "name");
        Assert.Throws<InvalidActorNameException>(() => Sys.ActorOf(Props.Create(() => new Recorder(TestActor)), "name"));
        Watch(first);
        Sys.Stop(first);
        FishForMessage(m => m is Terminated);
        AwaitAssert(() =>
        {
            var second = Sys.ActorOf(Props.Create(() => new Recorder(TestActor)), "name");
            Assert.NotEqual(first, second);
            Assert.Equal(first.Path, second.Path);
        });
    }

    [Fact]
    public async Task Terminate_stops_everything_and_completes()
    {
        var system = ActorSystem.Create("other", DefaultConfig);
        var probe = CreateTestProbe();
        system.ActorOf(Props.Create(() => new Recorder(probe.Ref)));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.True(system.WhenTerminated.IsCompletedSuccessfully);
        Assert.Contains("post-stop", probe.ReceiveN(3));
    }

    [Fact]
    public async Task Actors_made_while_the_system_ends_are_refused_or_end_too()
    {
        for (var round = 0; round < 5; round++)
        {
            var system = ActorSystem.Create("ending", DefaultConfig);
            var alive = new int[1];
            var maker = Task.Run(() =>
            {
                try
                {
                    for (var i = 0; i < 10_000; i++) system.ActorOf(Props.Create(() => new Living(alive)));
                }
                catch (InvalidOperationException) { }
            });
            await Task.Yield();
            await system.Terminate().WaitAsync(TimeSpan.FromSeconds(10));
            await maker.WaitAsync(TimeSpan.FromSeconds(10));
            await AwaitConditionAsync(() => Volatile.Read(ref alive[0]) == 0);
        }
    }

    private sealed class Living : UntypedActor
    {
        private readonly int[] _alive;

        public Living(int[] alive)
        {
            _alive = alive;
            Interlocked.Increment(ref alive[0]);
        }

        protected override void PostStop() => Interlocked.Decrement(ref _alive[0]);

        protected override void OnReceive(object message) { }
    }

    [Fact]
    public async Task A_system_of_many_actors_ends_as_soon()
    {
        var system = ActorSystem.Create("many", DefaultConfig);
        var alive = new int[1];
        for (var i = 0; i < 20_000; i++) system.ActorOf(Props.Create(typeof(Living), alive));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(8));
        Assert.Equal(0, alive[0]);
    }

    [Fact]
    public async Task Termination_callbacks_run_last_registered_first()
    {
        var system = ActorSystem.Create("other", DefaultConfig);
        var order = new List<int>();
        system.RegisterOnTermination(() => order.Add(1));
        system.RegisterOnTermination(() => order.Add(2));
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal([2, 1], order);
    }
}
