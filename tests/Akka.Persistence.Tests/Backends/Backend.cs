using Actors.Ownership;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Sql;

namespace Akka.Persistence.Tests;

/// <summary>Where a specification's journal and snapshots live.</summary>
public abstract class Backend : IDisposable
{
    /// <summary>What other actor systems on the same storage see.</summary>
    public abstract bool Shared { get; }

    public virtual JournalDatabase Database => throw new NotSupportedException();

    protected abstract string Hocon { get; }

    public ActorSystem System(string name, string hocon = "") => ActorSystem.Create(name, Configuration(hocon));

    public Config Configuration(string hocon = "") =>
        ConfigurationFactory.ParseString($$"""
            {{hocon}}
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              log-dead-letters = off
              actor {
                serializers.blob = "Akka.Persistence.Tests.BlobSerializer, Akka.Persistence.Tests"
                serialization-bindings {
                  "Akka.Persistence.Tests.Blob, Akka.Persistence.Tests" = blob
                  "Akka.Persistence.Tests.Unserialisable, Akka.Persistence.Tests" = blob
                }
              }
            }
            """).WithFallback(ConfigurationFactory.ParseString(Hocon)).WithFallback(SqlPersistence.DefaultConfiguration).WithFallback(Persistence.DefaultConfig());

    /// <summary>Frees the storage; actor systems on it have ended.</summary>
    public virtual void Dispose() => GC.SuppressFinalize(this);

    protected static string SqlHocon(string provider, string connectionString) => $$"""
        akka.persistence {
          journal.plugin = "akka.persistence.journal.sql"
          journal.sql { provider-name = "{{provider}}", connection-string = "{{connectionString}}", replay-batch-size = 3 }
          snapshot-store.plugin = "akka.persistence.snapshot-store.sql"
          snapshot-store.sql { provider-name = "{{provider}}", connection-string = "{{connectionString}}" }
          query.journal.sql { provider-name = "{{provider}}", connection-string = "{{connectionString}}", max-buffer-size = 3, refresh-interval = 50ms }
        }
        """;
}

/// <summary>The journal and the snapshot store in memory.</summary>
public sealed class MemoryBackend : Backend
{
    public override bool Shared => false;

    protected override string Hocon => string.Empty;
}

/// <summary>An SQLite file in a temporary directory.</summary>
public sealed class SqliteBackend : Backend
{
    private readonly string _directory;

    public SqliteBackend()
        : this(Directory.CreateTempSubdirectory("actors-tests-").FullName)
    {
    }

    private SqliteBackend(string directory) => _directory = directory;

    public override bool Shared => true;

    public string FileName => Path.Combine(_directory, "journal.db");

    public string ConnectionString => $"Data Source={FileName}";

    public override JournalDatabase Database => new("SQLite.MS", ConnectionString);

    protected override string Hocon => SqlHocon("SQLite.MS", ConnectionString);

    /// <summary>What a machine would find after the process was killed now: the files as they lie, nothing closed.</summary>
    public SqliteBackend AsIfKilledNow()
    {
        var copy = Directory.CreateTempSubdirectory("actors-tests-").FullName;
        // The log first: it only ever refers to a state of the file that is older or as old.
        foreach (var suffix in (string[])["-wal", ""])
            if (File.Exists(FileName + suffix)) File.Copy(FileName + suffix, Path.Combine(copy, "journal.db" + suffix));
        return new SqliteBackend(copy);
    }

    public override void Dispose()
    {
        Directory.Delete(_directory, recursive: true);
        base.Dispose();
    }
}

/// <summary>A schema of its own in the tests' PostgreSQL server.</summary>
public sealed class PostgresBackend(PostgresServer server) : Backend
{
    private readonly string _connectionString = server.NewSchema();

    public override bool Shared => true;

    public string ConnectionString => _connectionString;

    public override JournalDatabase Database => new("PostgreSQL.15", _connectionString);

    protected override string Hocon => SqlHocon("PostgreSQL.15", _connectionString);
}
