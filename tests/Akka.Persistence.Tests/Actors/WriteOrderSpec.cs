using Akka.Actor;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>When a persistent actor sends its writes, and what it does with their outcomes; the test decides these.</summary>
public sealed class WriteOrderSpec : IDisposable
{
    private readonly ActorSystem _system;
    private readonly Probe _probe;
    private readonly Probe _observer;
    private readonly IActorRef _actor;

    public WriteOrderSpec()
    {
        _system = new MemoryBackend().System($"gated-{Guid.NewGuid():N}", """
            akka.persistence {
              max-concurrent-recoveries = 1
              journal.plugin = "gated"
              journal-plugin-fallback.circuit-breaker { max-failures = 3, call-timeout = 600ms, reset-timeout = 200ms }
            }
            gated.class = "Akka.Persistence.Tests.GatedJournal, Akka.Persistence.Tests"
            """);
        _probe = new Probe(_system);
        _observer = new Probe(_system);
        _actor = Open("n");
        _probe.Watch(_actor);
    }

    [Fact]
    public void One_write_is_in_flight_and_what_is_persisted_meanwhile_gathers_for_the_next()
    {
        Tell("a");
        var first = GatedJournal.Next(_system);
        Assert.Equal("a", first.Notes);
        Tell("b", "c");
        Tell("d");
        Tell("e");
        GatedJournal.ExpectNone(_system);
        first.Store();
        var second = GatedJournal.Next(_system);
        Assert.Equal("b,c|d|e", second.Notes);
        _probe.Expect(new Noted("a", 1));
        _probe.ExpectNothing();
        second.Store();
        for (var n = 2; n <= 5; n++) _probe.Expect(new Noted($"{(char)('a' + n - 1)}", n));
        GatedJournal.ExpectNone(_system);
    }

    [Fact]
    public void After_a_failure_nothing_of_the_incarnation_is_written_and_it_stops()
    {
        Tell("a");
        var first = GatedJournal.Next(_system);
        for (var i = 0; i < 50; i++) Tell($"later {i}");
        first.Fail("the disk is on fire");
        for (var i = 0; i < 50; i++) Tell($"even later {i}");
        _observer.Expect(new Failed("failure of 1", "the disk is on fire"));
        _probe.ExpectTerminated(_actor);
        GatedJournal.ExpectNone(_system);
        _probe.ExpectNothing(10);
    }

    [Fact]
    public void After_a_rejection_nothing_of_the_incarnation_is_written_if_it_stops()
    {
        Tell("a", "b");
        var first = GatedJournal.Next(_system);
        Tell("later");
        first.Reject("not this");
        _observer.Expect(new Failed("rejection of 1", "not this"));
        _probe.ExpectTerminated(_actor);
        GatedJournal.ExpectNone(_system);
    }

    [Fact]
    public void A_restarted_actor_takes_no_notice_of_the_answer_to_its_predecessors_write()
    {
        Tell("a");
        var first = GatedJournal.Next(_system);
        _actor.Tell(new Throw());
        _observer.Expect("recovered");
        Tell("b");
        var second = GatedJournal.Next(_system);
        first.Store();
        Tell("c");
        // The old answer is not taken for the new write's.
        GatedJournal.ExpectNone(_system);
        second.Store();
        Assert.Equal("c", GatedJournal.Next(_system).Notes);
        _probe.Expect<Noted>();
    }

    [Fact]
    public void A_write_without_an_answer_fails_at_the_breakers_time_out()
    {
        Tell("a");
        var lost = GatedJournal.Next(_system);
        Assert.Contains("time allotted", _observer.Expect<Failed>().Cause, StringComparison.Ordinal);
        _probe.ExpectTerminated(_actor);
        lost.Store();
        _probe.ExpectNothing(10);
    }

    [Fact]
    public void An_open_breaker_fails_writes_at_once_and_closes_again()
    {
        // A success in between would start the count anew.
        foreach (var actor in ((string[])["x", "y", "z"]).Select(Open).ToArray()) actor.Tell(new NoteAsync("a"), _probe.Ref);
        foreach (var write in Enumerable.Range(0, 3).Select(_ => GatedJournal.Next(_system)).ToArray()) write.Fail("no");
        for (var i = 0; i < 3; i++) _observer.Expect<Failed>();
        Tell("b");
        Assert.Contains("breaker", _observer.Expect<Failed>().Cause, StringComparison.OrdinalIgnoreCase);
        _probe.ExpectTerminated(_actor);
        // Its recovery reads through the breaker too, which tries again after a while.
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (true)
        {
            var actor = _system.ActorOf(Notebook.Props("n", _observer.Ref));
            if (_observer.Expect<object>() is "recovered") break;
            Assert.True(DateTime.UtcNow < deadline, "the breaker never closed");
        }
    }

    [Fact]
    public void No_more_actors_recover_at_once_than_configured()
    {
        var slow = _system.ActorOf(Props.Create(() => new SlowToRecover(_probe.Ref)));
        _probe.Expect("recovering");
        var waiting = _system.ActorOf(Notebook.Props("m", _observer.Ref));
        _observer.ExpectNothing();
        SlowToRecover.Release.Set();
        _observer.Expect("recovered");
        // One that stops while it holds or awaits a permit gives it up.
        SlowToRecover.Release.Reset();
        slow = _system.ActorOf(Props.Create(() => new SlowToRecover(_probe.Ref)));
        _probe.Expect("recovering");
        var impatient = _system.ActorOf(Notebook.Props("i", _observer.Ref));
        _system.Stop(impatient);
        _system.Stop(slow);
        SlowToRecover.Release.Set();
        Open("k");
    }

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    private void Tell(params string[] notes) => _actor.Tell(new NoteAsync(notes), _probe.Ref);

    private IActorRef Open(string pid)
    {
        var actor = _system.ActorOf(Notebook.Props(pid, _observer.Ref));
        _observer.Expect("recovered");
        return actor;
    }

    private sealed class SlowToRecover(IActorRef observer) : UntypedPersistentActor
    {
        public static readonly ManualResetEventSlim Release = new();

        public override string PersistenceId => "slow";

        protected override void OnRecover(object message)
        {
            observer.Tell("recovering");
            Release.Wait(TimeSpan.FromSeconds(10));
        }

        protected override void OnCommand(object message)
        {
        }
    }
}
