using System.Collections.Immutable;

namespace Actors.Machines;

/// <summary>Who leads a partition.</summary>
public readonly record struct PartitionLeader(int Node, int Epoch);

/// <summary>
/// What one node knows of all nodes and of who leads what; immutable. Each node is the only source of what it leads itself, so that no move waits for a third one;
/// of two that say they lead a partition, the greater leader epoch is right.
/// </summary>
public sealed record ClusterImage
{
    /// <summary>No nodes.</summary>
    public static readonly ClusterImage Empty = new();

    /// <summary>By node id.</summary>
    public ImmutableSortedDictionary<int, NodeImage> Nodes { get; private init; } = ImmutableSortedDictionary<int, NodeImage>.Empty;

    /// <summary>Every partition that somebody leads.</summary>
    public ImmutableDictionary<PartitionId, PartitionLeader> Leaders { get; private init; } = ImmutableDictionary<PartitionId, PartitionLeader>.Empty;

    /// <summary>The node whose topics actor has the greatest epoch; -1 when nobody says that it has it.</summary>
    public int Controller { get; private init; } = -1;

    /// <summary>The partition's leader, or null.</summary>
    public PartitionLeader? Leader(PartitionId id) => Leaders.TryGetValue(id, out var leader) ? leader : null;

    /// <summary>The image after a change; null when another change is missing before it, or it is of another incarnation than the one known.</summary>
    public ClusterImage? After(NodeChange change)
    {
        if (!Nodes.TryGetValue(change.Id, out var node) || node.Incarnation != change.Incarnation || node.Version + 1 != change.Version)
            return null;
        var led = node.Led.ToBuilder();
        foreach (var partition in change.Leaves)
            led.Remove(partition);
        foreach (var (partition, epoch) in change.Leads)
            led[partition] = epoch;
        var after = node with { Version = change.Version, Description = change.Description, Led = led.ToImmutable() };
        return Replace(after, change.Leaves.Concat(change.Leads.Select(lead => lead.Partition)));
    }

    /// <summary>The image with a node as a whole copy has it, unless what is known of it is as new.</summary>
    public ClusterImage With(NodeImage node)
    {
        if (Nodes.TryGetValue(node.Id, out var known) && (known.Incarnation, known.Version).CompareTo((node.Incarnation, node.Version)) >= 0)
            return this;
        return Replace(node, known is null ? node.Led.Keys : node.Led.Keys.Concat(known.Led.Keys));
    }

    /// <summary>The image without a node: it leads nothing any more.</summary>
    public ClusterImage Without(int id)
    {
        if (!Nodes.TryGetValue(id, out var known))
            return this;
        var without = this with { Nodes = Nodes.Remove(id) };
        return without.Settle(known.Led.Keys);
    }

    private ClusterImage Replace(NodeImage node, IEnumerable<PartitionId> touched) => (this with { Nodes = Nodes.SetItem(node.Id, node) }).Settle(touched);

    private ClusterImage Settle(IEnumerable<PartitionId> touched)
    {
        var leaders = Leaders.ToBuilder();
        foreach (var partition in touched)
        {
            PartitionLeader? best = null;
            foreach (var (id, node) in Nodes)
                if (node.Led.TryGetValue(partition, out var epoch) && (best is null || epoch > best.Value.Epoch))
                    best = new PartitionLeader(id, epoch);
            if (best is { } leader)
                leaders[partition] = leader;
            else
                leaders.Remove(partition);
        }
        var (controller, controllerEpoch) = (-1, 0);
        foreach (var (id, node) in Nodes)
            if (node.Description.ControllerEpoch > controllerEpoch)
                (controller, controllerEpoch) = (id, node.Description.ControllerEpoch);
        return this with { Leaders = leaders.ToImmutable(), Controller = controller };
    }
}
