namespace Actors.Client.Tests.Fakes;

/// <summary>A spec with a cluster of its own and one client of it.</summary>
public abstract class FakeClusterSpec(int nodes = 1) : IAsyncLifetime
{
    protected FakeCluster Cluster { get; } = new(nodes);

    protected ClusterClient Client { get; private set; } = null!;

    public Task InitializeAsync()
    {
        Client = new ClusterClient(Cluster.Options);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        await Client.DisposeAsync();
        await Cluster.DisposeAsync();
    }
}
