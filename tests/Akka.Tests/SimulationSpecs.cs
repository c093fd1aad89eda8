using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

/// <summary>The whole system on the test's thread under a clock that the test moves.</summary>
public sealed class SimulationSpecs() : Akka.TestKit.Xunit2.TestKit(Simulated)
{
    internal static readonly Config Simulated = ConfigurationFactory.ParseString("""
        akka.actor.default-dispatcher.type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit"
        akka.scheduler.implementation = "Akka.TestKit.TestScheduler, Akka.TestKit"
        """);

    private TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    private sealed class Pinger(IActorRef log, IActorRef? next, int[] threads) : UntypedActor
    {
        protected override void PreStart() => Note();

        private void Note()
        {
            if (threads[0] != Environment.CurrentManagedThreadId) threads[1]++;
        }

        protected override void OnReceive(object message)
        {
            Note();
            if (next is null) log.Tell(message);
            else next.Tell(message);
        }
    }

    [Fact]
    public void Everything_runs_on_the_calling_thread_before_tell_returns()
    {
        int[] threads = [Environment.CurrentManagedThreadId, 0];
        IActorRef? next = null;
        for (var i = 0; i < 1000; i++)
        {
            var following = next;
            next = Sys.ActorOf(Props.Create(() => new Pinger(TestActor, following, threads)));
        }
        next!.Tell("through");
        Assert.True(HasMessages);
        ExpectMsg("through", TimeSpan.Zero);
        Assert.Equal(0, threads[1]);
    }

    private sealed class Ticker : ReceiveActor, IWithTimers
    {
        public ITimerScheduler Timers { get; set; } = null!;

        public Ticker(IActorRef log)
        {
            Receive<string>(s => log.Tell((s, Context.System.Scheduler.MonotonicClock)));
            Receive<ReceiveTimeout>(_ => log.Tell(("silence", Context.System.Scheduler.MonotonicClock)));
            Context.SetReceiveTimeout(TimeSpan.FromSeconds(10));
        }

        protected override void PreStart()
        {
            Timers.StartSingleTimer("once", "once", TimeSpan.FromSeconds(2));
            Timers.StartPeriodicTimer("often", "often", TimeSpan.FromSeconds(1.5), TimeSpan.FromSeconds(3));
        }
    }

    [Fact]
    public void Timers_fire_in_the_order_of_their_times_when_the_clock_is_moved()
    {
        var start = Clock.MonotonicClock;
        Sys.ActorOf(Props.Create(() => new Ticker(TestActor)));
        Assert.False(HasMessages);
        for (var i = 0; i < 10; i++) Clock.Advance(TimeSpan.FromSeconds(0.5));
        var seen = ReceiveN(3).Cast<(string, TimeSpan)>().Select(m => (m.Item1, (m.Item2 - start).TotalSeconds));
        Assert.Equal([("often", 1.5), ("once", 2.0), ("often", 4.5)], seen);
    }

    private sealed class Silent : ReceiveActor
    {
        public Silent(IActorRef log)
        {
            Context.SetReceiveTimeout(TimeSpan.FromSeconds(10));
            Receive<ReceiveTimeout>(_ => log.Tell("silence"));
            ReceiveAny(_ => { });
        }
    }

    [Fact]
    public void Receive_timeouts_follow_the_virtual_clock()
    {
        var actor = Sys.ActorOf(Props.Create(() => new Silent(TestActor)));
        Clock.Advance(TimeSpan.FromSeconds(9));
        actor.Tell("word");
        Clock.Advance(TimeSpan.FromSeconds(9));
        Assert.False(HasMessages);
        Clock.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("silence", TimeSpan.Zero);
    }

    private sealed class Busy : ReceiveActor
    {
        public Busy(IActorRef log, Task work)
        {
            Context.SetReceiveTimeout(TimeSpan.FromSeconds(10));
            Receive<ReceiveTimeout>(_ => log.Tell("silence"));
            ReceiveAnyAsync(_ => work);
        }
    }

