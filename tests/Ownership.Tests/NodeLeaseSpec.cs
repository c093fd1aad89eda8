using System.Diagnostics;
using Actors.Machines;
using Akka.Persistence.Tests;
using Xunit;

namespace Actors.Ownership.Tests;

public sealed class SqliteNodeLeaseSpec() : NodeLeaseSpec(new SqliteStorage());

[Collection("PostgreSQL")]
public sealed class PostgresNodeLeaseSpec(PostgresServer server) : NodeLeaseSpec(PostgresServer.ReasonToSkip is null ? new PostgresStorage(server) : null);

/// <summary>Leases of nodes and of what they own, with separate connections on one database; the nodes are in one process.</summary>
public abstract class NodeLeaseSpec(Storage? storage) : IDisposable
{
    private static readonly OwnershipSettings Short = new(TimeSpan.FromSeconds(1), TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(100));

    private Storage Storage => storage ?? throw new InvalidOperationException();

    public void Dispose() => storage?.Dispose();

    [Fact]
    public async Task A_lease_has_one_owner_until_it_is_released()
    {
        if (storage is null) return;
        await using var one = await TestNode.StartAsync(Storage.Database, 1);
        await using var two = await TestNode.StartAsync(Storage.Database, 2);
        var mine = one.Want("shard-1");
        Assert.False(mine.CheckLease());
        Assert.True(await mine.Acquire());
        Assert.True(await mine.Acquire());
        Assert.True(mine.CheckLease());
        Assert.False(await two.Want("shard-1").Acquire());
        Assert.False(two.Want("shard-1").CheckLease());
        Assert.True(await two.Want("shard-2").Acquire());
        Assert.True(await mine.Release());
        Assert.False(mine.CheckLease());
        Assert.True(await two.Want("shard-1").Acquire());
        Assert.False(await mine.Acquire());
    }

    [Fact]
    public async Task A_node_that_stopped_is_taken_over_within_3500_ms_and_stores_nothing_more()
    {
        if (storage is null) return;
        await using var one = await TestNode.StartAsync(Storage.Database, 1);
        await using var two = await TestNode.StartAsync(Storage.Database, 2);
        Assert.True(await one.Want("shard-1").Acquire());
        Assert.Null(await one.Append("p"));
        await Eventually.Holds(() => two.Lease.Peers.Count == 1, "two sees one");

        one.Lease.Dispose();
        var took = await two.AcquireWithin("shard-1", TimeSpan.FromSeconds(10));
        Assert.InRange(took.TotalMilliseconds, 2_000, 3_500);
        await StoresNothing(one, "p");
        Assert.Null(await two.Append("p"));
        await Eventually.Holds(() => two.Lease.Peers is [{ State: LeaseState.Out }], "two sees that one is out");
    }

    [Fact]
    public async Task A_node_whose_process_ended_is_taken_over_at_once()
    {
        if (storage is null) return;
        await using var one = await TestNode.StartAsync(Storage.Database, 1);
        await using var two = await TestNode.StartAsync(Storage.Database, 2);
        Assert.True(await one.Want("shard-1").Acquire());
        await Eventually.Holds(() => two.Lease.Peers.Count == 1, "two sees one");
        var endpoint = two.Lease.Peers[0].Endpoint;

        // Its connection closed, yet it lives.
        two.Lease.ConnectionClosed(endpoint);
        Assert.False(await two.Want("shard-1").Acquire());

        one.Kill();
        two.Lease.ConnectionClosed(endpoint);
        var took = await two.AcquireWithin("shard-1", TimeSpan.FromSeconds(10));
        Assert.InRange(took.TotalMilliseconds, 0, 1_000);
        await StoresNothing(one, "p");
    }

    /// <summary>The first attempts may meet sessions that were ended; those that are opened anew find the writer fenced.</summary>
    private static async Task StoresNothing(TestNode node, string persistenceId)
    {
        var causes = new List<string>();
        for (var attempt = 0; attempt < 3; attempt++)
            causes.Add(await node.Append(persistenceId) ?? throw new InvalidOperationException($"An event was stored after: {string.Join("; ", causes)}"));
        Assert.Contains("fenced", causes[^1], StringComparison.Ordinal);
    }
}
