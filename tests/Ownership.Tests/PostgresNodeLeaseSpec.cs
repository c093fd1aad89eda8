using System.Diagnostics;
using Akka.Persistence.Tests;
using Npgsql;
using Xunit;

namespace Actors.Ownership.Tests;

/// <summary>What sessions and row locks add.</summary>
[Collection("PostgreSQL")]
public sealed class PostgresNodeLeaseSpec(PostgresServer server) : NodeLeaseSpec(new PostgresStorage(server)), IPostgresSpec
{
    private PostgresStorage Postgres => (PostgresStorage)Storage;

    [Spec]
    public async Task A_session_frozen_inside_a_transaction_delays_the_takeover_by_less_than_a_second()
    {
        await using var one = await TestNode.StartAsync(Storage.Database, 1);
        await using var two = await TestNode.StartAsync(Storage.Database, 2);
        Assert.True(await one.Want("shard-1").Acquire());
        Assert.Null(await one.Append("p"));
        await Eventually.Holds(() => two.Lease.Peers.Count == 1, "two sees one");
        // The key that the successor writes next, and the row of the writer, are locked.
        using var frozen = Postgres.Connect(one.Lease.Node.SessionName);
        using var transaction = frozen.BeginTransaction();
        Insert(frozen, transaction, "p", 2, one.WriterUuid);

        one.Kill();
        var watch = Stopwatch.StartNew();
        two.Lease.ConnectionClosed(two.Lease.Peers[0].Endpoint);
        await two.AcquireWithin("shard-1", TimeSpan.FromSeconds(10));
        Assert.Null(await two.Append("p"));
        Assert.InRange(watch.ElapsedMilliseconds, 0, 2_000);
        Assert.ThrowsAny<NpgsqlException>(() => Insert(frozen, transaction, "p", 3, one.WriterUuid));
    }

    [Spec]
    public async Task A_session_that_keeps_the_owner_s_row_locked_is_ended_too()
    {
        await using var one = await TestNode.StartAsync(Storage.Database, 1, Short);
        await using var two = await TestNode.StartAsync(Storage.Database, 2, Short);
        Assert.True(await one.Want("shard-1").Acquire());
        await Eventually.Holds(() => two.Lease.Peers.Count == 1, "two sees one");
        using var frozen = Postgres.Connect(one.Lease.Node.SessionName);
        using var transaction = frozen.BeginTransaction();
        Run(frozen, transaction, $"UPDATE node_lease SET counter = counter + 1 WHERE uid = {one.Lease.Node.Uid}");
        one.Lease.Dispose();
        await two.AcquireWithin("shard-1", TimeSpan.FromSeconds(8));
    }

    [Spec]
    public async Task A_fence_waits_for_what_the_writer_has_open_and_refuses_the_rest()
    {
        await using var one = await TestNode.StartAsync(Storage.Database, 1);
        using var writer = Postgres.Connect();
        await using var transaction = await writer.BeginTransactionAsync();
        Insert(writer, transaction, "p", 1, one.WriterUuid);
        var fencing = new Fence(Storage.Database).AddAsync([one.WriterUuid]);
        await Task.Delay(700);
        Assert.False(fencing.IsCompleted);
        await transaction.CommitAsync();
        await fencing.WaitAsync(TimeSpan.FromSeconds(10));
        Assert.Equal(1L, Run(writer, null, "SELECT COUNT(*) FROM journal WHERE persistence_id = 'p'"));
        Assert.Contains("fenced", Assert.Throws<PostgresException>(() => Insert(writer, null, "p", 2, one.WriterUuid)).Message, StringComparison.Ordinal);
    }

    private static void Insert(NpgsqlConnection connection, NpgsqlTransaction? transaction, string persistenceId, long number, string writer) => Run(connection, transaction,
        "INSERT INTO journal (created, persistence_id, sequence_number, deleted, identifier, manifest, writer_uuid, message) "
        + $"VALUES (0, '{persistenceId}', {number}, FALSE, 4, '', '{writer}', '')");

    private static object? Run(NpgsqlConnection connection, NpgsqlTransaction? transaction, string sql)
    {
        using var command = new NpgsqlCommand(sql, connection, transaction);
        return command.ExecuteScalar();
    }
}
