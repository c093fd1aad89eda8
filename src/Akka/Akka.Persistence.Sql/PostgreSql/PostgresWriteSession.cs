using Akka.Persistence.Sql.Storage;
using Npgsql;

namespace Akka.Persistence.Sql.PostgreSql;

/// <summary>
/// Writes of the journal's one writer into PostgreSQL: a group is one batch, one round trip and one transaction. When one work
/// is to blame for a failure, each goes in a batch of its own.
/// </summary>
internal sealed class PostgresWriteSession(NpgsqlDataSource source, StoreSettings settings) : WriteSession
{
    private readonly string _insertEvent = SqlText.Load(PostgresStore.Dialect, "insert-event");
    private readonly string _saveSnapshot = SqlText.Load(PostgresStore.Dialect, "save-snapshot");
    private readonly string _deleteSnapshots = SqlText.Load(PostgresStore.Dialect, "delete-snapshots");
    private readonly string _deleteEvents = SqlText.Load(PostgresStore.Dialect, "delete-events");
    private readonly string _markDeleted = SqlText.Load(PostgresStore.Dialect, "mark-deleted");
    private NpgsqlConnection? _connection;
    private bool _initialized;

    public override void Open()
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open }) return;
        _connection?.Dispose();
        _connection = null;
        var connection = source.OpenConnection();
        try
        {
            if (settings.AutoInitialize && !_initialized) CreateTables(connection);
        }
        catch
        {
            connection.Dispose();
            throw;
        }
        _initialized = true;
        _connection = connection;
    }

    public override void CommitTogether(IReadOnlyList<Work> group)
    {
        using var batch = _connection!.CreateBatch();
        foreach (var work in group) Add(batch, work);
        Execute(batch);
    }

    public override void CommitSeparately(IReadOnlyList<Work> group, Exception?[] failures)
    {
        for (var i = 0; i < group.Count; i++)
        {
            try
            {
                Open();
                using var batch = _connection!.CreateBatch();
                Add(batch, group[i]);
                Execute(batch);
            }
            catch (NpgsqlException e)
            {
                failures[i] = e;
            }
        }
    }

    // The server said no to a statement, and with it to the whole batch; a lost connection is another matter.
    public override bool BlamesOneWork(Exception failure) => failure is PostgresException { Severity: "ERROR" };

    public override bool DeleteSlice(DeleteEvents deletion)
    {
        using (var delete = new NpgsqlCommand(_deleteEvents, _connection))
        {
            delete.Parameters.Add(Of(deletion.PersistenceId));
            delete.Parameters.Add(Of(deletion.To));
            if (delete.ExecuteNonQuery() > 0) return false;
        }
        using var mark = new NpgsqlCommand(_markDeleted, _connection);
        mark.Parameters.Add(Of(Array.Empty<byte>()));
        mark.Parameters.Add(Of(deletion.PersistenceId));
        mark.Parameters.Add(Of(deletion.To));
        mark.ExecuteNonQuery();
        return true;
    }

    public override bool BetweenCommits(bool idle) => false;

    public override void Dispose() => _connection?.Dispose();

    private static void Execute(NpgsqlBatch batch)
    {
        batch.Prepare();
        batch.ExecuteNonQuery();
    }

    private static void CreateTables(NpgsqlConnection connection)
    {
        // Two nodes that start together would otherwise both find the tables missing.
        using var transaction = connection.BeginTransaction();
        string[] statements =
        [
            "lock-schema", "create-journal", "store-messages-externally", "create-index-created", "create-index-sequence-number",
            "create-tags", "create-snapshot", "store-snapshots-externally",
        ];
        foreach (var name in statements)
        {
            using var command = new NpgsqlCommand(SqlText.Load(PostgresStore.Dialect, name), connection, transaction);
            command.ExecuteNonQuery();
        }
        transaction.Commit();
    }

    private static NpgsqlParameter<T> Of<T>(T value) => new() { TypedValue = value };

    private void Add(NpgsqlBatch batch, Work work)
    {
        switch (work)
        {
            case AppendEvents append:
                foreach (var row in append.Rows)
                {
                    var insert = new NpgsqlBatchCommand(_insertEvent);
                    insert.Parameters.Add(Of(append.Created));
                    insert.Parameters.Add(Of(append.PersistenceId));
                    insert.Parameters.Add(Of(row.SequenceNumber));
                    insert.Parameters.Add(Of(row.Identifier));
                    insert.Parameters.Add(Of(row.Manifest));
                    insert.Parameters.Add(Of(append.WriterUuid));
                    insert.Parameters.Add(Of(row.Message));
                    batch.BatchCommands.Add(insert);
                }
                break;
            case SaveSnapshotRow { Row: var row }:
                var save = new NpgsqlBatchCommand(_saveSnapshot);
                save.Parameters.Add(Of(row.PersistenceId));
                save.Parameters.Add(Of(row.SequenceNumber));
                save.Parameters.Add(Of(row.Created));
                save.Parameters.Add(Of(row.Manifest));
                save.Parameters.Add(Of(row.SerializerId));
                save.Parameters.Add(Of(row.Snapshot));
                batch.BatchCommands.Add(save);
                break;
            case DeleteSnapshotRows { Range: var range }:
                var delete = new NpgsqlBatchCommand(_deleteSnapshots);
                PostgresStore.AddTo(delete.Parameters, range);
                batch.BatchCommands.Add(delete);
                break;
            default:
                throw new InvalidOperationException($"The writer does not know {work.GetType()}.");
        }
    }
}
