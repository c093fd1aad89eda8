using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Query;
using Akka.Persistence.Sql.Storage;
using Akka.Streams.Dsl;

namespace Akka.Persistence.Sql.Query;

/// <summary>Reads the SQL journal's events beside its writer. Rows reach the stream as one array each.</summary>
public sealed class SqlReadJournal : ICurrentEventsByPersistenceIdQuery, IEventsByPersistenceIdQuery, ICurrentPersistenceIdsQuery
{
    private readonly SqlStore _store;
    private readonly PayloadCodec _codec;
    private readonly int _rows;
    private readonly long _bytes;
    private readonly TimeSpan _refresh;

    internal SqlReadJournal(ExtendedActorSystem system, Config config)
    {
        var persistence = SqlPersistence.Get(system);
        var journal = system.Settings.Config.GetConfig(config.GetString("write-plugin", "akka.persistence.journal.sql"));
        // A query plugin that names no database reads the one its journal writes.
        _store = persistence.StoreFor(string.IsNullOrEmpty(config.GetString("connection-string")) ? journal : config.WithFallback(journal));
        _codec = new PayloadCodec(system);
        _rows = config.GetInt("max-buffer-size", 500);
        _bytes = journal.GetByteSize("replay-batch-bytes") ?? 4 << 20;
        _refresh = config.GetTimeSpan("refresh-interval", TimeSpan.FromSeconds(1));
    }

    /// <summary>The plugin's configuration path.</summary>
    public static string Identifier => "akka.persistence.query.journal.sql";

    public Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr) =>
        Events(persistenceId, fromSequenceNr, toSequenceNr, live: false);

    public Source<EventEnvelope, NotUsed> EventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr) =>
        Events(persistenceId, fromSequenceNr, toSequenceNr, live: true);

    public Source<string, NotUsed> CurrentPersistenceIds() =>
        Source.FromGraph(new PageSource<string, string>(() => new PersistenceIdPager(_store, _rows), id => id, _refresh));

    private Source<EventEnvelope, NotUsed> Events(string persistenceId, long from, long to, bool live)
    {
        var range = new EventRange(persistenceId, from, to, _rows, _bytes);
        return Source.FromGraph(new PageSource<StoredEvent, EventEnvelope>(
            () => new EventPager(_store, range, live),
            stored => new EventEnvelope(
                new Sequence(stored.Ordering), persistenceId, stored.SequenceNumber,
                _codec.Decode(stored.Message, stored.Identifier, stored.Manifest), stored.Created),
            _refresh));
    }
}

/// <summary>Makes the <see cref="SqlReadJournal"/>.</summary>
public sealed class SqlReadJournalProvider(ExtendedActorSystem system, Config config) : IReadJournalProvider
{
    public IReadJournal GetReadJournal() => new SqlReadJournal(system, config);
}
