using System.Text;
using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>One reading connection, opened with the first read. Every read ends its transaction before it returns.</summary>
internal sealed class SqliteReadSession(string file, Synchronous synchronous) : IDisposable
{
    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private SqliteDatabase? _database;
    private byte[] _lastWriterUtf8 = [];
    private string _lastWriter = string.Empty;

    public IReadOnlyList<StoredEvent> Events(EventRange range)
    {
        var events = new List<StoredEvent>((int)Math.Clamp(range.MaxRows, 1, 64));
        var read = Statement("read-events").Bind(1, range.PersistenceId).Bind(2, range.From).Bind(3, range.To).Bind(4, range.MaxRows);
        using var messages = new SqliteBlobs(_database!, "journal", "message");
        try
        {
            var bytes = 0L;
            while (read.Step())
            {
                var message = messages.Read(read.Int64(0), (int)read.Int64(6));
                events.Add(new StoredEvent(read.Int64(0), read.Int64(1), read.Int64(2), (int)read.Int64(3), read.Text(4), Writer(read.Utf8(5)), message));
                bytes += message.Length;
                if (bytes >= range.MaxBytes) break;
            }
        }
        finally
        {
            read.Reset();
        }
        return events;
    }

    public long HighestSequenceNumber(string persistenceId) => Statement("highest-sequence-number").Bind(1, persistenceId).ReadInt64();

    public IReadOnlyList<string> PersistenceIds(string after, int max)
    {
        var ids = new List<string>();
        var next = Statement("next-persistence-id");
        while (ids.Count < max)
        {
            if (!next.Bind(1, after).Step()) break;
            ids.Add(after = next.Text(0));
            next.Reset();
        }
        return ids;
    }

    public SnapshotRow? Snapshot(SnapshotRange range)
    {
        var load = Statement("load-snapshot").Bind(1, range.PersistenceId).Bind(2, range.MinSequenceNumber).Bind(3, range.MaxSequenceNumber)
            .Bind(4, range.MinCreated).Bind(5, range.MaxCreated);
        try
        {
            return load.Step() ? new SnapshotRow(range.PersistenceId, load.Int64(0), load.Int64(1), load.Text(3), (int)load.Int64(2), load.Blob(4)) : null;
        }
        finally
        {
            load.Reset();
        }
    }

    public void Dispose()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _database?.Dispose();
    }

    /// <summary>Neighbouring rows have the same writer, so it is decoded once.</summary>
    private string Writer(ReadOnlySpan<byte> utf8)
    {
        if (utf8.SequenceEqual(_lastWriterUtf8)) return _lastWriter;
        _lastWriterUtf8 = utf8.ToArray();
        return _lastWriter = Encoding.UTF8.GetString(utf8);
    }

    /// <summary>
    /// Reads from mapped pages take half the processor time of reads into the page cache. SQLite maps 2 GiB at most and reads what
    /// lies behind that as usual.
    /// </summary>
    private SqliteDatabase OpenMapped()
    {
        var database = SqliteDatabase.Open(file, synchronous);
        database.Execute("PRAGMA mmap_size = 2147418112");
        return database;
    }

    private SqliteStatement Statement(string name)
    {
        if (_statements.TryGetValue(name, out var known)) return known;
        _database ??= OpenMapped();
        return _statements[name] = _database.Prepare(SqlText.Load(SqliteStore.Dialect, name));
    }
}
