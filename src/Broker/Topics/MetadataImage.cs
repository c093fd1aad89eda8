using System.Collections.Immutable;
using Actors.Machines;

namespace Actors.Broker.Topics;

/// <summary>
/// This node's copy of what topics exist, which nodes there are and who leads what. Each part is replaced as a whole, topics only by what is durable; readers keep
/// the one they took. What the node says of itself changes here first, and <see cref="OwnChanged"/> hands it on.
/// </summary>
internal sealed class MetadataImage(int nodeId, long incarnation = 1)
{
    private readonly Lock _changing = new();
    private volatile TopicsImage _topics = TopicsImage.Empty;
    private volatile ClusterImage _cluster = ClusterImage.Empty.With(NodeImage.Started(nodeId, incarnation));

    /// <summary>The topics changed: what they were, what they are, and by which event when it was one. Called one at a time, in order; it may only tell actors.</summary>
    public event Action<TopicsImage, TopicsImage, IMachineEvent?>? TopicsChanged;

    /// <summary>The topics actor of this node changed the topics: for the other nodes. Called one at a time, in order; it may only tell actors.</summary>
    public event Action<TopicsImage, IMachineEvent?>? Published;

    /// <summary>Nodes or leaders changed.</summary>
    public event Action? ClusterChanged;

    /// <summary>This node's own part changed, for the other nodes. Called one at a time, in order; it may only tell an actor.</summary>
    public event Action<NodeChange>? OwnChanged;

    public int NodeId { get; } = nodeId;

    /// <summary>The topics.</summary>
    public TopicsImage Current => _topics;

    /// <summary>Nodes and leaders.</summary>
    public ClusterImage Cluster => _cluster;

    public NodeImage Own => _cluster.Nodes[NodeId];

    /// <summary>The topics as the topics actor of this node made them durable.</summary>
    public void Publish(TopicsImage image, IMachineEvent? @event = null)
    {
        lock (_changing)
            if (Change(image, @event))
                Published?.Invoke(image, @event);
    }

    /// <summary>The topics as another node has them; older ones are not taken.</summary>
    public void Follow(TopicsImage image, IMachineEvent? @event = null)
    {
        lock (_changing)
            Change(image, @event);
    }

    public void Leads(PartitionId id, int epoch) => ChangeOwn(own => own.Description, [new PartitionLed(id, epoch)], []);

    public void Leaves(PartitionId id, int epoch)
    {
        lock (_changing)
            if (Own.Led.TryGetValue(id, out var led) && led == epoch)
                ChangeOwn(own => own.Description, [], [id]);
    }

    public void Describe(Func<NodeDescription, NodeDescription> change)
    {
        lock (_changing)
            if (!change(Own.Description).Equals(Own.Description))
                ChangeOwn(own => change(own.Description), [], []);
    }

    /// <summary>Another node's change; false when something is missing before it.</summary>
    public bool Take(NodeChange change)
    {
        lock (_changing)
        {
            if (change.Id == NodeId || _cluster.After(change) is not { } after)
                return false;
            _cluster = after;
        }
        ClusterChanged?.Invoke();
        return true;
    }

    /// <summary>A whole copy of another node's part.</summary>
    public void Take(NodeImage node)
    {
        lock (_changing)
            if (node.Id != NodeId)
                _cluster = _cluster.With(node);
        ClusterChanged?.Invoke();
    }

    /// <summary>Another node is gone.</summary>
    public void Forget(int node)
    {
        lock (_changing)
            if (node != NodeId)
                _cluster = _cluster.Without(node);
        ClusterChanged?.Invoke();
    }

    private bool Change(TopicsImage image, IMachineEvent? @event)
    {
        var before = _topics;
        if (image.Version <= before.Version)
            return false;
        _topics = image;
        TopicsChanged?.Invoke(before, image, @event);
        return true;
    }

    private void ChangeOwn(Func<NodeImage, NodeDescription> description, ImmutableArray<PartitionLed> leads, ImmutableArray<PartitionId> leaves)
    {
        lock (_changing)
        {
            var own = Own;
            var change = new NodeChange(NodeId, own.Incarnation, own.Version + 1, description(own), leads, leaves);
            _cluster = _cluster.After(change)!;
            OwnChanged?.Invoke(change);
        }
        ClusterChanged?.Invoke();
    }
}
