namespace Actors.Topology.Runtime;

/// <summary>What <see cref="DeploymentsActor"/> is asked.</summary>
internal static class DeploymentMessages
{
    public sealed record Put(string Name, string Text, string FileName);

    public sealed record Delete(string Name);

    /// <summary>Asks for an array of <see cref="Listed"/>: one, or all where no name is given.</summary>
    public sealed record List(string? Name);

    /// <summary>A topology as it stands on this node.</summary>
    /// <param name="Status">With this node's tasks.</param>
    /// <param name="Plan">Null where the text makes no topology.</param>
    /// <param name="IsWhole">All of its tasks are this node's.</param>
    public sealed record Listed(TopologyStatus Status, TopologyPlan? Plan, bool IsWhole);

    public sealed record Text(string Name);

    /// <summary>The text asked for; null where there is no such topology.</summary>
    public sealed record FoundText(string? Value);

    public sealed record Deleted(bool WasThere);

    /// <summary>End all topologies, each with a commit; answered with <see cref="Stopped"/>.</summary>
    public sealed record StopAll;

    public sealed record Stopped;
}
