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

    public object? Query(JournalDatabase database, string sql)
    {
        using var connection = database.NewConnection();
        connection.Open();
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar();
    }

    public abstract void Dispose();
}

/// <summary>SQLite files in a temporary directory.</summary>
public sealed class SqliteStorage : Storage
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actors-ownership-").FullName;

    public override JournalDatabase Database => new("SQLite.MS", $"Data Source={Path.Combine(_directory, "journal.db")}");

    public override JournalDatabase Leases => new("SQLite.MS", $"Data Source={Path.Combine(_directory, "journal-leases.db")}");

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

    public override JournalDatabase Database => new("PostgreSQL.15", _connectionString);

    public override JournalDatabase Leases => Database;

    public NpgsqlConnection Connect()
    {
        var connection = new NpgsqlConnection(_connectionString);
        connection.Open();
        return connection;
    }

    public override void Dispose()
    {
    }
}
