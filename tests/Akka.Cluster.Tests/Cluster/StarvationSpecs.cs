using Akka.Persistence.Tests;

namespace Akka.Cluster.Tests;

/// <summary>Runs while nothing else does, for it takes the thread pool away.</summary>
[CollectionDefinition("Alone", DisableParallelization = true)]
public sealed class AloneCollection : ICollectionFixture<PostgresServer>;

/// <summary>Renewals do not wait for the thread pool.</summary>
[Collection("Alone")]
public sealed class StarvationSpecs(PostgresServer server) : ClusterSpec(new PostgresClusterDatabase(server))
{
    [PostgresFact]
    public void A_starved_thread_pool_does_not_cost_the_membership()
    {
        var (first, second) = (StartUp(), StartUp());
        var log = Listen(first);
        using var end = new ManualResetEventSlim();
        // The pool adds a thread or two a second: this many keep it busy for as long as they wait.
        var blocked = Enumerable.Range(0, 200).Select(_ => Task.Run(end.Wait)).ToArray();
        Thread.Sleep(Pause * 2);
        Assert.True(blocked.Count(t => t.Status == TaskStatus.WaitingToRun) > 100, "the pool was not starved");
        end.Set();
        Task.WaitAll(blocked);
        AwaitUp(first, second);
        Assert.Empty(log.Events);
    }
}
