#nullable enable
using Akka.Actor;
using Akka.Cluster.Membership;
using Akka.Event;

namespace Akka.Cluster;

/// <summary>Tells subscribers and callbacks what the membership thread has seen, in order.</summary>
internal sealed class ClusterDaemon : UntypedActor
{
    private readonly EventStream _subscribers = new(debug: false);
    private readonly List<Action> _onUp = [];
    private readonly List<Action> _onRemoved = [];
    private readonly Cluster _cluster;
    private ClusterEvent.CurrentClusterState _state = new();

    public ClusterDaemon(Cluster cluster) => _cluster = cluster;

    public sealed record Subscribe(IActorRef Subscriber, ClusterEvent.SubscriptionInitialStateMode Mode, Type[] To) : INoSerializationVerificationNeeded;

    public sealed record Unsubscribe(IActorRef Subscriber, Type? To) : INoSerializationVerificationNeeded;

    public sealed record SendState(IActorRef Receiver) : INoSerializationVerificationNeeded;

    public sealed record OnUp(Action Callback) : INoSerializationVerificationNeeded;

    public sealed record OnRemoved(Action Callback) : INoSerializationVerificationNeeded;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case Observation observation: Publish(observation); break;
            case Subscribe subscribe: Add(subscribe); break;
            case Unsubscribe { To: null } all: _subscribers.Unsubscribe(all.Subscriber); break;
            case Unsubscribe one: _subscribers.Unsubscribe(one.Subscriber, one.To); break;
            case SendState send: send.Receiver.Tell(_state); break;
            case OnUp up when IsUp(): Run(up.Callback); break;
            case OnUp up: _onUp.Add(up.Callback); break;
            case OnRemoved removed: _onRemoved.Add(removed.Callback); break;
            default: Unhandled(message); break;
        }
    }

    protected override void PostStop()
    {
        _cluster.Shutdown();
        RunAll(_onRemoved);
        _cluster.Departure.Ended();
    }

    private bool IsUp() => _state.Members.Any(m => m.UniqueAddress == _cluster.SelfUniqueAddress && m.Status == MemberStatus.Up);

    private void Publish(Observation observation)
    {
        _state = observation.State;
        foreach (var change in observation.Events)
        {
            if (_cluster.Settings.LogInfo) LogOf(change);
            _subscribers.Publish(change);
            if (change is not ClusterEvent.IMemberEvent { Member: var member } || member.UniqueAddress != _cluster.SelfUniqueAddress) continue;
            if (change is ClusterEvent.MemberUp) RunAll(_onUp);
            _cluster.Departure.Passed(member.Status);
        }
        if (observation.RemovedFrom is not { } previous) return;
        _subscribers.Publish(ClusterEvent.ClusterShuttingDown.Instance);
        _cluster.Shutdown();
        RunAll(_onRemoved);
        _cluster.Departure.WasRemoved(previous);
    }

    private void LogOf(ClusterEvent.IClusterDomainEvent change)
    {
        switch (change)
        {
            case ClusterEvent.MemberRemoved removed:
                _cluster.Log.Info("Cluster Node [{0}] - Node [{1}] is removed, it was {2}", _cluster.SelfAddress, removed.Member.Address, removed.PreviousStatus);
                break;
            case ClusterEvent.IMemberEvent { Member: var member }:
                _cluster.Log.Info("Cluster Node [{0}] - Node [{1}] is {2}, roles [{3}]", _cluster.SelfAddress, member.Address, member.Status, string.Join(", ", member.Roles));
                break;
            case ClusterEvent.UnreachableMember unreachable:
                _cluster.Log.Warning("Cluster Node [{0}] - Node [{1}] is unreachable", _cluster.SelfAddress, unreachable.Member.Address);
                break;
            case ClusterEvent.ReachableMember reachable:
                _cluster.Log.Info("Cluster Node [{0}] - Node [{1}] is reachable again", _cluster.SelfAddress, reachable.Member.Address);
                break;
            default: break;
        }
    }

    private void Add(Subscribe subscribe)
    {
        if (subscribe.Mode == ClusterEvent.SubscriptionInitialStateMode.InitialStateAsSnapshot)
        {
            subscribe.Subscriber.Tell(_state);
        }
        else
        {
            foreach (var past in Past().Where(e => Array.Exists(subscribe.To, type => type.IsInstanceOfType(e)))) subscribe.Subscriber.Tell(past);
        }
        foreach (var type in subscribe.To) _subscribers.Subscribe(subscribe.Subscriber, type);
    }

    /// <summary>The events that would lead from nothing to the present state.</summary>
    private IEnumerable<ClusterEvent.IClusterDomainEvent> Past()
    {
        foreach (var member in _state.Unreachable) yield return new ClusterEvent.UnreachableMember(member);
        foreach (var member in _state.Members)
        {
            yield return member.Status switch
            {
                MemberStatus.Joining => new ClusterEvent.MemberJoined(member),
                MemberStatus.Up => new ClusterEvent.MemberUp(member),
                MemberStatus.Leaving => new ClusterEvent.MemberLeft(member),
                MemberStatus.Exiting => new ClusterEvent.MemberExited(member),
                _ => new ClusterEvent.MemberDowned(member),
            };
        }
        if (_state.Leader is not null) yield return new ClusterEvent.LeaderChanged(_state.Leader);
        foreach (var (role, leader) in _state.RoleLeaders) yield return new ClusterEvent.RoleLeaderChanged(role, leader);
    }

    private void RunAll(List<Action> callbacks)
    {
        var due = callbacks.ToList();
        callbacks.Clear();
        due.ForEach(Run);
    }

    private void Run(Action callback)
    {
        try
        {
            callback();
        }
        catch (Exception e)
        {
            _cluster.Log.Error(e, "A callback of the cluster failed");
        }
    }
}
