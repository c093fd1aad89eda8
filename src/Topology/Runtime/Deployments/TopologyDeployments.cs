using Akka.Actor;

namespace Actors.Topology.Runtime;

/// <summary>The deployed topologies, seen and changed: what HTTP's <c>/topologies</c> serves. Safe for any number of callers.</summary>
public sealed class TopologyDeployments
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IActorRef _actor;
    private readonly ClusterTasks _elsewhere;

    internal TopologyDeployments(IActorRef actor, ClusterTasks elsewhere) => (_actor, _elsewhere) = (actor, elsewhere);

    /// <summary>All topologies, in the order of their names.</summary>
    /// <exception cref="AskTimeoutException">The runtime does not answer within 30 s.</exception>
    public Task<IReadOnlyList<TopologyStatus>> ListAsync(CancellationToken cancellation = default) => ListAsync(null, cancellation);

    /// <summary>One topology; null where there is none of the name.</summary>
    /// <exception cref="AskTimeoutException">The runtime does not answer within 30 s.</exception>
    public async Task<TopologyStatus?> GetAsync(string name, CancellationToken cancellation = default) => (await ListAsync(name, cancellation)).FirstOrDefault();

    private async Task<IReadOnlyList<TopologyStatus>> ListAsync(string? name, CancellationToken cancellation)
    {
        var listed = await _actor.Ask<DeploymentMessages.Listed[]>(new DeploymentMessages.List(name), Patience, cancellation);
        return await Task.WhenAll(listed.Select(topology => WholeAsync(topology, cancellation)));
    }

    private async Task<TopologyStatus> WholeAsync(DeploymentMessages.Listed topology, CancellationToken cancellation)
    {
        if (topology.IsWhole) return topology.Status;
        var elsewhere = await _elsewhere.ElsewhereAsync(topology.Plan!, cancellation);
        // What both claim, as while it moves, this node knows better.
        var own = topology.Status.Tasks;
        return topology.Status with { Tasks = [.. own.Concat(elsewhere.Where(t => own.All(o => o.Id != t.Id))).OrderBy(t => t.Id)] };
    }

    /// <summary>A topology's text as it was deployed; null where there is none of the name.</summary>
    public async Task<string?> TextAsync(string name, CancellationToken cancellation = default) =>
        (await _actor.Ask<DeploymentMessages.FoundText>(new DeploymentMessages.Text(name), Patience, cancellation)).Value;

    /// <summary>Deploys a topology. It is durable when this returns; it runs soon after, once its source topics are there.</summary>
    /// <param name="name">Its name, as in the text.</param>
    /// <param name="hocon">A topology file's text.</param>
    /// <param name="fileName">What errors call the text.</param>
    /// <param name="cancellation">Gives up waiting; the deployment may still come about.</param>
    /// <exception cref="AskTimeoutException">The broker cannot be reached within 30 s.</exception>
    /// <exception cref="Actors.Client.KafkaException">The broker refused to store it.</exception>
    public Task<PutResult> PutAsync(string name, string hocon, string fileName, CancellationToken cancellation = default) =>
        _actor.Ask<PutResult>(new DeploymentMessages.Put(name, hocon, fileName), Patience, cancellation);

    /// <summary>Ends a topology and removes its group's offsets, its internal topics and its snapshots; its sink topics stay. False: there is none of the name.</summary>
    /// <exception cref="AskTimeoutException">It does not end within 30 s.</exception>
    public async Task<bool> DeleteAsync(string name, CancellationToken cancellation = default) =>
        (await _actor.Ask<DeploymentMessages.Deleted>(new DeploymentMessages.Delete(name), Patience, cancellation)).WasThere;

    /// <summary>Ends all topologies on this node, each with a last commit.</summary>
    internal Task StopAsync(TimeSpan within) => _actor.Ask<DeploymentMessages.Stopped>(new DeploymentMessages.StopAll(), within);
}
