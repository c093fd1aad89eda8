using Akka.Actor;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

public sealed class AskSpecs : Akka.TestKit.Xunit2.TestKit
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(5);

    private sealed class Answering : ReceiveActor
    {
        public Answering()
        {
            Receive<string>(s => s == "silence", _ => { });
            Receive<Exception>(e => Sender.Tell(new Status.Failure(e)));
            ReceiveAny(m => Sender.Tell(m));
        }
    }

    private IActorRef Actor() => Sys.ActorOf<Answering>();

    [Fact]
    public async Task The_first_answer_is_the_result() => Assert.Equal("hello", await Actor().Ask<string>("hello", Limit));

    [Fact]
    public async Task Thousands_at_once_are_each_answered_their_own()
    {
        var actor = Actor();
        var answers = await Task.WhenAll(Enumerable.Range(0, 5000).Select(i => actor.Ask<int>(i, Limit)));
        Assert.Equal(Enumerable.Range(0, 5000), answers);
    }

    [Fact]
    public async Task No_answer_is_a_time_out() => await Assert.ThrowsAsync<AskTimeoutException>(() => Actor().Ask<string>("silence", TimeSpan.FromMilliseconds(20)));

    [Fact]
    public async Task A_failure_is_thrown()
    {
        var thrown = await Assert.ThrowsAsync<InvalidOperationException>(() => Actor().Ask<string>(new InvalidOperationException("no"), Limit));
        Assert.Equal("no", thrown.Message);
    }

    [Fact]
    public async Task An_answer_of_another_type_is_an_error() => await Assert.ThrowsAsync<ArgumentException>(() => Actor().Ask<string>(5, Limit));

    [Fact]
    public async Task Cancellation_ends_it()
    {
        using var source = new CancellationTokenSource();
        var task = Actor().Ask<string>("silence", source.Token);
        await source.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => task);
    }

    [Fact]
    public async Task The_message_may_carry_the_reference_to_answer()
    {
        var answer = await Actor().Ask<IActorRef>(self => self, Limit, CancellationToken.None);
        Assert.NotNull(answer);
    }

    [Fact]
    public async Task Asking_nobody_times_out() => await Assert.ThrowsAsync<AskTimeoutException>(() => Sys.ActorSelection("/user/nobody").Ask<string>("x", TimeSpan.FromMilliseconds(20)));

    [Fact]
    public async Task A_piped_result_arrives_as_a_message()
    {
        await Task.FromResult(5).PipeTo(TestActor);
        ExpectMsg(5);
        await Task.FromResult(5).PipeTo(TestActor, success: n => n + 1);
        ExpectMsg(6);
    }

    [Fact]
    public async Task A_piped_failure_arrives_as_a_message()
    {
        await Task.FromException<int>(new InvalidOperationException("no")).PipeTo(TestActor);
        ExpectMsg<Status.Failure>(f => f.Cause is InvalidOperationException { Message: "no" });
        await Task.FromException(new InvalidOperationException("no")).PipeTo(TestActor, failure: e => e.Message);
        ExpectMsg("no");
    }

    [Fact]
    public async Task A_graceful_stop_waits_for_the_end()
    {
        var actor = Actor();
        Assert.True(await actor.GracefulStop(Limit));
        Assert.True(await actor.GracefulStop(Limit));
    }

    [Fact]
    public async Task A_graceful_stop_gives_up()
    {
        using var gate = new ManualResetEventSlim();
        var actor = Sys.ActorOf(Props.Create(() => new Stuck(gate)));
        actor.Tell("x");
        await Assert.ThrowsAsync<TaskCanceledException>(() => actor.GracefulStop(TimeSpan.FromMilliseconds(30)));
        gate.Set();
    }

    private sealed class Stuck(ManualResetEventSlim gate) : UntypedActor
    {
        protected override void OnReceive(object message) => gate.Wait(Limit);
    }
}

public sealed class AsyncHandlerSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Asynchronous : ReceiveActor
    {
        public Asynchronous(IActorRef log)
        {
            ReceiveAsync<int>(async n =>
            {
                var self = Self;
                var sender = Sender;
                await Task.Delay(5);
                await Task.Yield();
                log.Tell((n, Self.Equals(self) && Sender.Equals(sender) && Context.Self.Equals(self)));
            });
            ReceiveAsync<Exception>(async e =>
            {
                await Task.Delay(5);
                throw e;
            });
            ReceiveAsync<string>(s => s == "at once", _ =>
            {
                log.Tell("at once");
                return Task.CompletedTask;
            });
            ReceiveAny(m => log.Tell(m));
        }

        protected override void PreRestart(Exception reason, object message) => Self.Tell($"restarted by {message.GetType().Name}");
    }

    private IActorRef Actor() => Sys.ActorOf(Props.Create(() => new Asynchronous(TestActor)));

    [Fact]
    public void No_other_message_is_handled_before_the_task_ends_and_the_context_holds()
    {
        var actor = Actor();
        for (var i = 0; i < 20; i++) actor.Tell(i);
        actor.Tell("after");
        Assert.Equal([.. Enumerable.Range(0, 20).Select(i => (object)(i, true)), "after"], ReceiveN(21));
    }

    [Fact]
    public void A_task_that_fails_is_supervised()
    {
        var actor = Actor();
        EventFilter.Exception<InvalidOperationException>().ExpectOne(() => actor.Tell(new InvalidOperationException("later")));
        ExpectMsg("restarted by InvalidOperationException");
        actor.Tell(1);
        ExpectMsg((1, true));
    }

    [Fact]
    public void A_task_that_is_done_at_once_blocks_nothing()
    {
        var actor = Actor();
        actor.Tell("at once");
        actor.Tell("next");
        ExpectMsg("at once");
        ExpectMsg("next");
    }

    [Fact]
    public void An_actor_can_be_stopped_while_it_awaits()
    {
        var gate = new TaskCompletionSource();
        var actor = Sys.ActorOf(Props.Create(() => new Gated(gate.Task)));
        actor.Tell("x");
        Watch(actor);
        Sys.Stop(actor);
        ExpectTerminated(actor);
        gate.SetResult();
    }

    private sealed class Gated : ReceiveActor
    {
        public Gated(Task gate) => ReceiveAnyAsync(_ => gate);
    }

    private sealed class Choosy : ReceiveActor
    {
        public Choosy()
        {
            Receive<string>(s => s.Length > 3, s => Sender.Tell("long " + s));
            Receive<string>(s => Sender.Tell("short " + s));
            Receive<int>(n => n > 0);
            Receive<object>(o => o is double, _ => Sender.Tell("double"));
            Receive(typeof(long), _ => Sender.Tell("long number"));
            ReceiveAny(m => Sender.Tell("any " + m));
        }
    }

    [Fact]
    public void The_first_handler_that_fits_handles()
    {
        var actor = Sys.ActorOf<Choosy>();
        foreach (var message in new object[] { "lengthy", "abc", 1, 0, 2.0, 3L, 'c' }) actor.Tell(message);
        Assert.Equal(["long lengthy", "short abc", "any 0", "double", "long number", "any c"], ReceiveN(6));
    }

    private sealed class AfterAny : ReceiveActor
    {
        public AfterAny()
        {
            ReceiveAny(_ => { });
            Receive<string>(_ => { });
        }
    }

    [Fact]
    public void Nothing_can_be_declared_after_a_handler_of_everything() =>
        EventFilter.Exception<ActorInitializationException>(contains: "catches all").ExpectOne(() => Sys.ActorOf<AfterAny>());
}
