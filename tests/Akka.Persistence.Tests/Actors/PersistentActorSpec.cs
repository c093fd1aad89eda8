using Akka.Actor;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>What persistent actors do on every journal.</summary>
public abstract class PersistentActorSpec : IDisposable
{
    private readonly List<ActorSystem> _systems = [];

    protected PersistentActorSpec(Backend backend)
    {
        Backend = backend;
        System = Start("one");
        Probe = new Probe(System);
        Observer = new Probe(System);
    }

    protected Backend Backend { get; }

    protected ActorSystem System { get; }

    protected Probe Probe { get; }

    protected Probe Observer { get; }

    [Spec]
    public void Events_are_handled_in_order_with_their_sender_and_number()
    {
        var actor = Open("n");
        actor.Tell(new Note("a", "b"), Probe.Ref);
        actor.Tell(new NoteAsync("c"), Probe.Ref);
        actor.Tell(new NoteAsync("d", "e"), Probe.Ref);
        foreach (var (text, number) in (ReadOnlySpan<(string, long)>)[("a", 1), ("b", 2), ("c", 3), ("d", 4), ("e", 5)])
            Probe.Expect(new Noted(text, number));
    }

    [Spec]
    public void Commands_wait_for_persist_and_not_for_persist_async()
    {
        var actor = Open("n");
        actor.Tell(new Note("a"), Probe.Ref);
        actor.Tell(new Read(), Probe.Ref);
        Probe.Expect(new Noted("a", 1));
        Assert.Equal("a", Probe.Expect<Contents>().Texts);
        for (var i = 0; i < 50; i++)
        {
            actor.Tell(new Note($"{i}"), Probe.Ref);
            actor.Tell(new Read(), Probe.Ref);
        }
        for (var i = 0; i < 50; i++)
        {
            Probe.Expect(new Noted($"{i}", i + 2));
            Assert.EndsWith($",{i}", Probe.Expect<Contents>().Texts, StringComparison.Ordinal);
        }
    }

    [Spec]
    public void A_deferred_handler_comes_after_what_was_persisted_before_it()
    {
        var actor = Open("n");
        actor.Tell(new NoteAsync("a"), Probe.Ref);
        actor.Tell(new SayAfter("then"), Probe.Ref);
        actor.Tell(new NoteAsync("b"), Probe.Ref);
        Probe.Expect(new Noted("a", 1));
        Probe.Expect(new Said("then"));
        Probe.Expect(new Noted("b", 2));
        actor.Tell(new SayAfter("at once"), Probe.Ref);
        Probe.Expect(new Said("at once"));
    }

    [Spec]
    public void A_stopped_actor_recovers_all_of_its_events()
    {
        Fill("n", 1, 40);
        AssertRecovers("n", 1, 40);
    }

    [Spec]
    public void Recovery_is_a_snapshot_and_the_events_after_it()
    {
        var actor = Fill("n", 1, 5, stop: false);
        Snapshot(actor);
        Fill("n", 6, 8, actor);
        AssertRecovers("n", 1, 8, "snapshot 5 6 7 8");
    }

    [Spec]
    public void Recovery_after_each_combination_of_snapshot_and_deletion()
    {
        var actor = Fill("n", 1, 5, stop: false);
        Snapshot(actor);
        Erase(actor, 4);
        Fill("n", 6, 7, actor);
        AssertRecovers("n", 1, 7, "snapshot 5 6 7");

        actor = Open("n");
        Erase(actor, 5);
        Stop(actor);
        AssertRecovers("n", 1, 7, "snapshot 5 6 7");

        actor = Open("n");
        Snapshot(actor);
        Erase(actor, 7);
        Stop(actor);
        // Nothing but the marker is left, and the numbers go on.
        AssertRecovers("n", 1, 7, "snapshot 7");
        Fill("n", 8, 9);
        AssertRecovers("n", 1, 9, "snapshot 7 8 9");
    }

