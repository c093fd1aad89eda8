namespace Actors.Topology.Runtime;

/// <summary>What <see cref="DeploymentsActor"/> is asked.</summary>
internal static class DeploymentMessages
{
    public sealed record Put(string Name, string Text, string FileName);

    public sealed record Delete(string Name);

    public sealed record List;

    public sealed record Text(string Name);

    /// <summary>The text asked for; null where there is no such topology.</summary>
    public sealed record FoundText(string? Value);

    public sealed record Deleted(bool WasThere);

    /// <summary>End all topologies, each with a commit; answered with <see cref="Stopped"/>.</summary>
    public sealed record StopAll;

    public sealed record Stopped;
}
