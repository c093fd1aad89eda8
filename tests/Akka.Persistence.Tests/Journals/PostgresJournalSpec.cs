using Akka.Actor;
using Akka.Persistence.Sql.PostgreSql;
using Akka.Persistence.Sql.Sqlite;
using Akka.Persistence.Sql.Storage;
using Npgsql;
using Xunit;

namespace Akka.Persistence.Tests;

[Collection("PostgreSQL")]
public sealed class PostgresJournalSpec(PostgresServer server) : SqlJournalSpec(new PostgresBackend(server)), IPostgresSpec
{
    private NpgsqlTransaction? _blocker;

    private string ConnectionString => ((PostgresBackend)Backend).ConnectionString;

    [Spec]
    public void Messages_are_stored_outside_the_row_and_uncompressed()
    {
        Store("p", Event("p", 1));
        using var connection = Connect();
        using var command = new NpgsqlCommand("SELECT attstorage::text FROM pg_attribute WHERE attrelid = 'journal'::regclass AND attname = 'message'", connection);
        Assert.Equal("e", command.ExecuteScalar());
    }

    [Spec]
    public void A_terminated_session_fails_its_writes_and_the_next_ones_succeed()
    {
        Store("p", Event("p", 1));
        using (var connection = Connect())
        using (var command = new NpgsqlCommand("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND query LIKE '%journal%' AND datname = current_database()", connection))
            command.ExecuteNonQuery();
        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (true)
        {
            var answers = new Probe(System);
            Journal.Tell(new WriteMessages([Write("p", answers.Ref, 2)], answers.Ref, 1));
            if (answers.Expect<object>() is WriteMessagesSuccessful) break;
            Assert.True(DateTime.UtcNow < deadline, "the journal never came back");
        }
        Assert.Equal([1, 2], Replay("p").Numbers);
    }

    internal override WriteSession OpenSession() =>
        new PostgresWriteSession(NpgsqlDataSource.Create(ConnectionString), new StoreSettings(ConnectionString, true, 4 << 20, 100, Synchronous.Normal));

    protected override IDisposable BlockWrites()
    {
        var connection = Connect();
        _blocker = connection.BeginTransaction();
        using var command = new NpgsqlCommand("LOCK TABLE journal IN EXCLUSIVE MODE", connection, _blocker);
        command.ExecuteNonQuery();
        return connection;
    }

    protected override void Unblock() => _blocker!.Rollback();

    private NpgsqlConnection Connect()
    {
        var connection = new NpgsqlConnection(ConnectionString);
        connection.Open();
        return connection;
    }
}
