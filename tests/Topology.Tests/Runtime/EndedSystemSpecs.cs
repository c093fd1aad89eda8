using Actors.Client;
using Actors.Topology.Runtime;
using Akka.Actor;

namespace Actors.Topology.Tests.Runtime;

/// <summary>A node that its peers have put out ends its actor system before anything else.</summary>
public sealed class EndedSystemSpecs
{
    [Fact]
    public async Task The_runtime_stops_also_when_its_actor_system_has_ended()
    {
        var directory = Directory.CreateTempSubdirectory("actors-ended-system-");
        var system = ActorSystem.Create("node");
        var runtime = TopologyRuntime.Start(
            system, new ClusterOptions { BootstrapServers = "127.0.0.1:1" }, new TopologyRuntimeSettings { NodeId = 1, SnapshotDirectory = directory.FullName });

        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(20));
        await runtime.DisposeAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(20));

        directory.Delete(true);
    }
}
