using Akka.Configuration;
using Akka.Persistence.Tests;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Akka.Cluster.Tests;

/// <summary>Runs where PostgreSQL is installed; under CI=true it must be.</summary>
public sealed class PostgresFactAttribute : FactAttribute
{
    public PostgresFactAttribute() => Skip = PostgresServer.ReasonToSkip;
}

[CollectionDefinition("PostgreSQL")]
public sealed class PostgresCollection : ICollectionFixture<PostgresServer>;

/// <summary>The database in which a specification's cluster has its members.</summary>
public abstract class ClusterDatabase : IDisposable
{
    protected abstract string Provider { get; }

    protected abstract string ConnectionString { get; }

    public string Hocon => $$"""akka.persistence.journal.sql { provider-name = "{{Provider}}", connection-string = "{{ConnectionString}}" }""";

    public Config Journal => ConfigurationFactory.ParseString(Hocon).GetConfig("akka.persistence.journal.sql");

    /// <summary>Nothing is written until the result is disposed.</summary>
    public abstract IDisposable Away();

    public virtual void Dispose() => GC.SuppressFinalize(this);
}

/// <summary>A directory with an SQLite journal's name in it.</summary>
public sealed class SqliteClusterDatabase : ClusterDatabase
{
    private readonly string _directory = Directory.CreateTempSubdirectory("actors-cluster-").FullName;

    protected override string Provider => "SQLite.MS";

    protected override string ConnectionString => $"Data Source={JournalFile}";

    public string JournalFile => Path.Combine(_directory, "journal.db");

    public override IDisposable Away()
    {
        var connection = new SqliteConnection($"Data Source={JournalFile}-cluster;Pooling=False");
        connection.Open();
        using var begin = connection.CreateCommand();
        begin.CommandText = "BEGIN IMMEDIATE";
        begin.ExecuteNonQuery();
        return connection;
    }

    public override void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        base.Dispose();
    }
}

/// <summary>A schema in the tests' server, behind a proxy that can be closed.</summary>
public sealed class PostgresClusterDatabase : ClusterDatabase
{
    private readonly TcpProxy _proxy;

    public PostgresClusterDatabase(PostgresServer server)
    {
        var builder = new NpgsqlConnectionStringBuilder(server.NewSchema());
        _proxy = new TcpProxy(builder.Host!, builder.Port);
        builder.Port = _proxy.Port;
        ConnectionString = builder.ConnectionString;
    }

    protected override string Provider => "PostgreSQL.15";

    protected override string ConnectionString { get; }

    public override IDisposable Away()
    {
        _proxy.Close();
        return new Return(_proxy);
    }

    /// <summary>Nothing is refused, but nothing is answered either.</summary>
    public void Flow(bool flows) => _proxy.Flow(flows);

    public override void Dispose()
    {
        _proxy.Dispose();
        base.Dispose();
    }

    private sealed class Return(TcpProxy proxy) : IDisposable
    {
        public void Dispose() => proxy.Open();
    }
}
