namespace Actors.Ownership;

/// <summary>
/// Keeps a journal's former writers out: once a writer's uuid is fenced, the database refuses every row of it, and what it
/// had open is either visible or refused. The journal's tables must exist.
/// </summary>
public sealed class Fence(JournalDatabase database)
{
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
    public Task RegisterAsync(string writerUuid, CancellationToken cancellation = default) => ExecuteAsync("register-writer", [writerUuid], cancellation);

    /// <summary>Fences writers, for good.</summary>
    public Task AddAsync(IReadOnlyCollection<string> writerUuids, CancellationToken cancellation = default) => ExecuteAsync("fence-writer", writerUuids, cancellation);

    /// <summary>Fences every writer that started on this journal but one, and says which were not fenced before.</summary>
    public async Task<IReadOnlyList<string>> AddAllButAsync(string writerUuid, CancellationToken cancellation = default)
    {
        var others = new List<string>();
        await using (var connection = await database.OpenAsync(cancellation).ConfigureAwait(false))
        {
            await using var command = database.Command(connection, null, "other-writers", ("uuid", writerUuid));
            await using var reader = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellation).ConfigureAwait(false)) others.Add(reader.GetString(0));
        }
        await AddAsync(others, cancellation).ConfigureAwait(false);
        return others;
    }

    /// <summary>Whether a writer is fenced.</summary>
    public async Task<bool> ContainsAsync(string writerUuid, CancellationToken cancellation = default)
    {
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var command = database.Command(connection, null, "is-fenced", ("uuid", writerUuid));
        return (long)(await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false))! > 0;
    }

    private async Task ExecuteAsync(string statement, IReadOnlyCollection<string> writerUuids, CancellationToken cancellation)
    {
        if (writerUuids.Count == 0) return;
        await using var connection = await database.OpenAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        foreach (var uuid in writerUuids)
        {
            await using var command = database.Command(connection, transaction, statement, ("uuid", uuid));
            await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }
}
