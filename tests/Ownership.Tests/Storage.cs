using Akka.Persistence.Tests;
using Microsoft.Data.Sqlite;
using Npgsql;
using Xunit;

namespace Actors.Ownership.Tests;

[CollectionDefinition("PostgreSQL")]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;

/// <summary>A journal that the nodes of one specification share.</summary>
public abstract class Storage : IDisposable
{
    public abstract JournalDatabase Database { get; }

    /// <summary>Where the leases are: the journal's database, or a file beside it.</summary>
    public abstract JournalDatabase Leases { get; }

    /// <summary>The database as it is reached where it can be taken away.</summary>
    public virtual JournalDatabase Exposed => Database;

    /// <summary>Nobody can write the leases until the result is disposed.</summary>
    public abstract IDisposable TakeAway();

    /// <summary>Carries a statement out where the leases are.</summary>
    public void Run(string sql)
    {
        using var connection = Leases.NewConnection();
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public abstract void Dispose();
}

/// <summary>SQLite files in a temporary directory.</summary>
public sealed class SqliteStorage : Storage
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actors-ownership-").FullName;

    public override JournalDatabase Database => new("SQLite.MS", $"Data Source={Path.Combine(_directory, "journal.db")}");

    public override JournalDatabase Leases => new("SQLite.MS", $"Data Source={Path.Combine(_directory, "journal-leases.db")}");

    /// <summary>Somebody keeps the file's lock: looks at the peers succeed, renewals do not.</summary>
    public override IDisposable TakeAway()
    {
        var connection = new SqliteConnection(Leases.ConnectionString + ";Pooling=false");
        connection.Open();
        connection.BeginTransaction();
        return connection;
    }

    public override void Dispose()
    {
        SqliteConnection.ClearAllPools();
        Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A schema of its own in the tests' server.</summary>
public sealed class PostgresStorage(PostgresServer server) : Storage
{
    private readonly string _connectionString = server.NewSchema();
    private TcpProxy? _proxy;

    public override JournalDatabase Database => new("PostgreSQL.15", _connectionString);

    public override JournalDatabase Leases => Database;

    public override JournalDatabase Exposed => new("PostgreSQL.15", new NpgsqlConnectionStringBuilder(_connectionString) { Port = Proxy.Port }.ConnectionString);

    private TcpProxy Proxy => _proxy ??= new TcpProxy(new NpgsqlConnectionStringBuilder(_connectionString).Port);

    public NpgsqlConnection Connect(string name = "")
    {
        var connection = new NpgsqlConnection(new NpgsqlConnectionStringBuilder(_connectionString) { ApplicationName = name, Pooling = false }.ConnectionString);
        connection.Open();
        return connection;
    }

    public override IDisposable TakeAway()
    {
        Proxy.Cut();
        return new Mending(Proxy);
    }

    public override void Dispose() => _proxy?.Dispose();

    private sealed class Mending(TcpProxy proxy) : IDisposable
    {
        public void Dispose() => proxy.Mend();
    }
}
