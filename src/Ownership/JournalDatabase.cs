using System.Collections.Concurrent;
using System.Data.Common;
using System.Runtime.CompilerServices;
using Akka.Persistence.Sql;
using Microsoft.Data.Sqlite;
using Npgsql;

namespace Actors.Ownership;

/// <summary>The database that holds the journal's tables.</summary>
/// <param name="ProviderName">As the journal plugin is configured: <c>SQLite.MS</c> or <c>PostgreSQL.15</c>.</param>
/// <param name="ConnectionString">As the journal plugin is configured.</param>
public sealed record JournalDatabase(string ProviderName, string ConnectionString)
{
    private static readonly ConcurrentDictionary<(string Dialect, string Statement), string> Statements = new();

    /// <summary>The journal's file, absolute; null when the database is elsewhere.</summary>
    public string? File => IsSqlite ? Path.GetFullPath(new SqliteConnectionStringBuilder(ConnectionString).DataSource) : null;

    /// <summary>The directory that the journal's file is in, absolute; null when the database is elsewhere.</summary>
    public string? Volume => Path.GetDirectoryName(File);

    internal bool IsSqlite => ProviderName.StartsWith("SQLite", StringComparison.Ordinal);

    /// <summary>
    /// The same database with sessions that bear a node's name, so that who takes over from the node can end them. Configure the journal,
    /// snapshot and query plugins of the node with it. SQLite has no sessions: there nothing changes.
    /// </summary>
    public JournalDatabase For(NodeIdentity node) => IsSqlite
        ? this
        : this with { ConnectionString = new NpgsqlConnectionStringBuilder(ConnectionString) { ApplicationName = node.SessionName }.ConnectionString };

    /// <summary>Makes the directory of an SQLite file, for the library makes the file alone. A server has none.</summary>
    /// <exception cref="IOException">It cannot be made.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be made.</exception>
    public void CreateDirectory()
    {
        if (IsSqlite && new SqliteConnectionStringBuilder(ConnectionString).DataSource is var file && !file.StartsWith("file:", StringComparison.Ordinal)
            && Path.GetDirectoryName(file) is { Length: > 0 } directory)
            Directory.CreateDirectory(directory);
    }

    internal async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        var connection = NewConnection();
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        return connection;
    }

    internal DbConnection NewConnection()
    {
        ChooseSqlite();
        // A pooled connection would keep the file open after its use.
        return IsSqlite
            ? new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString)
            : new NpgsqlConnection(ConnectionString);
    }

    /// <summary>A connection to the leases, not yet open: with SQLite to a file of their own, for in the journal's a renewal may wait for seconds.</summary>
    /// <param name="sessionName">Whose session it is.</param>
    /// <param name="patience">How long a statement may take; whole seconds, at least one.</param>
    /// <param name="awaitDisk">Whether a commit waits for the disk (PostgreSQL).</param>
    internal DbConnection NewLeaseConnection(string sessionName, TimeSpan patience, bool awaitDisk)
    {
        ChooseSqlite();
        var seconds = Math.Max(1, (int)patience.TotalSeconds);
        if (IsSqlite)
            return new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { DataSource = LeaseFile, Pooling = false, DefaultTimeout = seconds }.ConnectionString);
        var builder = new NpgsqlConnectionStringBuilder(ConnectionString)
        {
            ApplicationName = sessionName,
            Pooling = false,
            Timeout = 1,
            CommandTimeout = seconds,
            // A statement that took too long ends the connection rather than being cancelled over a second one.
            CancellationTimeout = -1,
        };
        if (!awaitDisk)
            builder.Options = (builder.Options + " -c synchronous_commit=off").Trim();
        return new NpgsqlConnection(builder.ConnectionString);
    }

    internal DbCommand Command(DbConnection connection, DbTransaction? transaction, string statement, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Statements.GetOrAdd((IsSqlite ? "SQLite" : "PostgreSQL", statement), static key => Load(key.Dialect, key.Statement));
        foreach (var (name, value) in parameters)
        {
            var parameter = command.CreateParameter();
            (parameter.ParameterName, parameter.Value) = (name, value);
            command.Parameters.Add(parameter);
        }
        return command;
    }

    /// <summary>The statements that create the fence, in order.</summary>
    internal IReadOnlyList<string> FenceStatements =>
        IsSqlite ? ["create-fenced", "create-trigger"] : ["lock-schema", "create-fenced", "create-function", "create-trigger"];

    /// <summary>The statements that create the leases' tables, in order.</summary>
    internal IReadOnlyList<string> LeaseStatements => IsSqlite ? ["create-node-lease", "create-sql-lease"] : ["lock-schema", "create-node-lease", "create-sql-lease"];

    /// <summary>What is said on each new connection to the leases.</summary>
    internal IReadOnlyList<string> LeaseGreetings => IsSqlite ? ["wait-when-busy", "use-write-ahead-log", "do-not-checkpoint", "sync-at-checkpoints"] : [];

    private string LeaseFile
    {
        get
        {
            var journal = new SqliteConnectionStringBuilder(ConnectionString).DataSource;
            return Path.Combine(Path.GetDirectoryName(journal) ?? "", Path.GetFileNameWithoutExtension(journal) + "-leases.db");
        }
    }

    // The plugin's assembly chooses the SQLite library of the process as it is loaded.
    private static void ChooseSqlite() => RuntimeHelpers.RunModuleConstructor(typeof(SqlPersistence).Module.ModuleHandle);

    private static string Load(string dialect, string statement)
    {
        var assembly = typeof(JournalDatabase).Assembly;
        using var stream = assembly.GetManifestResourceStream($"Sql/{dialect}/{statement}")
            ?? assembly.GetManifestResourceStream($"Sql/{statement}")
            ?? throw new InvalidOperationException($"There is no statement {statement}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
