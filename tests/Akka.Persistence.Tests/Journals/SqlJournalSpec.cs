using Actors.Ownership;
using Akka.Actor;
using Akka.Persistence.Sql.Storage;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>What the SQL journals do beyond every journal: they share a database, a transaction and its failures.</summary>
public abstract class SqlJournalSpec(Backend backend) : JournalSpec(backend)
{
    [Spec]
    public void An_event_that_cannot_be_serialised_rejects_its_whole_unit_and_stores_nothing()
    {
        Journal.Tell(new WriteMessages([Write("p", Probe.Ref, 1), new AtomicWrite(Event("p", 2, new Unserialisable()))], Probe.Ref, 1));
        Assert.Equal(1, Probe.Expect<WriteMessageRejected>().Persistent.SequenceNr);
        Assert.Equal("no bytes for this one", Probe.Expect<WriteMessageRejected>().Cause.Message);
        Probe.Expect<WriteMessagesSuccessful>();
        Assert.Equal(0, Replay("p").Highest);
    }

    [Spec]
    public void A_manifest_that_would_not_fit_is_rejected()
    {
        Journal.Tell(new WriteMessages([new AtomicWrite(Event("p", 1, Blob.Of(new string('x', 501))))], Probe.Ref, 1));
        Assert.Contains("501 characters", Probe.Expect<WriteMessageRejected>().Cause.Message, StringComparison.Ordinal);
    }

    [Spec]
    public void A_taken_key_fails_its_whole_unit()
    {
        Store("p", Event("p", 1), Event("p", 2));
        Journal.Tell(new WriteMessages([Write("p", Probe.Ref, 3), Write("p", Probe.Ref, 2)], Probe.Ref, 1));
        Assert.Equal(2, Probe.Expect<WriteMessagesFailed>().WriteCount);
        Assert.Equal(3, Probe.Expect<WriteMessageFailure>().Persistent.SequenceNr);
        Assert.Equal(2, Probe.Expect<WriteMessageFailure>().Persistent.SequenceNr);
        Assert.Equal([1, 2], Replay("p").Numbers);
        Store("p", Event("p", 3));
    }

    [Spec]
    public void A_key_conflict_leaves_the_others_of_the_same_group_commit_untouched()
    {
        Store("b", Event("b", 1));
        AppendEvents a = Unit("a", 1, 2), b = Unit("b", 2, 1), c = Unit("c", 1);
        RunGroup([a, b, c]);
        Assert.True(a.Done.IsCompletedSuccessfully && c.Done.IsCompletedSuccessfully, $"{a.Done.Exception} {c.Done.Exception}");
        Assert.True(b.Done.IsFaulted);
        Assert.Equal([1, 2], Replay("a").Numbers);
        Assert.Equal([1], Replay("b").Numbers);
        Assert.Equal([1], Replay("c").Numbers);
    }

    [Spec]
    public void Two_units_of_one_id_in_one_group_keep_their_order()
    {
        AppendEvents first = Unit("a", 1), second = Unit("a", 2), again = Unit("a", 2);
        RunGroup([first, second, again]);
        Assert.True(first.Done.IsCompletedSuccessfully && second.Done.IsCompletedSuccessfully && again.Done.IsFaulted);
    }

    [Spec]
    public void The_highest_number_waits_for_what_this_journal_is_still_writing()
    {
        Store("p", Event("p", 1));
        using (BlockWrites())
        {
            Journal.Tell(new WriteMessages([Write("p", Probe.Ref, 2)], Probe.Ref, 1));
            var successor = new Probe(System);
            Journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, "p", successor.Ref));
            Journal.Tell(new ReplayMessages(1, long.MaxValue, long.MaxValue, "other", Probe.Ref));
            // Another id does not wait.
            Assert.Equal(0, Probe.Expect<RecoverySuccess>().HighestSequenceNr);
            successor.ExpectNothing();
            Unblock();
            Assert.Equal(1, successor.Expect<ReplayedMessage>().Persistent.SequenceNr);
            Assert.Equal(2, successor.Expect<ReplayedMessage>().Persistent.SequenceNr);
            Assert.Equal(2, successor.Expect<RecoverySuccess>().HighestSequenceNr);
        }
    }

    [Spec]
    public async Task A_fenced_writer_stores_nothing_more_and_others_go_on()
    {
        using var other = Backend.System("other");
        var uuid = await JournalWriter.LearnUuidAsync(System, Backend.Database, "a", TimeSpan.FromSeconds(10));
        var otherUuid = await JournalWriter.LearnUuidAsync(other, Backend.Database, "b", TimeSpan.FromSeconds(10));
        Assert.NotEqual(uuid, otherUuid);
        Store("p", Event("p", 1));

        var fence = new Fence(Backend.Database);
        Assert.Equal([uuid], await fence.AddAllButAsync(otherUuid));
        Assert.Empty(await fence.AddAllButAsync(otherUuid));
        Assert.True(await fence.ContainsAsync(uuid));
        Assert.False(await fence.ContainsAsync(otherUuid));

        Journal.Tell(new WriteMessages([Write("p", Probe.Ref, 2)], Probe.Ref, 1));
        Assert.Contains("fenced", Probe.Expect<WriteMessagesFailed>().Cause.Message, StringComparison.Ordinal);
        var theirs = new Probe(other);
        Persistence.Instance.Apply(other).JournalFor(null).Tell(new WriteMessages([Write("p", theirs.Ref, 2)], theirs.Ref, 1));
        theirs.Expect<WriteMessagesSuccessful>();
        // Registering anew does not lift a fence.
        await fence.RegisterAsync(uuid);
        Assert.True(await fence.ContainsAsync(uuid));
        await other.Terminate();
    }

    [Spec]
    public async Task A_writer_learns_its_uuid_at_each_start()
    {
        var first = await JournalWriter.LearnUuidAsync(System, Backend.Database, "n", TimeSpan.FromSeconds(10));
        using var next = Backend.System("next");
        var second = await JournalWriter.LearnUuidAsync(next, Backend.Database, "n", TimeSpan.FromSeconds(10));
        Assert.NotEqual(first, second);
        Assert.Equal(first, Replay(next, "writer/n").Events[0].WriterGuid);
        Assert.Equal(second, Replay(next, "writer/n").Events[1].WriterGuid);
        await next.Terminate();
    }

    /// <summary>Keeps every writer out of the journal until <see cref="Unblock"/> or the end.</summary>
    protected abstract IDisposable BlockWrites();

    protected abstract void Unblock();

    internal abstract WriteSession OpenSession();

    private static AppendEvents Unit(string pid, params long[] numbers) =>
        new(pid, "somebody", DateTime.UtcNow.Ticks, [.. numbers.Select(n => new EventRow(n, [1, 2, 3], $"e{n}", 9001))]);

    /// <summary>Commits all of it in one group, on this thread.</summary>
    private void RunGroup(Work[] works)
    {
        // The tables are made by the journal's own start.
        Replay("nobody");
        var warnings = new List<string>();
        var session = OpenSession();
        try
        {
            using var committer = new GroupCommitter(session, 4 << 20, 100, (e, what) => warnings.Add($"{what}: {e}"));
            foreach (var work in works) committer.Add(work);
            Assert.True(committer.RunOnce());
            Assert.False(committer.RunOnce());
            Assert.Empty(warnings);
        }
        finally
        {
            session.Dispose();
        }
    }
}
