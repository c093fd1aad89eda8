using System.Collections.Immutable;
using Akka.Actor;
using Akka.Event;

namespace Akka.Cluster.Tools.PublishSubscribe;

/// <summary>
/// One on each node: knows the subscribers here and, of the other nodes, the topics that have subscribers there. What is published goes
/// once to each such node; to one that has not said its topics yet as well.
/// </summary>
public class DistributedPubSubMediator : ReceiveActor, IWithTimers
{
    private readonly DistributedPubSubSettings _settings;
    private readonly Cluster _cluster = Cluster.Get(Context.System);
    private readonly Dictionary<string, HashSet<IActorRef>> _subscribers = [];
    private readonly Dictionary<Address, Peer> _peers = [];
    private long _version;

    internal DistributedPubSubMediator(DistributedPubSubSettings settings)
    {
        _settings = settings;
        Receive<Publish>(Publish);
        Receive<Relayed>(relayed => PublishHere(relayed.Topic, relayed.Message));
        Receive<Subscribe>(Subscribe);
        Receive<Unsubscribe>(Unsubscribe);
        Receive<Terminated>(terminated => Forget(terminated.ActorRef));
        Receive<Topics>(Heard);
        Receive<TopicsAck>(Acknowledged);
        Receive<GetTopics>(_ => Sender.Tell(new CurrentTopics(_subscribers.Keys.Concat(_peers.Values.SelectMany(peer => peer.Topics ?? [])).ToImmutableHashSet())));
        Receive<Repeat>(_ => Announce(anew: false));
        Receive<ClusterEvent.MemberRemoved>(removed =>
        {
            if (_peers.TryGetValue(removed.Member.Address, out var peer) && peer.Node == removed.Member.UniqueAddress) _peers.Remove(removed.Member.Address);
        });
        Receive<ClusterEvent.IMemberEvent>(change => Met(change.Member));
    }

    ITimerScheduler IWithTimers.Timers { get; set; }

    private ITimerScheduler Timers => ((IWithTimers)this).Timers;

    public ILoggingAdapter Log { get; } = Context.GetLogger();

    public static Props Props(DistributedPubSubSettings settings) => Actor.Props.Create(() => new DistributedPubSubMediator(settings)).WithDeploy(Deploy.Local);

    protected override void PreStart()
    {
        _cluster.Subscribe(Self, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IMemberEvent));
        Timers.StartPeriodicTimer(Repeat.Instance, Repeat.Instance, _settings.GossipInterval);
    }

    protected override void PostStop() => _cluster.Unsubscribe(Self);

    private void Met(Member member)
    {
        var counts = member.Status is MemberStatus.Up or MemberStatus.Leaving && (_settings.Role is null || member.HasRole(_settings.Role));
        if (!counts || member.UniqueAddress == _cluster.SelfUniqueAddress || (_peers.TryGetValue(member.Address, out var known) && known.Node == member.UniqueAddress)) return;
        var peer = _peers[member.Address] = new Peer(member.UniqueAddress, Context.ActorSelection(new RootActorPath(member.Address) / Self.Path.Elements));
        Tell(peer);
    }

    private void Publish(Publish publish)
    {
        var found = PublishHere(publish.Topic, publish.Message);
        foreach (var peer in _peers.Values.Where(each => each.Topics?.Contains(publish.Topic) != false))
        {
            found = true;
            peer.Mediator.Tell(new Relayed(publish.Topic, publish.Message), Sender);
        }
        if (!found && _settings.SendToDeadLettersWhenNoSubscribers) Context.System.DeadLetters.Tell(publish, Sender);
    }

    private bool PublishHere(string topic, object message)
    {
        if (!_subscribers.TryGetValue(topic, out var subscribers)) return false;
        foreach (var subscriber in subscribers) subscriber.Tell(message, Sender);
        return true;
    }

    private void Subscribe(Subscribe subscribe)
    {
        if (_subscribers.TryGetValue(subscribe.Topic, out var subscribers)) subscribers.Add(subscribe.Ref);
        else
        {
            _subscribers[subscribe.Topic] = [subscribe.Ref];
            Announce(anew: true);
        }
        Context.Watch(subscribe.Ref);
        Sender.Tell(new SubscribeAck(subscribe));
    }

    private void Unsubscribe(Unsubscribe unsubscribe)
    {
        Remove(unsubscribe.Topic, unsubscribe.Ref);
        if (!_subscribers.Values.Any(each => each.Contains(unsubscribe.Ref))) Context.Unwatch(unsubscribe.Ref);
        Sender.Tell(new UnsubscribeAck(unsubscribe));
    }

    private void Forget(IActorRef subscriber)
    {
        foreach (var topic in _subscribers.Keys.ToList()) Remove(topic, subscriber);
    }

    private void Remove(string topic, IActorRef subscriber)
    {
        if (!_subscribers.TryGetValue(topic, out var subscribers) || !subscribers.Remove(subscriber) || subscribers.Count > 0) return;
        _subscribers.Remove(topic);
        Announce(anew: true);
    }

    private void Announce(bool anew)
    {
        if (anew) _version++;
        foreach (var peer in _peers.Values.Where(each => each.Acknowledged < _version)) Tell(peer);
    }

    private void Tell(Peer peer) => peer.Mediator.Tell(new Topics(_cluster.SelfUniqueAddress.Uid, _version, [.. _subscribers.Keys]), Self);

    private void Heard(Topics topics)
    {
        if (!_peers.TryGetValue(Sender.Path.Address, out var peer) || peer.Node.Uid != topics.NodeUid) return;
        Sender.Tell(new TopicsAck(_cluster.SelfUniqueAddress.Uid, topics.Version));
        if (topics.Version < peer.Version) return;
        peer.Version = topics.Version;
        peer.Topics = [.. topics.Names];
    }

    private void Acknowledged(TopicsAck ack)
    {
        if (_peers.TryGetValue(Sender.Path.Address, out var peer) && peer.Node.Uid == ack.NodeUid) peer.Acknowledged = Math.Max(peer.Acknowledged, ack.Version);
    }

    private sealed class Peer(UniqueAddress node, ActorSelection mediator)
    {
        public UniqueAddress Node => node;

        public ActorSelection Mediator => mediator;

        /// <summary>The version of our topics that it knows; -1 for none.</summary>
        public long Acknowledged { get; set; } = -1;

        public long Version { get; set; } = -1;

        /// <summary>Null until it said them.</summary>
        public HashSet<string> Topics { get; set; }
    }

    private sealed class Repeat : INoSerializationVerificationNeeded
    {
        public static readonly Repeat Instance = new();
    }
}
