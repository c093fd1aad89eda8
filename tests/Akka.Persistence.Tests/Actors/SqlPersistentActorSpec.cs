using Actors.Ownership;
using Akka.Actor;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>What persistent actors do on a journal that outlives their process and that others share.</summary>
public abstract class SqlPersistentActorSpec(Backend backend) : PersistentActorSpec(backend)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    [Spec]
    public void An_actor_that_moves_away_and_back_without_a_snapshot_recovers_every_event()
    {
        var other = Start("two");
        Fill("n", 1, 5);
        Fill("n", 6, 9, system: other);
        Fill("n", 10, 12);
        Fill("n", 13, 13, system: other);
        AssertRecovers("n", 1, 13);
        AssertRecovers("n", 1, 13, system: other);
    }

    [Spec]
    public async Task Of_two_incarnations_the_new_one_wins_once_the_old_is_fenced()
    {
        var other = Start("two");
        var oldUuid = await JournalWriter.LearnUuidAsync(System, Backend.Database, "one", Patience);
        await JournalWriter.LearnUuidAsync(other, Backend.Database, "two", Patience);
        var old = Fill("n", 1, 3, stop: false);
        Probe.Watch(old);

        await new Fence(Backend.Database).AddAsync([oldUuid]);
        var now = Open("n", other);
        old.Tell(new NoteAsync("late"), Probe.Ref);
        Assert.Contains("fenced", Observer.Expect<Failed>().Cause, StringComparison.Ordinal);
        Probe.ExpectTerminated(old);
        now.Tell(new NoteAsync("4"), Probe.Ref);
        Probe.Expect(new Noted("4", 4));
        Stop(now, other);
        AssertRecovers("n", 1, 4, system: other);
    }

    [Spec]
    public void Of_two_incarnations_without_a_fence_the_second_to_write_a_number_stops()
    {
        var other = Start("two");
        var old = Fill("n", 1, 3, stop: false);
        var now = Open("n", other);
        now.Tell(new NoteAsync("4"), Probe.Ref);
        Probe.Expect(new Noted("4", 4));
        Probe.Watch(old);
        old.Tell(new NoteAsync("late", "later"), Probe.Ref);
        Assert.Equal("failure of 4", Observer.Expect<Failed>().How);
        Probe.ExpectTerminated(old);
        Stop(now, other);
        AssertRecovers("n", 1, 4);
    }

    [Spec]
    public void A_rejected_event_stops_the_actor_and_its_unit_is_not_stored()
    {
        var actor = Fill("n", 1, 2, stop: false);
        Probe.Watch(actor);
        actor.Tell(new NoteUnserialisable(), Probe.Ref);
        Observer.Expect(new Failed("rejection of 3", "no bytes for this one"));
        Probe.ExpectTerminated(actor);
        AssertRecovers("n", 1, 2);
    }

    [Spec]
    public void Many_actors_at_once_each_keep_their_order()
    {
        const int actors = 20, notes = 30;
        var open = Enumerable.Range(0, actors).Select(i => (Actor: Open($"n{i}"), Answers: new Probe(System))).ToArray();
        foreach (var n in Enumerable.Range(1, notes))
            foreach (var (actor, answers) in open) actor.Tell(new NoteAsync($"{n}"), answers.Ref);
        foreach (var (_, answers) in open)
            for (var n = 1; n <= notes; n++) answers.Expect(new Noted($"{n}", n));
        foreach (var (actor, _) in open) Stop(actor);
        AssertRecovers("n7", 1, notes);
    }
}

[Collection("PostgreSQL")]
public sealed class PostgresPersistentActorSpec(PostgresServer server) : SqlPersistentActorSpec(new PostgresBackend(server)), IPostgresSpec;

public sealed class SqlitePersistentActorSpec() : SqlPersistentActorSpec(new SqliteBackend())
{
    [Fact]
    public void Recovery_after_a_kill_at_each_step_of_snapshot_and_deletion()
    {
        var actor = Fill("n", 1, 5, stop: false);
        AssertSurvives(1, 5, "1 2 3 4 5");
        Snapshot(actor);
        AssertSurvives(1, 5, "snapshot 5");
        Erase(actor, 5);
        AssertSurvives(1, 5, "snapshot 5");
        Fill("n", 6, 7, actor, stop: false);
        AssertSurvives(1, 7, "snapshot 5 6 7");
        Erase(actor, 5);
        AssertSurvives(1, 7, "snapshot 5 6 7");
        Snapshot(actor);
        Fill("n", 8, 8, actor, stop: false);
        AssertSurvives(1, 8, "snapshot 7 8");
        Erase(actor, 6);
        AssertSurvives(1, 8, "snapshot 7 8");
    }

    private void AssertSurvives(int from, int to, string how)
    {
        using var copy = ((SqliteBackend)Backend).AsIfKilledNow();
        var survivor = copy.System("survivor");
        AssertRecovers("n", from, to, how, survivor);
        survivor.Terminate().Wait();
    }
}
