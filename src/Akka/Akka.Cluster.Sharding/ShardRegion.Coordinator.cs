using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Sharding.Regions;
using Akka.Event;

namespace Akka.Cluster.Sharding;

public sealed partial class ShardRegion
{
    // The coordinator is on the oldest node, or still on one that leaves.
    private void Register()
    {
        if (_coordinator is not null) return;
        var register = new Register(Self, _cluster.SelfUniqueAddress.Uid, IsProxy);
        foreach (var member in _members.Leading) Context.ActorSelection(new RootActorPath(member.Address) / _coordinatorPath.Split('/')).Tell(register, Self);
        Timers.StartSingleTimer(RegisterAgain.Instance, RegisterAgain.Instance, _pause);
        _pause = _pause * 2 < Tuning.RetryInterval ? _pause * 2 : Tuning.RetryInterval;
    }

    private void RegisterAnew()
    {
        _pause = LeastPause;
        Register();
    }

    private void Registered(RegisterAck ack)
    {
        if (_gone.Contains(Sender.Path.Address)) return;
        if (!Sender.Equals(_coordinator))
        {
            if (_coordinator is not null) Context.Unwatch(_coordinator);
            _coordinator = Context.Watch(Sender);
        }
        Timers.Cancel(RegisterAgain.Instance);
        _pause = LeastPause;
        foreach (var shard in _hosted.Keys.Except(ack.Shards).ToList())
        {
            if (IsHome(shard)) _homes.Remove(shard);
            StopStray(shard);
        }
        // What another coordinator said of shards elsewhere is still true, or their regions know better.
        foreach (var shard in _homes.Where(each => each.Value.Equals(Self)).Select(each => each.Key).Except(ack.Shards).ToList()) _homes.Remove(shard);
        AskAgain();
    }

    private void CoordinatorGone()
    {
        if (_coordinator is null) return;
        Context.Unwatch(_coordinator);
        _coordinator = null;
        RegisterAnew();
    }

    private void MemberChanged(ClusterEvent.IMemberEvent change)
    {
        var oldestChanged = _members.Apply(change);
        var address = change.Member.Address;
        if (change is not ClusterEvent.MemberRemoved) _gone.Remove(address);
        else if (!address.Equals(_cluster.SelfAddress))
        {
            _gone.Add(address);
            Forget(home => home.Path.Address.Equals(address));
            if (_coordinator is not null && _coordinator.Path.Address.Equals(address)) CoordinatorGone();
        }
        if (oldestChanged) RegisterAnew();
    }

    private void AskAgain()
    {
        if (_coordinator is null) return;
        foreach (var shard in _buffers.Shards)
        {
            if (!_homes.ContainsKey(shard)) AskFor(shard);
        }
        if (!_leaving) return;
        _coordinator.Tell(new GracefulShutdownRequest(Self), Self);
        StopIfDone();
    }

    private void Leave()
    {
        if (_leaving) return;
        _leaving = true;
        _coordinator?.Tell(new GracefulShutdownRequest(Self), Self);
        StopIfDone();
    }

    // What waits may still find a home elsewhere; but if there is no other region, nothing ever will.
    private void StopIfDone()
    {
        if (!_leaving || _hosted.Count > 0) return;
        if (_buffers.Count == 0) Context.Stop(Self);
        else if (!Timers.IsTimerActive(LeaveNow.Instance)) Timers.StartSingleTimer(LeaveNow.Instance, LeaveNow.Instance, LastPatience);
    }

    private void Answer(IShardRegionQuery query)
    {
        switch (query)
        {
            case GetShardRegionState:
                Collect(_settings.ShardRegionQueryTimeout).PipeTo(Sender, Self, all => new CurrentShardRegionState(
                    [.. all.Where(each => each.State is not null).Select(each => each.State)], Silent(all)));
                break;
            case GetShardRegionStats:
                Collect(_settings.ShardRegionQueryTimeout).PipeTo(Sender, Self, all => new ShardRegionStats(
                    all.Where(each => each.State is not null).ToImmutableDictionary(each => each.Shard, each => each.State.EntityIds.Count), Silent(all)));
                break;
            case GetClusterShardingStats or GetCurrentRegions when _coordinator is not null:
                _coordinator.Forward(query);
                break;
            case GetClusterShardingStats: Sender.Tell(new ClusterShardingStats(ImmutableDictionary<Address, ShardRegionStats>.Empty)); break;
            case GetCurrentRegions: Sender.Tell(new CurrentRegions([])); break;
            default: Unhandled(query); break;
        }
    }

    private static ImmutableHashSet<string> Silent((string Shard, ShardState State)[] all) => [.. all.Where(each => each.State is null).Select(each => each.Shard)];

    private Task<(string Shard, ShardState State)[]> Collect(TimeSpan timeout) => Task.WhenAll(_hosted.Select(each => StateOf(each.Key, each.Value.Ref, timeout)).ToList());

    private static async Task<(string Shard, ShardState State)> StateOf(string shard, IActorRef actor, TimeSpan timeout)
    {
        try
        {
            return (shard, await actor.Ask<ShardState>(Shard.GetState.Instance, timeout).ConfigureAwait(false));
        }
        catch (AskTimeoutException)
        {
            return (shard, null);
        }
    }
}
