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
    private bool IsSqlite => ProviderName.StartsWith("SQLite", StringComparison.Ordinal);

    internal async Task<DbConnection> OpenAsync(CancellationToken cancellation)
    {
        // The plugin's assembly chooses the SQLite library of the process as it is loaded.
        RuntimeHelpers.RunModuleConstructor(typeof(SqlPersistence).Module.ModuleHandle);
        // A pooled connection would keep the file open after its use.
        DbConnection connection = IsSqlite
            ? new SqliteConnection(new SqliteConnectionStringBuilder(ConnectionString) { Pooling = false }.ConnectionString)
            : new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync(cancellation).ConfigureAwait(false);
        return connection;
    }

    internal DbCommand Command(DbConnection connection, DbTransaction? transaction, string statement, params ReadOnlySpan<(string Name, object Value)> parameters)
    {
        var command = connection.CreateCommand();
        command.Transaction = transaction;
        command.CommandText = Load(statement);
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

    private string Load(string statement)
    {
        var assembly = typeof(JournalDatabase).Assembly;
        using var stream = assembly.GetManifestResourceStream($"Sql/{(IsSqlite ? "SQLite" : "PostgreSQL")}/{statement}")
            ?? assembly.GetManifestResourceStream($"Sql/{statement}")
            ?? throw new InvalidOperationException($"There is no statement {statement}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