    [Fact]
    public void An_actor_that_awaits_is_not_silent()
    {
        var work = new TaskCompletionSource();
        var actor = Sys.ActorOf(Props.Create(() => new Busy(TestActor, work.Task)));
        actor.Tell("work");
        Clock.Advance(TimeSpan.FromSeconds(20));
        work.SetResult();
        Assert.False(HasMessages);
        Clock.Advance(TimeSpan.FromSeconds(10));
        ExpectMsg("silence", TimeSpan.Zero);
    }

    [Fact]
    public void An_ask_times_out_on_the_virtual_clock_and_continues_on_this_thread()
    {
        var thread = 0;
        var silent = Sys.ActorOf(Props.Create(() => new Silent(TestActor)));
        var task = silent.Ask<string>("hello", TimeSpan.FromHours(1)).ContinueWith(
            t =>
            {
                thread = Environment.CurrentManagedThreadId;
                return t.Exception?.InnerException;
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        Clock.Advance(TimeSpan.FromMinutes(59));
        Assert.False(task.IsCompleted);
        Clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(task.IsCompletedSuccessfully);
        Assert.IsType<AskTimeoutException>(task.Result);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
    }

    [Fact]
    public void An_asynchronous_handler_resumes_on_the_thread_that_completes_it()
    {
        var gate = new TaskCompletionSource<int>();
        var actor = Sys.ActorOf(Props.Create(() => new Waiting(TestActor, gate.Task)));
        actor.Tell("first");
        actor.Tell("second");
        Assert.False(HasMessages);
        gate.SetResult(7);
        Assert.Equal(["first 7", "second 7"], ReceiveN(2, TimeSpan.Zero));
    }

    [Fact]
    public void A_chain_of_asks_awaited_and_piped_stays_on_this_thread()
    {
        int[] threads = [Environment.CurrentManagedThreadId, 0];
        var last = Sys.ActorOf(Props.Create(() => new Late()));
        var asking = Sys.ActorOf(Props.Create(() => new Asking(last, threads)));
        asking.Tell("question");
        Assert.False(HasMessages);
        Clock.Advance(TimeSpan.FromSeconds(1));
        ExpectMsg("answer to question", TimeSpan.Zero);
        Assert.Equal(0, threads[1]);
    }

    private sealed class Late : ReceiveActor
    {
        public Late() => ReceiveAny(m => Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromSeconds(1), Sender, "answer to " + m, Self));
    }

    private sealed class Asking : ReceiveActor
    {
        public Asking(IActorRef other, int[] threads) => ReceiveAny(m => Ask(other, m, threads).PipeTo(Sender));

        private static async Task<string> Ask(IActorRef other, object message, int[] threads)
        {
            var answer = await other.Ask<string>(message, TimeSpan.FromSeconds(5)).ConfigureAwait(false);
            if (threads[0] != Environment.CurrentManagedThreadId) threads[1]++;
            return answer;
        }
    }

    private sealed class Waiting : ReceiveActor
    {
        public Waiting(IActorRef log, Task<int> gate) => ReceiveAsync<string>(async s => log.Tell($"{s} {await gate}"));
    }

    [Fact]
    public void Failures_are_supervised_before_tell_returns()
    {
        var restarts = new int[1];
        var actor = Sys.ActorOf(Props.Create(() => new Failing(restarts)));
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => actor.Tell("x"));
        Assert.Equal(1, restarts[0]);
    }

    private sealed class Failing(int[] restarts) : UntypedActor
    {
        protected override void PostRestart(Exception reason) => restarts[0]++;

        protected override void OnReceive(object message) => throw new InvalidOperationException();
    }

    [Fact]
    public void The_system_ends_without_another_thread()
    {
        var system = ActorSystem.Create("simulated", Simulated.WithFallback(DefaultConfig));
        system.ActorOf(Props.Create(() => new Silent(TestActor)));
        Assert.True(system.Terminate().IsCompletedSuccessfully);
    }
}
