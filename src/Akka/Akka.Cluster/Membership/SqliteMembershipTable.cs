#nullable enable
using Akka.Persistence.Sql.Sqlite;
using Microsoft.Data.Sqlite;

namespace Akka.Cluster.Membership;

/// <summary>Members in an SQLite file that holds nothing else.</summary>
internal sealed class SqliteMembershipTable(string file, string systemName) : MembershipTable(systemName)
{
    private const string Dialect = "SQLite";

    // A write takes microseconds; who waits longer waits for a frozen process, and tries again at its next turn.
    private const int BusyMilliseconds = 500;

    private readonly Dictionary<string, SqliteStatement> _statements = [];
    private SqliteDatabase? _database;
    private long _dataVersion;

    public override void Open()
    {
        if (_database is not null) return;
        var database = SqliteDatabase.Open(file, Synchronous.Normal);
        try
        {
            database.Check(Sqlite3.BusyTimeout(database.Handle, BusyMilliseconds));
            database.Execute("PRAGMA wal_autocheckpoint = 1000");
            foreach (var name in (string[])["create-members", "create-one-incarnation", "create-one-age"]) database.Execute(MembershipSql.Load(Dialect, name));
        }
        catch
        {
            database.Dispose();
            throw;
        }
        _database = database;
    }

    public override void Close()
    {
        foreach (var statement in _statements.Values) statement.Dispose();
        _statements.Clear();
        _database?.Dispose();
        _database = null;
    }

    public override bool HasChanged()
    {
        var version = Prepared("data-version").ReadInt64();
        if (version == _dataVersion) return false;
        _dataVersion = version;
        return true;
    }

    public override IReadOnlyList<MemberRow> Read()
    {
        var rows = new List<MemberRow>();
        var read = Bound(new Statement("read-members", SystemName));
        try
        {
            while (read.Step())
            {
                rows.Add(Row(
                    read.Text(0), read.Int64(1), read.Text(2), read.Text(3), read.Text(4), read.Int64(5), read.Int64(6), read.Int64(7), read.Int64(8)));
            }
        }
        finally
        {
            read.Reset();
        }
        return rows;
    }

    protected override int Run(Statement statement)
    {
        Bound(statement).Run();
        return _database!.Changes;
    }

    protected override int Change(params ReadOnlySpan<Statement> statements)
    {
        if (statements.Length == 1) return Run(statements[0]);
        var changed = 0;
        _database!.Execute("BEGIN IMMEDIATE");
        try
        {
            foreach (var statement in statements) changed = Run(statement);
            _database.Execute("COMMIT");
        }
        catch (SqliteException)
        {
            if (!_database.InAutocommit) _database.Execute("ROLLBACK");
            throw;
        }
        return changed;
    }

    private SqliteStatement Bound(Statement statement)
    {
        var prepared = Prepared(statement.Name);
        for (var i = 0; i < statement.Arguments.Length; i++)
        {
            if (statement.Arguments[i] is long number) prepared.Bind(i + 1, number);
            else prepared.Bind(i + 1, (string)statement.Arguments[i]);
        }
        return prepared;
    }

    private SqliteStatement Prepared(string name)
    {
        if (!_statements.TryGetValue(name, out var statement)) _statements.Add(name, statement = _database!.Prepare(MembershipSql.Load(Dialect, name)));
        return statement;
    }
}
