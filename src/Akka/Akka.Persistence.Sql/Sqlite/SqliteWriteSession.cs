using System.Runtime.InteropServices;
using Akka.Persistence.Sql.Storage;
using Microsoft.Data.Sqlite;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>Writes of the journal's one writer into an SQLite file.</summary>
internal sealed unsafe class SqliteWriteSession(string file, StoreSettings settings, Action<Exception, string> warn) : WriteSession
{
    private const int TooBig = 18;

    // In frames of 16 KiB: a pass of the checkpoint thread starts at 32 MiB of log, and the writer moves what came meanwhile as soon as
    // the pass is over. At 128 MiB it waits for the pass, for then it writes faster than the disk does.
    private const int StartPassAt = 2048;
    private const int WaitAt = 8192;

    private const int VacuumSlice = 64;
    private const int FreePagesKept = 2048;

    private int* _frames;
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private SqliteDatabase? _database;
    private SqliteCheckpointer? _checkpointer;
    private int _startPassAt = StartPassAt;
    private bool _passAsked;
    private bool _vacuuming;

    public override void Open()
    {
        if (_database is not null) return;
        var database = SqliteDatabase.Open(file, settings.Synchronous);
        try
        {
            database.Execute("PRAGMA cache_size = -16384");
            if (settings.MaxPages > 0) database.Execute($"PRAGMA max_page_count = {settings.MaxPages}");
            if (settings.AutoInitialize) CreateTables(database);
        }
        catch
        {
            database.Dispose();
            throw;
        }
        _frames = (int*)NativeMemory.AllocZeroed(sizeof(int));
        database.CountFrames(_frames);
        _database = database;
        _checkpointer = new SqliteCheckpointer(file, settings.Synchronous, warn);
    }

    public override void CommitTogether(IReadOnlyList<Work> group) =>
        InTransaction(() =>
        {
            foreach (var work in group) Apply(work);
        });

    public override void CommitSeparately(IReadOnlyList<Work> group, Exception?[] failures) =>
        InTransaction(() =>
        {
            for (var i = 0; i < group.Count; i++)
            {
                Statement("SAVEPOINT one").Run();
                try
                {
                    Apply(group[i]);
                }
                catch (SqliteException e) when (BlamesOneWork(e) && !_database!.InAutocommit)
                {
                    failures[i] = e;
                    Statement("ROLLBACK TO one").Run();
                }
                Statement("RELEASE one").Run();
            }
        });

    public override bool BlamesOneWork(Exception failure) => failure is SqliteException { SqliteErrorCode: Sqlite3.Constraint or TooBig };

    public override bool DeleteSlice(DeleteEvents deletion)
    {
        var deleted = 0;
        InTransaction(() =>
        {
            Statement("delete-events").Bind(1, deletion.PersistenceId).Bind(2, deletion.To).Run();
            deleted = _database!.Changes;
            if (deleted == 0) Statement("mark-deleted").Bind(2, deletion.PersistenceId).Bind(3, deletion.To).Run(1, []);
        });
        return deleted == 0;
    }

    public override bool BetweenCommits(bool idle)
    {
        Checkpoint(idle);
        return idle && Vacuum();
    }

    /// <summary>Makes the file full at so many pages, as a disk would be; for specifications.</summary>
    internal void LimitPages(int pages) => _database!.Execute($"PRAGMA max_page_count = {pages}");

    public override void Dispose()
    {
        if (_database is not { } database) return;
        _database = null;
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        _checkpointer!.Dispose();
        database.Checkpoint(Sqlite3.CheckpointPassive);
        database.Dispose();
        // The database calls back with it until it is closed.
        NativeMemory.Free(_frames);
    }

    private static void CreateTables(SqliteDatabase database)
    {
        database.Execute("BEGIN IMMEDIATE");
        foreach (var name in (string[])["create-journal", "create-index-created", "create-index-sequence-number", "create-tags", "create-snapshot"])
            database.Execute(SqlText.Load(SqliteStore.Dialect, name));
        database.Execute("COMMIT");
    }

    private void InTransaction(Action body)
    {
        Statement("BEGIN IMMEDIATE").Run();
        try
        {
            body();
            Statement("COMMIT").Run();
        }
        catch
        {
            // A full disk, for one, has rolled back already.
            if (!_database!.InAutocommit) Statement("ROLLBACK").Run();
            throw;
        }
    }

    private void Apply(Work work)
    {
        switch (work)
        {
            case AppendEvents append:
                var insert = Statement("insert-event").Bind(1, append.Created).Bind(2, append.PersistenceId).Bind(6, append.WriterUuid);
                foreach (var row in append.Rows)
                    insert.Bind(3, row.SequenceNumber).Bind(4, row.Identifier).Bind(5, row.Manifest).Run(7, row.Message);
                break;
            case SaveSnapshotRow { Row: var row }:
                Statement("save-snapshot").Bind(1, row.PersistenceId).Bind(2, row.SequenceNumber).Bind(3, row.Created).Bind(4, row.Manifest).Bind(5, row.SerializerId)
                    .Run(6, row.Snapshot);
                break;
            case DeleteSnapshotRows { Range: var range }:
                Statement("delete-snapshots").Bind(1, range.PersistenceId).Bind(2, range.MinSequenceNumber).Bind(3, range.MaxSequenceNumber)
                    .Bind(4, range.MinCreated).Bind(5, range.MaxCreated).Run();
                break;
            default:
                throw new InvalidOperationException($"The writer does not know {work.GetType()}.");
        }
    }

    private void Checkpoint(bool idle)
    {
        var frames = *_frames;
        if (!_passAsked)
        {
            if (frames < _startPassAt && !(idle && frames > 0)) return;
            _checkpointer!.Request();
            _passAsked = true;
            return;
        }
        if (frames >= WaitAt) _checkpointer!.AwaitPass();
        if (!_checkpointer!.PassDone) return;
        _passAsked = false;
        if (_database!.Checkpoint(Sqlite3.CheckpointPassive))
            (*_frames, _startPassAt) = (0, StartPassAt);
        else
            // A reader that still needs an older state keeps the log from starting over.
            _startPassAt = frames + StartPassAt;
    }

    private bool Vacuum()
    {
        var free = Statement("PRAGMA freelist_count").ReadInt64();
        if (free <= FreePagesKept || (!_vacuuming && free <= Statement("PRAGMA page_count").ReadInt64() / 4)) return _vacuuming = false;
        _database!.Execute($"PRAGMA incremental_vacuum({VacuumSlice})");
        return _vacuuming = true;
    }

    /// <summary>A prepared statement: of a file when there is one of the name, else of the text itself.</summary>
    private SqliteStatement Statement(string nameOrText)
    {
        if (_statements.TryGetValue(nameOrText, out var known)) return known;
        var text = nameOrText.Contains(' ') || nameOrText == "COMMIT" || nameOrText == "ROLLBACK" ? nameOrText : SqlText.Load(SqliteStore.Dialect, nameOrText);
        return _statements[nameOrText] = _database!.Prepare(text);
    }
}
