using Akka.Actor;

namespace Actors.Topology.Runtime;

/// <summary>The deployed topologies, seen and changed: what HTTP's <c>/topologies</c> serves. Safe for any number of callers.</summary>
public sealed class TopologyDeployments
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly IActorRef _actor;

    internal TopologyDeployments(IActorRef actor) => _actor = actor;

    /// <summary>All topologies, in the order of their names.</summary>
    /// <exception cref="AskTimeoutException">The runtime does not answer within 30 s.</exception>
    public async Task<IReadOnlyList<TopologyStatus>> ListAsync(CancellationToken cancellation = default) =>
        await _actor.Ask<TopologyStatus[]>(new DeploymentMessages.List(), Patience, cancellation);

    /// <summary>One topology; null where there is none of the name.</summary>
    public async Task<TopologyStatus?> GetAsync(string name, CancellationToken cancellation = default) =>
        (await ListAsync(cancellation)).FirstOrDefault(t => t.Name == name);

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
