using System.Data.Common;
using System.Diagnostics;
using Microsoft.Data.Sqlite;
using Npgsql;
using SQLitePCL;

namespace Actors.Ownership;

/// <summary>
/// Keeps a journal's former writers out: once a writer's uuid is fenced, the database refuses every row of it, and what it
/// had open is either visible or refused. The journal's tables must exist.
/// </summary>
public sealed class Fence(JournalDatabase database)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(1);

    /// <summary>Creates the table <c>fenced</c> and the trigger on <c>journal</c> unless they exist.</summary>
    public async Task EnsureCreatedAsync(CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        foreach (var statement in database.FenceStatements)
        {
            await using var command = database.Command(connection, transaction, statement);
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes a writer known, so that a fence waits for its open transactions (PostgreSQL). A fenced one stays fenced.</summary>
    public Task RegisterAsync(string writerUuid, CancellationToken cancellation = default) =>
        Task.Run(() => Execute("register-writer", [writerUuid], Patience), cancellation);

    /// <summary>Fences writers, for good.</summary>
    public Task AddAsync(IReadOnlyCollection<string> writerUuids, CancellationToken cancellation = default) => Task.Run(() => Add(writerUuids, Patience), cancellation);

    /// <summary>
    /// For a journal that one node has for itself, by the lock on its data directory: fences every writer that started on this journal but
    /// one, and says which were not fenced before. Where nodes share a journal see <see cref="AddFormerAsync"/>.
    /// </summary>
    public async Task<IReadOnlyList<string>> AddAllButAsync(string writerUuid, CancellationToken cancellation = default)
    {
        var others = await ReadAsync("other-writers", cancellation, ("uuid", writerUuid)).ConfigureAwait(false);
        await AddAsync(others, cancellation).ConfigureAwait(false);
        return others;
    }

    /// <summary>
    /// For a journal that nodes share: fences the writers of a node's earlier starts and nobody else's, and says which were not fenced before.
    /// </summary>
    /// <param name="node">The node's name, as given to <see cref="JournalWriter.LearnUuidAsync"/>.</param>
    /// <param name="writerUuid">The writer of the node's present start.</param>
    public async Task<IReadOnlyList<string>> AddFormerAsync(string node, string writerUuid, CancellationToken cancellation = default)
    {
        var former = await ReadAsync("former-writers", cancellation, ("pid", JournalWriter.PersistenceIdPrefix + node), ("uuid", writerUuid)).ConfigureAwait(false);
        await AddAsync(former, cancellation).ConfigureAwait(false);
        return former;
    }

    /// <summary>Whether a writer is fenced.</summary>
    public async Task<bool> ContainsAsync(string writerUuid, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = database.Command(connection, null, "is-fenced", ("uuid", writerUuid));
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))! > 0;
    }

    /// <summary>Fences writers, on this thread.</summary>
    /// <exception cref="TimeoutException">A transaction of theirs, or another writer of the file, kept its lock for all that time.</exception>
    internal void Add(IReadOnlyCollection<string> writerUuids, TimeSpan patience) => Execute("fence-writer", writerUuids, patience);

    private async Task<IReadOnlyList<string>> ReadAsync(string statement, CancellationToken cancellation, params (string Name, object Value)[] parameters)
    {
        var writers = new List<string>();
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = database.Command(connection, null, statement, parameters);
        await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) writers.Add(reader.GetString(0));
        return writers;
    }

    private void Execute(string statement, IReadOnlyCollection<string> writerUuids, TimeSpan patience)
    {
        if (writerUuids.Count == 0) return;
        using var connection = database.NewConnection();
        connection.Open();
        if (connection is SqliteConnection file) ExecuteInFile(file, statement, writerUuids, patience);
        else ExecuteOnServer(connection, statement, writerUuids, patience);
    }

    private void ExecuteOnServer(DbConnection connection, string statement, IReadOnlyCollection<string> writerUuids, TimeSpan patience)
    {
        var started = Stopwatch.GetTimestamp();
        while (true)
        {
            try
            {
                using var transaction = connection.BeginTransaction();
                using (var limit = database.Command(connection, transaction, "limit-lock-wait")) limit.ExecuteNonQuery();
                Run(connection, transaction, statement, writerUuids);
                transaction.Commit();
                return;
            }
            catch (PostgresException e) when (e.SqlState == PostgresErrorCodes.LockNotAvailable)
            {
                if (Stopwatch.GetElapsedTime(started) > patience) throw new TimeoutException("A transaction of the writer stays open, so that it cannot be fenced yet.", e);
            }
        }
    }

    /// <summary>Looks for the file's lock without pause: journal writers leave it free for moments only.</summary>
    private void ExecuteInFile(SqliteConnection connection, string statement, IReadOnlyCollection<string> writerUuids, TimeSpan patience)
    {
        foreach (var greeting in (string[])["do-not-checkpoint", "sync-at-checkpoints"])
        {
            using var command = database.Command(connection, null, greeting);
            command.ExecuteNonQuery();
        }
        raw.sqlite3_busy_timeout(connection.Handle, 0);
        var started = Stopwatch.GetTimestamp();
        int code;
        while ((code = raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE")) == raw.SQLITE_BUSY)
        {
            if (Stopwatch.GetElapsedTime(started) > patience) throw new TimeoutException("Another process keeps the journal's file locked, so that the writer cannot be fenced yet.");
            Thread.Sleep(Poll);
        }
        SqliteException.ThrowExceptionForRC(code, connection.Handle);
        Run(connection, null, statement, writerUuids);
        SqliteException.ThrowExceptionForRC(raw.sqlite3_exec(connection.Handle, "COMMIT"), connection.Handle);
    }

    private void Run(DbConnection connection, DbTransaction? transaction, string statement, IReadOnlyCollection<string> writerUuids)
    {
        foreach (var uuid in writerUuids)
        {
            using var command = database.Command(connection, transaction, statement, ("uuid", uuid));
            command.ExecuteNonQuery();
        }
    }
}
