using System.Data;
using Akka.Persistence.Sql.Storage;
using Npgsql;

namespace Akka.Persistence.Sql.PostgreSql;

/// <summary>A store in PostgreSQL. Reads run on the pool's connections beside the writer's.</summary>
internal sealed class PostgresStore : SqlStore
{
    public const string Dialect = "PostgreSQL";

    private readonly NpgsqlDataSource _source;
    private readonly string _readEvents = SqlText.Load(Dialect, "read-events");
    private readonly string _highest = SqlText.Load(Dialect, "highest-sequence-number");
    private readonly string _nextId = SqlText.Load(Dialect, "next-persistence-id");
    private readonly string _loadSnapshot = SqlText.Load(Dialect, "load-snapshot");

    private PostgresStore(NpgsqlDataSource source, StoreSettings settings, Action<Exception, string> warn)
        : base(new PostgresWriteSession(source, settings), settings, warn) => _source = source;

    public static PostgresStore Open(StoreSettings settings, Action<Exception, string> warn)
    {
        var builder = new NpgsqlConnectionStringBuilder(settings.ConnectionString);
        // Unprepared statements are planned anew with every read.
        if (builder.MaxAutoPrepare == 0) builder.MaxAutoPrepare = 16;
        return new PostgresStore(NpgsqlDataSource.Create(builder), settings, warn);
    }

    public override async Task<IReadOnlyList<StoredEvent>> ReadEvents(EventRange range)
    {
        await Opened.ConfigureAwait(false);
        var events = new List<StoredEvent>((int)Math.Clamp(range.MaxRows, 1, 64));
        await using var command = _source.CreateCommand(_readEvents);
        command.Parameters.Add(Of(range.PersistenceId));
        command.Parameters.Add(Of(range.From));
        command.Parameters.Add(Of(range.To));
        command.Parameters.Add(Of(range.MaxRows));
        command.Parameters.Add(Of(range.MaxBytes));
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess).ConfigureAwait(false);
        var writer = string.Empty;
        while (await reader.ReadAsync().ConfigureAwait(false))
        {
            var (ordering, number, created, identifier, manifest) =
                (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt32(3), reader.GetString(4));
            var uuid = reader.GetString(5);
            // Neighbouring rows have the same writer: one string is enough to keep.
            writer = uuid == writer ? writer : uuid;
            var message = await reader.GetFieldValueAsync<byte[]>(6).ConfigureAwait(false);
            events.Add(new StoredEvent(ordering, number, created, identifier, manifest, writer, message));
        }
        return events;
    }

    public override async Task<long> HighestSequenceNumber(string persistenceId)
    {
        await Opened.ConfigureAwait(false);
        await using var command = _source.CreateCommand(_highest);
        command.Parameters.Add(Of(persistenceId));
        return (long)(await command.ExecuteScalarAsync().ConfigureAwait(false))!;
    }

    public override async Task<IReadOnlyList<string>> PersistenceIds(string after, int max)
    {
        await Opened.ConfigureAwait(false);
        var ids = new List<string>();
        await using var connection = await _source.OpenConnectionAsync().ConfigureAwait(false);
        await using var next = new NpgsqlCommand(_nextId, connection);
        next.Parameters.Add(Of(after));
        while (ids.Count < max && await next.ExecuteScalarAsync().ConfigureAwait(false) is string id)
        {
            ids.Add(id);
            next.Parameters[0].Value = id;
        }
        return ids;
    }

    public override async Task<SnapshotRow?> LoadSnapshot(SnapshotRange range)
    {
        await Opened.ConfigureAwait(false);
        await using var command = _source.CreateCommand(_loadSnapshot);
        AddTo(command.Parameters, range);
        await using var reader = await command.ExecuteReaderAsync().ConfigureAwait(false);
        return await reader.ReadAsync().ConfigureAwait(false)
            ? new SnapshotRow(range.PersistenceId, reader.GetInt64(0), reader.GetInt64(1), reader.GetString(3), reader.GetInt32(2), reader.GetFieldValue<byte[]>(4))
            : null;
    }

    public override void Dispose()
    {
        base.Dispose();
        _source.Dispose();
    }

    internal static void AddTo(NpgsqlParameterCollection parameters, SnapshotRange range)
    {
        parameters.Add(Of(range.PersistenceId));
        parameters.Add(Of(range.MinSequenceNumber));
        parameters.Add(Of(range.MaxSequenceNumber));
        parameters.Add(Of(range.MinCreated));
        parameters.Add(Of(range.MaxCreated));
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };
}
