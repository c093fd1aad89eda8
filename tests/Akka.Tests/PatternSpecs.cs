using Akka.Actor;
using Akka.Event;
using Akka.Pattern;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

/// <summary>Backoff and circuit breaker under a clock that the test moves.</summary>
public sealed class PatternSpecs() : Akka.TestKit.Xunit2.TestKit(SimulationSpecs.Simulated)
{
    private static TimeSpan Ms(int n) => TimeSpan.FromMilliseconds(n);

    private TestScheduler Clock => (TestScheduler)Sys.Scheduler;

    private sealed class Child : UntypedActor
    {
        private readonly IActorRef _log;

        public Child(IActorRef log) => _log = log;

        protected override void PreStart() => _log.Tell(("started", Context.System.Scheduler.MonotonicClock));

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case "stop": Context.Stop(Self); break;
                case Exception e: throw e;
                case "reset": Context.Parent.Tell(BackoffSupervisor.Reset.Instance); break;
                case "up": Context.Parent.Tell("from child"); break;
                default: Sender.Tell(message); break;
            }
        }
    }

    private BackoffOptions OnStop() => Backoff.OnStop(Props.Create(() => new Child(TestActor)), "child", Ms(100), Ms(1000), 0);

    private BackoffOptions OnFailure() => Backoff.OnFailure(Props.Create(() => new Child(TestActor)), "child", Ms(100), Ms(1000), 0);

    private IActorRef Supervise(BackoffOptions options)
    {
        var supervisor = Sys.ActorOf(BackoffSupervisor.Props(options));
        ExpectMsg<(string, TimeSpan)>();
        return supervisor;
    }

    private double PauseAfter(IActorRef supervisor, object message)
    {
        var before = Clock.MonotonicClock;
        supervisor.Tell(message);
        for (var i = 0; i < 300 && !HasMessages; i++) Clock.Advance(Ms(10));
        return (ExpectMsg<(string, TimeSpan)>().Item2 - before).TotalMilliseconds;
    }

    [Fact]
    public void Pauses_double_up_to_the_greatest()
    {
        var supervisor = Supervise(OnStop().WithManualReset());
        Assert.Equal([100, 200, 400, 800, 1000, 1000], Enumerable.Range(0, 6).Select(_ => PauseAfter(supervisor, "stop")));
    }

    [Fact]
    public void They_begin_anew_after_the_child_has_run_for_a_time()
    {
        var supervisor = Supervise(OnStop().WithAutoReset(Ms(500)));
        Assert.Equal([100, 200], new[] { PauseAfter(supervisor, "stop"), PauseAfter(supervisor, "stop") });
        Clock.Advance(Ms(500));
        Assert.Equal(100, PauseAfter(supervisor, "stop"));
    }

    [Fact]
    public void They_begin_anew_when_the_child_says_so()
    {
        var supervisor = Supervise(OnStop().WithManualReset());
        PauseAfter(supervisor, "stop");
        PauseAfter(supervisor, "stop");
        supervisor.Tell(BackoffSupervisor.GetRestartCount.Instance);
        ExpectMsg<BackoffSupervisor.RestartCount>(c => Assert.Equal(2, c.Count));
        supervisor.Tell("reset");
        Assert.Equal(100, PauseAfter(supervisor, "stop"));
    }

    [Fact]
    public void Messages_are_forwarded_and_the_childs_go_to_the_parent()
    {
        var supervisor = Supervise(OnStop());
        supervisor.Tell("hello");
        ExpectMsg("hello");
        supervisor.Tell(BackoffSupervisor.GetCurrentChild.Instance);
        ExpectMsg<BackoffSupervisor.CurrentChild>(c => Assert.Equal("child", c.Ref.Path.Name));
    }

    [Fact]
    public void During_a_pause_messages_are_dead_letters_or_answered()
    {
        var supervisor = Supervise(OnStop());
        supervisor.Tell("stop");
        EventFilter.DeadLetter<string>().ExpectOne(() => supervisor.Tell("lost"));
        supervisor.Tell(BackoffSupervisor.GetCurrentChild.Instance);
        ExpectMsg<BackoffSupervisor.CurrentChild>(c => Assert.True(c.Ref.IsNobody()));
        var answering = Supervise(OnStop().WithReplyWhileStopped("later"));
        answering.Tell("stop");
        answering.Tell("lost");
        ExpectMsg("later");
    }

    [Fact]
    public void A_failure_that_restarts_does_so_at_once_on_stop_and_after_a_pause_on_failure() => EventFilter.Exception<InvalidOperationException>().Mute(() =>
    {
        Assert.Equal(0, PauseAfter(Supervise(OnStop()), new InvalidOperationException()));
        Assert.Equal(100, PauseAfter(Supervise(OnStop().WithDefaultStoppingStrategy()), new InvalidOperationException()));
        var supervisor = Supervise(OnFailure());
        Assert.Equal([100, 200], new[] { PauseAfter(supervisor, new InvalidOperationException()), PauseAfter(supervisor, new InvalidOperationException()) });
    });

    [Fact]
    public void On_failure_a_child_that_stops_takes_the_supervisor_with_it()
    {
        var supervisor = Supervise(OnFailure());
        Watch(supervisor);
        supervisor.Tell("stop");
        ExpectTerminated(supervisor);
    }

    [Fact]
    public void After_the_last_retry_the_supervisor_stops()
    {
        var supervisor = Supervise(OnStop().WithMaxNrOfRetries(2).WithManualReset());
        Watch(supervisor);
        PauseAfter(supervisor, "stop");
        PauseAfter(supervisor, "stop");
        supervisor.Tell("stop");
        ExpectTerminated(supervisor);
    }

    [Fact]
    public void A_final_stop_message_ends_both()
    {
        var supervisor = Supervise(OnStop().WithFinalStopMessage(m => m is "stop"));
        Watch(supervisor);
        supervisor.Tell("stop");
        ExpectTerminated(supervisor);
    }

    [Theory]
    [InlineData(0, 100, 0)]
    [InlineData(100, 50, 0)]
    [InlineData(100, 200, 1.5)]
    public void Choices_that_make_no_sense_are_refused(int min, int max, double random) =>
        Assert.Throws<ArgumentException>(() => Backoff.OnStop(Props.Empty, "child", Ms(min), Ms(max), random));

    private CircuitBreaker Breaker() => new(Sys.Scheduler, 2, Ms(100), Ms(500));

    private static Task<int> Fail() => Task.FromException<int>(new InvalidOperationException("no"));

    [Fact]
    public async Task A_breaker_opens_after_failures_in_a_row_refuses_and_tries_again()
    {
        var breaker = Breaker();
        var states = new List<string>();
        breaker.OnOpen(() => states.Add("open")).OnHalfOpen(() => states.Add("half")).OnClose(() => states.Add("closed"));
        await Assert.ThrowsAsync<InvalidOperationException>(() => breaker.WithCircuitBreaker(Fail));
        Assert.Equal(1, await breaker.WithCircuitBreaker(() => Task.FromResult(1)));
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<InvalidOperationException>(() => breaker.WithCircuitBreaker(Fail));
        var refused = await Assert.ThrowsAsync<OpenCircuitException>(() => breaker.WithCircuitBreaker(() => Task.FromResult(1)));
        Assert.Equal(Ms(500), refused.RemainingDuration);
        Clock.Advance(Ms(500));
        Assert.True(breaker.IsHalfOpen);
        var probing = new TaskCompletionSource<int>();
        var probe = breaker.WithCircuitBreaker(() => probing.Task);
        await Assert.ThrowsAsync<OpenCircuitException>(() => breaker.WithCircuitBreaker(() => Task.FromResult(1)));
        probing.SetResult(2);
        Assert.Equal(2, await probe);
        Assert.True(breaker.IsClosed);
        Assert.Equal(["open", "half", "closed"], states);
    }

    [Fact]
    public async Task A_half_open_breaker_opens_again_on_a_failure_for_longer_if_asked()
    {
        var breaker = Breaker().WithExponentialBackoff(TimeSpan.FromSeconds(10));
        for (var i = 0; i < 2; i++) breaker.Fail();
        Clock.Advance(Ms(500));
        await Assert.ThrowsAsync<InvalidOperationException>(() => breaker.WithCircuitBreaker(Fail));
        Clock.Advance(Ms(999));
        Assert.True(breaker.IsOpen);
        Clock.Advance(Ms(1));
        Assert.True(breaker.IsHalfOpen);
    }

    [Fact]
    public async Task A_call_that_takes_too_long_has_failed()
    {
        var breaker = Breaker();
        var call = breaker.WithCircuitBreaker(() => new TaskCompletionSource<int>().Task);
        Clock.Advance(Ms(100));
        await Assert.ThrowsAsync<TimeoutException>(() => call.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal(1, breaker.CurrentFailureCount);
    }

    [Fact]
    public async Task Retries_pause_on_the_clock_and_the_last_failure_is_the_result()
    {
        var tried = 0;
        var task = RetrySupport.Retry(() => ++tried < 3 ? Fail() : Task.FromResult(tried), 5, Ms(100), Sys.Scheduler);
        Assert.Equal(1, tried);
        Clock.Advance(Ms(100));
        Clock.Advance(Ms(100));
        Assert.Equal(3, await task);
        var failing = RetrySupport.Retry(Fail, 1, Ms(100), Sys.Scheduler);
        Clock.Advance(Ms(100));
        await Assert.ThrowsAsync<InvalidOperationException>(() => failing);
    }
}
