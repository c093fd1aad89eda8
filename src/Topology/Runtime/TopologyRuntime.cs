using Actors.Client;
using Akka.Actor;

namespace Actors.Topology.Runtime;

/// <summary>
/// A node's topologies at work: follows the deployments and runs each topology's tasks. It is a client of the broker like any other, over a socket or a
/// pipe in this process.
/// </summary>
public sealed class TopologyRuntime : IAsyncDisposable
{
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(8);

    private readonly ClusterClient _cluster;
    private bool _stopped;

    private readonly ClusterTasks _elsewhere;

    private TopologyRuntime(ClusterClient cluster, IActorRef deployments, int node)
    {
        (_cluster, _elsewhere) = (cluster, new ClusterTasks(cluster, node));
        Deployments = new TopologyDeployments(deployments, _elsewhere);
    }

    /// <summary>The deployed topologies.</summary>
    public TopologyDeployments Deployments { get; }

    /// <summary>Starts the runtime. The broker need not be there yet.</summary>
    /// <param name="system">Where the topologies' actors live.</param>
    /// <param name="cluster">How the broker is reached: <see cref="ClusterOptions.Connect"/> opens a pipe in this process.</param>
    /// <param name="settings">What this node is told.</param>
    public static TopologyRuntime Start(ActorSystem system, ClusterOptions cluster, TopologyRuntimeSettings settings)
    {
        var client = new ClusterClient(cluster);
        return new TopologyRuntime(client, system.ActorOf(Props.Create(() => new DeploymentsActor(client, settings)), "topologies"), settings.NodeId);
    }

    /// <summary>Stops: each task commits what it has processed. At most 8 s; what is not committed by then is processed again at the next start.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopped) return;
        _stopped = true;
        try
        {
            await Deployments.StopAsync(StopTime);
        }
        catch (Exception e) when (e is AskTimeoutException or SchedulerException)
        {
            // The tasks that did not end in time, or that ended with the actor system, go on from their last commit.
        }
        await _elsewhere.DisposeAsync();
        await _cluster.DisposeAsync();
    }
}
