using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Query;
using Akka.Streams;
using Akka.Streams.Dsl;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>What the SQL read journal gives, over pages of three events.</summary>
public abstract class ReadJournalSpec : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly Backend _backend;
    private readonly ActorSystem _system;
    private readonly ActorMaterializer _materializer;
    private readonly SqlReadJournal _journal;
    private readonly Probe _probe;

    protected ReadJournalSpec(Backend backend)
    {
        _backend = backend;
        _system = backend.System("query");
        _materializer = _system.Materializer();
        _journal = PersistenceQuery.Get(_system).ReadJournalFor<SqlReadJournal>(SqlReadJournal.Identifier);
        _probe = new Probe(_system);
    }

    [Spec]
    public async Task Current_events_are_those_of_the_range_in_order()
    {
        var actor = Open("n");
        Write(actor, 1, 20);
        Assert.Equal(Numbers(1, 20), await Current("n", 1, long.MaxValue));
        Assert.Equal(Numbers(5, 11), await Current("n", 5, 11));
        Assert.Equal(Numbers(7, 7), await Current("n", 7, 7));
        Assert.Equal(Numbers(19, 20), await Current("n", 19, 99));
        Assert.Empty(await Current("n", 21, long.MaxValue));
        Assert.Empty(await Current("n", 9, 8));
        Assert.Empty(await Current("nobody", 1, long.MaxValue));
    }

    [Spec]
    public async Task An_envelope_says_what_and_where_and_when()
    {
        Write(Open("n"), 1, 2);
        var envelopes = await Run(_journal.CurrentEventsByPersistenceId("n", 1, 2));
        Assert.Equal(["1", "2"], envelopes.Select(e => ((Blob)e.Event).Note));
        Assert.All(envelopes, e => Assert.Equal("n", e.PersistenceId));
        Assert.True(envelopes[0].Offset.CompareTo(envelopes[1].Offset) < 0);
        Assert.True(DateTime.UtcNow - new DateTime(envelopes[0].Timestamp, DateTimeKind.Utc) < TimeSpan.FromMinutes(1));
    }

    [Spec]
    public async Task Deleted_events_are_not_read()
    {
        var actor = Open("n");
        Write(actor, 1, 9);
        actor.Tell(new Erase(4));
        _probe.Expect<DeleteMessagesSuccess>();
        Assert.Equal(Numbers(5, 9), await Current("n", 1, long.MaxValue));
    }

    [Spec]
    public void Live_events_go_on_with_those_to_come()
    {
        var actor = Open("n");
        Write(actor, 1, 4);
        var seen = new Probe(_system);
        _journal.EventsByPersistenceId("n", 2, 8).RunForeach(e => seen.Ref.Tell(e.SequenceNr), _materializer)
            .ContinueWith(_ => seen.Ref.Tell("completed"), TaskScheduler.Default);
        for (long n = 2; n <= 4; n++) seen.Expect(n);
        seen.ExpectNothing(100);
        Write(actor, 5, 9);
        for (long n = 5; n <= 8; n++) seen.Expect(n);
        seen.Expect("completed");
    }

    [Spec]
    public async Task No_more_is_read_than_is_asked_for()
    {
        Write(Open("n"), 1, 20);
        Assert.Equal(Numbers(1, 2), (await Run(_journal.CurrentEventsByPersistenceId("n", 1, long.MaxValue).Take(2))).Select(e => e.SequenceNr));
    }

    [Spec]
    public async Task Current_ids_are_those_that_have_events()
    {
        foreach (var id in (string[])["a/1", "a/2", "b", "ä", "Z"]) Write(Open(id), 1, 1);
        var ids = await _journal.CurrentPersistenceIds().RunWith(Sink.Seq<string>(), _materializer).WaitAsync(Patience);
        Assert.Equal(["Z", "a/1", "a/2", "b", "ä"], ids);
    }

    [Spec]
    public async Task Any_journal_can_be_read_by_its_own_protocol()
    {
        Write(Open("n"), 1, 9);
        var config = _system.Settings.Config.GetConfig("akka.persistence.query.journal.sql");
        var replayed = new ReplayReadJournal((ExtendedActorSystem)_system, config);
        Assert.Equal(Numbers(2, 5), (await Run(replayed.CurrentEventsByPersistenceId("n", 2, 5))).Select(e => e.SequenceNr));
    }

    public void Dispose()
    {
        _system.Terminate().Wait(Patience);
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }

    private static IEnumerable<long> Numbers(int from, int to) => Enumerable.Range(from, to - from + 1).Select(n => (long)n);

    private async Task<IEnumerable<long>> Current(string pid, long from, long to) =>
        (await Run(_journal.CurrentEventsByPersistenceId(pid, from, to))).Select(e => e.SequenceNr);

    private async Task<IReadOnlyList<EventEnvelope>> Run(Source<EventEnvelope, NotUsed> source) =>
        await source.RunWith(Sink.Seq<EventEnvelope>(), _materializer).WaitAsync(Patience);

    private IActorRef Open(string pid)
    {
        var actor = _system.ActorOf(Notebook.Props(pid, _probe.Ref));
        _probe.Expect("recovered");
        return actor;
    }

    private void Write(IActorRef actor, int from, int to)
    {
        for (var n = from; n <= to; n++) actor.Tell(new NoteAsync($"{n}"), _probe.Ref);
        for (var n = from; n <= to; n++) _probe.Expect(new Noted($"{n}", n));
    }
}

public sealed class SqliteReadJournalSpec() : ReadJournalSpec(new SqliteBackend());

[Collection("PostgreSQL")]
public sealed class PostgresReadJournalSpec(PostgresServer server) : ReadJournalSpec(new PostgresBackend(server)), IPostgresSpec;