    [Spec]
    public void Nothing_above_the_last_event_can_be_deleted()
    {
        var actor = Fill("n", 1, 2, stop: false);
        actor.Tell(new Erase(3));
        Assert.Equal(3, Observer.Expect<DeleteMessagesFailure>().ToSequenceNr);
    }

    [Spec]
    public void An_exception_in_a_command_restarts_the_actor_and_keeps_what_was_persisted()
    {
        var actor = Fill("n", 1, 2, stop: false);
        actor.Tell(new Throw(AfterNote: true));
        Observer.Expect("recovered");
        actor.Tell(new Read(), Probe.Ref);
        Assert.Equal("1,2,before the throw", Probe.Expect<Contents>().Texts);
        actor.Tell(new NoteAsync("after"), Probe.Ref);
        Probe.Expect(new Noted("after", 4));
    }

    [Spec]
    public void An_event_that_cannot_be_recovered_stops_the_actor()
    {
        var actor = Open("n");
        actor.Tell(new Note("ok", "bad"), Probe.Ref);
        Probe.Expect(new Noted("ok", 1));
        Probe.Expect(new Noted("bad", 2));
        Stop(actor);
        actor = System.ActorOf(Notebook.Props("n", Observer.Ref));
        Probe.Watch(actor);
        Observer.Expect(new Failed("recovery", "this note cannot be recovered"));
        Probe.ExpectTerminated(actor);
    }

    [Spec]
    public void Commands_that_arrive_during_recovery_are_handled_after_it_in_order()
    {
        Fill("n", 1, 30);
        var actor = System.ActorOf(Notebook.Props("n", Observer.Ref));
        actor.Tell(new NoteAsync("31"), Probe.Ref);
        actor.Tell(new Note("32"), Probe.Ref);
        actor.Tell(new NoteAsync("33"), Probe.Ref);
        Observer.Expect("recovered");
        for (var n = 31; n <= 33; n++) Probe.Expect(new Noted($"{n}", n));
    }

    public void Dispose()
    {
        foreach (var system in _systems) system.Terminate().Wait(TimeSpan.FromSeconds(10));
        Backend.Dispose();
        GC.SuppressFinalize(this);
    }

    protected ActorSystem Start(string name, string hocon = "")
    {
        var system = Backend.System(name, hocon);
        _systems.Add(system);
        return system;
    }

    protected IActorRef Open(string pid, ActorSystem? system = null)
    {
        var actor = (system ?? System).ActorOf(Notebook.Props(pid, Observer.Ref));
        Observer.Expect("recovered");
        return actor;
    }

    protected void Stop(IActorRef actor, ActorSystem? system = null)
    {
        Probe.Watch(actor);
        (system ?? System).Stop(actor);
        Probe.ExpectTerminated(actor);
    }

    protected IActorRef Fill(string pid, int from, int to, IActorRef? actor = null, bool stop = true, ActorSystem? system = null)
    {
        actor ??= Open(pid, system);
        for (var n = from; n <= to; n++) actor.Tell(new NoteAsync($"{n}"), Probe.Ref);
        for (var n = from; n <= to; n++) Probe.Expect(new Noted($"{n}", n));
        if (stop) Stop(actor, system);
        return actor;
    }

    protected void Snapshot(IActorRef actor)
    {
        actor.Tell(new Snap());
        Observer.Expect<SaveSnapshotSuccess>();
    }

    protected void Erase(IActorRef actor, long to)
    {
        actor.Tell(new Erase(to));
        Observer.Expect<DeleteMessagesSuccess>();
    }

    protected void AssertRecovers(string pid, int from, int to, string? how = null, ActorSystem? system = null)
    {
        var actor = Open(pid, system);
        actor.Tell(new Read(), Probe.Ref);
        var expected = Enumerable.Range(from, to - from + 1).ToArray();
        Probe.Expect(new Contents(string.Join(',', expected), to, how ?? string.Join(' ', expected)));
        Stop(actor, system);
    }
}

public sealed class MemoryPersistentActorSpec() : PersistentActorSpec(new MemoryBackend());
