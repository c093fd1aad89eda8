using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;

namespace Actors.Broker.Placement;

/// <summary>
/// Keeps the images of all nodes alike: tells the others at once what changes here, takes what changes there, and once a second compares, so that whatever was lost on
/// the way is asked for again.
/// </summary>
internal sealed class ImageExchange : UntypedActor, IWithTimers
{
    /// <summary>The actor's name, the same on every node.</summary>
    public const string Name = "image";

    private static readonly TimeSpan CompareInterval = TimeSpan.FromSeconds(1);

    private readonly BrokerContext _broker;
    private readonly Cluster _cluster;
    private readonly Dictionary<Address, Peer> _peers = [];
    private readonly Action<NodeChange> _ownChanged;
    private readonly Action<TopicsImage, IMachineEvent?> _published;

    public ImageExchange(BrokerContext broker)
    {
        _broker = broker;
        _cluster = Cluster.Get(Context.System);
        var self = Self;
        _ownChanged = change => self.Tell(new NodeChanged(change), self);
        _published = (image, @event) => self.Tell(@event is null ? Compare.Instance : new TopicsChangedBy(image.Version, @event), self);
    }

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(BrokerContext broker) => Akka.Actor.Props.Create(() => new ImageExchange(broker));

    protected override void PreStart()
    {
        _broker.Metadata.OwnChanged += _ownChanged;
        _broker.Metadata.Published += _published;
        _cluster.Subscribe(Self, ClusterEvent.SubscriptionInitialStateMode.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer("compare", Compare.Instance, CompareInterval);
    }

    protected override void PostStop()
    {
        _cluster.Unsubscribe(Self);
        _broker.Metadata.OwnChanged -= _ownChanged;
        _broker.Metadata.Published -= _published;
    }

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IImageMessage own when Sender.Equals(Self): TellAll(own); break;
            case Compare:
                _broker.Metadata.Describe(described => described with { Groups = _broker.Groups.Count });
                TellAll(Comparison());
                break;
            case IImageMessage told when _peers.TryGetValue(Sender.Path.Address, out var peer): Heard(told, peer); break;
            // A member that this node has not heard of yet: its comparison comes again.
            case IImageMessage: break;
            case ClusterEvent.MemberRemoved removed: Removed(removed.Member); break;
            case ClusterEvent.IMemberEvent known: Added(known.Member); break;
            default: Unhandled(message); break;
        }
    }

    private void Heard(IImageMessage message, Peer peer)
    {
        var metadata = _broker.Metadata;
        switch (message)
        {
            case NodeChanged changed:
                peer.IsOf(changed.Change.Id, changed.Change.Incarnation);
                if (!metadata.Take(changed.Change) && IsNewer(changed.Change.Id, changed.Change.Incarnation, changed.Change.Version))
                    Sender.Tell(AskNode.Instance, Self);
                break;
            case TopicsChangedBy changed:
                if (changed.Version == metadata.Current.Version + 1)
                    metadata.Follow(metadata.Current.After(changed.Event), changed.Event);
                else if (changed.Version > metadata.Current.Version)
                    Sender.Tell(AskTopics.Instance, Self);
                break;
            case CompareImages compare: Answer(compare, peer); break;
            case AskNode:
                foreach (var part in ImageFormat.Parts(metadata.Own))
                    Sender.Tell(new NodeCopy(part), Self);
                break;
            case AskTopics:
                foreach (var part in ImageFormat.Parts(metadata.Current))
                    Sender.Tell(new TopicsCopy(part), Self);
                break;
            case NodeCopy copy:
                peer.IsOf(copy.Part.Id, copy.Part.Incarnation);
                if (peer.Parts.Add(copy.Part) is { } node)
                    metadata.Take(node);
                break;
            case TopicsCopy copy:
                if (peer.Parts.Add(copy.Part) is { } topics)
                    metadata.Follow(topics);
                break;
        }
    }

    private void Answer(CompareImages compare, Peer peer)
    {
        peer.IsOf(compare.NodeId, compare.Incarnation);
        if (compare.NodeId == _broker.Metadata.NodeId)
            Context.GetLogger().Error("{0} says that it is node {1}, which this node is: each needs a node id of its own", Sender.Path.Address, compare.NodeId);
        else if (IsNewer(compare.NodeId, compare.Incarnation, compare.Version))
            Sender.Tell(AskNode.Instance, Self);
        if (compare.TopicsVersion > _broker.Metadata.Current.Version)
            Sender.Tell(AskTopics.Instance, Self);
    }

    private bool IsNewer(int node, long incarnation, long version) =>
        !_broker.Metadata.Cluster.Nodes.TryGetValue(node, out var known) || (incarnation, version).CompareTo((known.Incarnation, known.Version)) > 0;

    private CompareImages Comparison()
    {
        var (own, topics) = (_broker.Metadata.Own, _broker.Metadata.Current);
        return new CompareImages(own.Id, own.Incarnation, own.Version, topics.Epoch, topics.Version);
    }

    private void TellAll(IImageMessage message)
    {
        foreach (var peer in _peers.Values)
            peer.Selection.Tell(message, Self);
    }

    private void Added(Member member)
    {
        if (member.Address.Equals(_cluster.SelfAddress) || (_peers.TryGetValue(member.Address, out var known) && known.Member.Equals(member.UniqueAddress)))
            return;
        var peer = new Peer(member.UniqueAddress, Context.ActorSelection($"{member.Address}/user/{Name}"));
        _peers[member.Address] = peer;
        peer.Selection.Tell(Comparison(), Self);
    }

    /// <summary>A node that started again at the same address may be known already: only what the former start led is forgotten.</summary>
    private void Removed(Member member)
    {
        if (!_peers.TryGetValue(member.Address, out var peer) || !peer.Member.Equals(member.UniqueAddress))
            return;
        _peers.Remove(member.Address);
        if (_broker.Metadata.Cluster.Nodes.TryGetValue(peer.NodeId, out var node) && node.Incarnation <= peer.Incarnation)
            _broker.Metadata.Forget(peer.NodeId);
    }

    private sealed class Peer(UniqueAddress member, ActorSelection selection)
    {
        public UniqueAddress Member { get; } = member;

        public ActorSelection Selection { get; } = selection;

        public ImageParts Parts { get; } = new();

        public int NodeId { get; private set; } = -1;

        public long Incarnation { get; private set; }

        public void IsOf(int node, long incarnation) => (NodeId, Incarnation) = (node, incarnation);
    }

    private sealed class Compare
    {
        public static readonly Compare Instance = new();
    }
}
