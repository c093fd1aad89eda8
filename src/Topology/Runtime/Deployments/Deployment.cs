using Akka.Actor;

namespace Actors.Topology.Runtime;

/// <summary>A topology as this node knows it from the deployments' topic, until the topic says that it is gone.</summary>
internal sealed class Deployment(string text, TopologyProgress progress, RestartBackoff pause)
{
    public string Text => text;

    public TopologyProgress Progress => progress;

    /// <summary>Before it is begun again after its actor broke.</summary>
    public RestartBackoff Pause => pause;

    /// <summary>When its actor began.</summary>
    public long BegunAt { get; set; }

    /// <summary>What its actor broke of.</summary>
    public Exception? Error { get; set; }

    /// <summary>Null where the text makes no topology.</summary>
    public TopologyPlan? Plan { get; set; }

    /// <summary>Who runs it, or ends it; null while nobody does.</summary>
    public IActorRef? Actor { get; set; }

    /// <summary>It is to end: the name is free only afterwards.</summary>
    public bool Ending { get; set; }

    /// <summary>The node that removes what the topology has made, where it is being deleted.</summary>
    public int? Remover { get; set; }

    /// <summary>What it had made is removed.</summary>
    public bool Removed { get; set; }

    /// <summary>The topic has nothing under the name any more.</summary>
    public bool Gone { get; set; }

    /// <summary>What is deployed under the name once this has ended.</summary>
    public string? Replacement { get; set; }

    public List<IActorRef> ToldWhenGone { get; } = [];
}
