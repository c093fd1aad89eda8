using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>A store in an SQLite file.</summary>
internal sealed class SqliteStore : SqlStore
{
    public const string Dialect = "SQLite";

    private readonly SqliteReaders _readers;

    private SqliteStore(string file, StoreSettings settings, Action<Exception, string> warn)
        : base(new SqliteWriteSession(file, settings, warn), settings, warn) =>
        _readers = new SqliteReaders(file, settings.Synchronous);

    public static SqliteStore Open(StoreSettings settings, Action<Exception, string> warn) =>
        new(SqliteDatabase.FileOf(settings.ConnectionString), settings, warn);

    public override Task<IReadOnlyList<StoredEvent>> ReadEvents(EventRange range) => Read(session => session.Events(range));

    public override Task<long> HighestSequenceNumber(string persistenceId) => Read(session => session.HighestSequenceNumber(persistenceId));

    public override Task<IReadOnlyList<string>> PersistenceIds(string after, int max) => Read(session => session.PersistenceIds(after, max));

    public override Task<SnapshotRow?> LoadSnapshot(SnapshotRange range) => Read(session => session.Snapshot(range));

    public override void Dispose()
    {
        _readers.Dispose();
        base.Dispose();
    }

    private Task<T> Read<T>(Func<SqliteReadSession, T> read) =>
        Opened.IsCompletedSuccessfully ? _readers.Run(read) : ReadOnceOpened(read);

    private async Task<T> ReadOnceOpened<T>(Func<SqliteReadSession, T> read)
    {
        await Opened.ConfigureAwait(false);
        return await _readers.Run(read).ConfigureAwait(false);
    }
}
