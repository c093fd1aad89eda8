using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.MessageQueues;
using Akka.Event;
using Akka.TestKit;
using FsCheck;
using FsCheck.Fluent;
using Xunit;

namespace Akka.Tests;

public sealed class MessagingSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed record Numbered(int Sender, int Number);

    private sealed class Collector(int expected, TaskCompletionSource<List<Numbered>> done) : UntypedActor
    {
        private readonly List<Numbered> _seen = [];
        private int _inside;

        protected override void OnReceive(object message)
        {
            if (Interlocked.Increment(ref _inside) != 1) throw new InvalidOperationException("two threads inside one actor");
            _seen.Add((Numbered)message);
            Interlocked.Decrement(ref _inside);
            if (_seen.Count == expected) done.TrySetResult(_seen);
        }
    }

    [Fact]
    public void Messages_of_one_sender_arrive_in_order_and_none_is_lost()
    {
        Prop.ForAll(Gen.Choose(1, 4).ToArbitrary(), Gen.Choose(1, 3000).ToArbitrary(), (senders, each) =>
        {
            var done = new TaskCompletionSource<List<Numbered>>(TaskCreationOptions.RunContinuationsAsynchronously);
            var actor = Sys.ActorOf(Props.Create(() => new Collector(senders * each, done)));
            var threads = Enumerable.Range(0, senders).Select(s => new Thread(() =>
            {
                for (var i = 0; i < each; i++) actor.Tell(new Numbered(s, i), ActorRefs.NoSender);
            })).ToList();
            threads.ForEach(t => t.Start());
            threads.ForEach(t => t.Join());
            var seen = done.Task.WaitAsync(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();
            Sys.Stop(actor);
            return Enumerable.Range(0, senders).All(s => seen.Where(m => m.Sender == s).Select(m => m.Number).SequenceEqual(Enumerable.Range(0, each)));
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(15));
    }

    [Fact]
    public void A_queue_gives_what_was_put_in_whatever_the_rhythm()
    {
        // Positive: that many in; negative: that many out, or as many as there are.
        var rhythm = Gen.Choose(-1500, 1500).ListOf(12).ToArbitrary();
        Prop.ForAll(rhythm, steps =>
        {
            var queue = new UnboundedMessageQueue();
            var put = 0;
            var taken = 0;
            foreach (var step in steps)
            {
                for (var i = 0; i < step; i++) queue.Enqueue(ActorRefs.Nobody, new Envelope(put++, ActorRefs.Nobody));
                for (var i = 0; i < -step && queue.TryDequeue(out var envelope); i++)
                {
                    if (!envelope.Message.Equals(taken++)) return false;
                }
                if (queue.Count != put - taken || queue.HasMessages != put > taken) return false;
            }
            return true;
        }).Check(FsCheck.Config.QuickThrowOnFailure.WithMaxTest(40));
    }

    [Fact]
    public void A_null_message_is_refused() => Assert.Throws<InvalidMessageException>(() => TestActor.Tell(null!));

    private sealed class Echo : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(message);
    }

    [Fact]
    public void The_test_actor_is_the_sender_in_a_test()
    {
        Sys.ActorOf<Echo>().Tell("hello");
        ExpectMsg("hello");
    }

    [Fact]
    public async Task It_stays_the_sender_across_awaits()
    {
        var echo = Sys.ActorOf<Echo>();
        await Task.Delay(1);
        await Task.Yield();
        echo.Tell("hello");
        await ExpectMsgAsync("hello");
    }

    private sealed class Forwarder(IActorRef to) : UntypedActor
    {
        protected override void OnReceive(object message) => to.Forward(message);
    }

    [Fact]
    public void Forward_keeps_the_sender()
    {
        var echo = Sys.ActorOf<Echo>();
        Sys.ActorOf(Props.Create(() => new Forwarder(echo))).Tell("hello");
        ExpectMsgFrom(echo, "hello");
    }

    private sealed class Deaf : ReceiveActor;

    [Fact]
    public void An_unhandled_message_is_published()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(UnhandledMessage));
        var deaf = Sys.ActorOf<Deaf>();
        deaf.Tell("what");
        ExpectMsg<UnhandledMessage>(m => m.Message is "what" && m.Recipient.Equals(deaf) && m.Sender.Equals(TestActor));
    }

    [Fact]
    public void What_ended_actors_are_told_are_dead_letters_with_their_sender()
    {
        var actor = Sys.ActorOf<Echo>();
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        Sys.EventStream.Subscribe(TestActor, typeof(DeadLetter));
        actor.Tell("late");
        ExpectMsg<DeadLetter>(d => d.Message is "late" && d.Recipient.Equals(actor) && d.Sender.Equals(TestActor));
    }

    [Fact]
    public void No_message_vanishes_between_an_actors_last_breath_and_dead_letters()
    {
        var letters = CreateTestProbe();
        Sys.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));
        var handled = 0;
        const int rounds = 50;
        const int each = 200;
        for (var round = 0; round < rounds; round++)
        {
            var actor = Sys.ActorOf(Props.Create(() => new Counting(() => Interlocked.Increment(ref handled))));
            var teller = new Thread(() =>
            {
                for (var i = 0; i < each; i++) actor.Tell(i, ActorRefs.NoSender);
            });
            teller.Start();
            Sys.Stop(actor);
            teller.Join();
        }
        AwaitAssert(() =>
        {
            var dead = 0;
            while (letters.TryReceiveOne(out _, TimeSpan.Zero)) dead++;
            Interlocked.Add(ref handled, dead);
            Assert.Equal(rounds * each, Volatile.Read(ref handled));
        });
    }

    private sealed class Counting(Action count) : UntypedActor
    {
        protected override void OnReceive(object message) => count();
    }

    private sealed class Switching : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case "push": BecomeStacked(Other); break;
                case "swap": Become(Other); break;
                default: Sender.Tell("first " + message); break;
            }
        }

        private void Other(object message)
        {
            if (message is "pop") UnbecomeStacked();
            else Sender.Tell("other " + message);
        }
    }

    [Fact]
    public void Behaviours_stack_and_unstack()
    {
        var actor = Sys.ActorOf<Switching>();
        foreach (var message in new[] { "a", "push", "b", "pop", "c", "swap", "d", "pop", "e" }) actor.Tell(message);
        Assert.Equal(["first a", "other b", "first c", "other d", "other e"], ReceiveN(5));
    }

    [Theory]
    [InlineData("PinnedDispatcher", "")]
    [InlineData("ForkJoinDispatcher", "dedicated-thread-pool.thread-count = 2")]
    [InlineData("Dispatcher", "throughput = 1")]
    public async Task Dispatchers_run_actors_where_they_are_told_to(string type, string more)
    {
        var system = ActorSystem.Create("dispatchers", ConfigurationFactory.ParseString($"my-dispatcher {{ type = {type}\n {more} }}").WithFallback(DefaultConfig));
        try
        {
            var actors = Enumerable.Range(0, 3).Select(_ => system.ActorOf(Props.Create<WhereAmI>().WithDispatcher("my-dispatcher"))).ToList();
            foreach (var actor in actors)
            {
                var (pool, name) = await actor.Ask<(bool, string?)>("where", TimeSpan.FromSeconds(5));
                Assert.Equal(type == "Dispatcher", pool);
                if (!pool) Assert.StartsWith("my-dispatcher", name);
            }
        }
        finally
        {
            await system.Terminate();
        }
    }

    private sealed class WhereAmI : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell((Thread.CurrentThread.IsThreadPoolThread, Thread.CurrentThread.Name));
    }

    [Fact]
    public async Task A_pinned_actors_thread_ends_with_it()
    {
        var system = ActorSystem.Create("pinned", ConfigurationFactory.ParseString("one { type = PinnedDispatcher }").WithFallback(DefaultConfig));
        var actor = system.ActorOf(Props.Create<MyThread>().WithDispatcher("one"));
        var thread = await actor.Ask<Thread>("which", TimeSpan.FromSeconds(5));
        Assert.True(thread.IsAlive);
        system.Stop(actor);
        AwaitCondition(() => !thread.IsAlive);
        await system.Terminate();
    }

    private sealed class MyThread : UntypedActor
    {
        protected override void OnReceive(object message) => Sender.Tell(Thread.CurrentThread);
    }

    [Fact]
    public void An_unknown_dispatcher_is_refused() =>
        Assert.Throws<ConfigurationException>(() => Sys.ActorOf(Props.Create<Echo>().WithDispatcher("nowhere")));

    [Fact]
    public void A_full_bounded_mailbox_sends_the_rest_to_dead_letters()
    {
        var system = ActorSystem.Create("bounded", ConfigurationFactory.ParseString("""
            small { mailbox-type = "Akka.Dispatch.BoundedMailbox, Akka", mailbox-capacity = 2, mailbox-push-timeout-time = 0s }
            """).WithFallback(DefaultConfig));
        var letters = CreateTestProbe(system);
        system.EventStream.Subscribe(letters.Ref, typeof(DeadLetter));
        using var entered = new ManualResetEventSlim();
        using var gate = new ManualResetEventSlim();
        Action wait = () =>
        {
            entered.Set();
            gate.Wait(TimeSpan.FromSeconds(5));
        };
        var actor = system.ActorOf(Props.Create(() => new Counting(wait)).WithMailbox("small"));
        actor.Tell(0, ActorRefs.NoSender);
        Assert.True(entered.Wait(TimeSpan.FromSeconds(5)));
        for (var i = 1; i <= 4; i++) actor.Tell(i, ActorRefs.NoSender);
        Assert.Equal([3, 4], letters.ReceiveN(2).Select(d => ((DeadLetter)d).Message));
        gate.Set();
        Shutdown(system);
    }
}
