using Akka.Persistence.Tests;
using Xunit;

namespace Actors.Ownership.Tests;

public sealed class SqliteJournalContentsSpec() : JournalContentsSpec(new SqliteStorage());

[Collection("PostgreSQL")]
public sealed class PostgresJournalContentsSpec(PostgresServer server) : JournalContentsSpec(new PostgresStorage(server)), IPostgresSpec;

/// <summary>What the journal's table says of persistent actors.</summary>
public abstract class JournalContentsSpec(Storage storage) : IDisposable
{
    public void Dispose() => storage.Dispose();

    [Spec]
    public async Task Rows_and_bytes_are_of_what_is_not_deleted()
    {
        await using var node = await TestNode.StartAsync(storage.Database, 1);
        for (var i = 0; i < 3; i++) Assert.Null(await node.Append("p"));
        Assert.Null(await node.Append("q"));
        Assert.Equal(
            [new JournalContents(3, 3, 1, 3), new JournalContents(0, 0, 0, 0), new JournalContents(1, 1, 1, 1)],
            await JournalContents.ReadAsync(storage.Database, ["p", "none", "q"]));
        await using (var connection = await storage.Database.OpenAsync(default))
        {
            await using var command = connection.CreateCommand();
            command.CommandText = "UPDATE journal SET deleted = TRUE WHERE persistence_id = 'p' AND sequence_number = 1";
            Assert.Equal(1, await command.ExecuteNonQueryAsync());
        }
        Assert.Equal([new JournalContents(2, 2, 2, 3)], await JournalContents.ReadAsync(storage.Database, ["p"]));
    }
}
