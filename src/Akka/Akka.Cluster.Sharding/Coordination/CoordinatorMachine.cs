using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Cluster.Sharding.Coordination;

/// <summary>What the coordinator's actor does for the machine. What is sent leaves once the events before it are stored.</summary>
internal abstract record CoordinatorEffect
{
    internal sealed record Persist(ICoordinatorEvent Event) : CoordinatorEffect;

    internal sealed record Send(IActorRef To, object Message) : CoordinatorEffect;

    internal sealed record Watch(IActorRef Region) : CoordinatorEffect;

    /// <summary>Ask the strategy; its answer is <see cref="CoordinatorMachine.Allocated"/>.</summary>
    internal sealed record Allocate(string Shard, IActorRef Requester) : CoordinatorEffect;

    /// <summary>After shard-start-timeout: <see cref="CoordinatorMachine.HostAgain"/>.</summary>
    internal sealed record HostLater(string Shard) : CoordinatorEffect;

    /// <summary>After handoff-timeout: <see cref="CoordinatorMachine.HandOffTimedOut"/>; each retry-interval until then <see cref="CoordinatorMachine.HandOffAgain"/>.</summary>
    internal sealed record HandOffTimers(string Shard, long Attempt) : CoordinatorEffect;

    internal sealed record HandOffEnded(string Shard) : CoordinatorEffect;

    internal sealed record Note(string What) : CoordinatorEffect;
}

/// <summary>
/// The coordinator's decisions: who is registered, which shard is where, what is moving. A shard has one home at a time; it gets
/// another one only after its home said that it stopped, or is gone.
/// </summary>
internal sealed class CoordinatorMachine(int minRegions = 1)
{
    private readonly Dictionary<string, HandOffProgress> _handOffs = [];
    private readonly Dictionary<string, IActorRef> _notStarted = [];
    private readonly Dictionary<string, HashSet<IActorRef>> _unallocated = [];
    private readonly HashSet<string> _asked = [];
    private readonly HashSet<IActorRef> _leaving = [];
    private List<CoordinatorEffect> _effects = [];
    private long _attempts;
    private bool _enough;

    public CoordinatorState State { get; private set; } = CoordinatorState.Empty;

    /// <summary>What the strategy sees: the regions that stay, with their shards.</summary>
    public IImmutableDictionary<IActorRef, IImmutableList<string>> Allocations => State.Regions.RemoveRange(_leaving);

    public ImmutableHashSet<string> Moving => [.. _handOffs.Keys];

    public void Recover(CoordinatorState snapshot) => State = snapshot;

    public void Recover(ICoordinatorEvent @event) => State = State.Apply(@event);

    /// <summary>Regions of nodes that are gone are so too; the others are told what is theirs.</summary>
    public IReadOnlyList<CoordinatorEffect> Recovered(Func<UniqueAddress, bool> isMember)
    {
        // Once shards were given out, all regions that the first start waits for had come.
        _enough |= !State.Shards.IsEmpty || State.Regions.Count >= minRegions;
        foreach (var region in State.Regions.Keys.Concat(State.Proxies).ToList())
        {
            if (isMember(State.NodeOf(region))) _effects.Add(new CoordinatorEffect.Watch(region));
            else Gone(region);
        }
        foreach (var (shard, region) in State.Shards) Host(shard, region);
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> Register(Register register)
    {
        var region = register.Region;
        // The same name of another start of the region, or of its node: references of two starts of a node may even be equal.
        foreach (var (earlier, uid) in State.Nodes.Where(each => each.Key.Path.Equals(region.Path)).ToList())
        {
            if (!earlier.Equals(region) || uid != register.NodeUid) Gone(earlier);
        }
        if (register.IsProxy ? !State.Proxies.Contains(region) : !State.Regions.ContainsKey(region))
        {
            Apply(register.IsProxy ? new ShardRegionProxyRegistered(region, register.NodeUid) : new ShardRegionRegistered(region, register.NodeUid));
            _effects.Add(new CoordinatorEffect.Watch(region));
        }
        Send(region, new RegisterAck(State.Regions.TryGetValue(region, out var shards) ? [.. shards] : []));
        // It took no orders before.
        foreach (var shard in _notStarted.Where(each => each.Value.Equals(region)).Select(each => each.Key).ToList()) Host(shard, region);
        foreach (var (shard, attempt) in _handOffs.Values.Select(each => (each.Shard, each.Attempt)).ToList()) Repeat(shard, attempt, region);
        _enough |= State.Regions.Count >= minRegions;
        foreach (var (shard, requesters) in _unallocated) Ask(shard, requesters.First());
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> GetShardHome(string shard, IActorRef requester)
    {
        FindHome(shard, requester);
        return Take();
    }

    /// <summary>The strategy's answer; null if it failed.</summary>
    public IReadOnlyList<CoordinatorEffect> Allocated(string shard, IActorRef region)
    {
        _asked.Remove(shard);
        if (!_unallocated.Remove(shard, out var requesters)) return Take();
        if (State.Shards.ContainsKey(shard))
        {
            foreach (var requester in requesters) FindHome(shard, requester);
        }
        else if (region is null || _leaving.Contains(region) || !State.Regions.ContainsKey(region))
        {
            // Those who want it ask again.
            _effects.Add(new CoordinatorEffect.Note($"shard [{shard}] not allocated: [{region?.Path.ToString() ?? "nothing"}] is no region that stays"));
        }
        else
        {
            Apply(new ShardHomeAllocated(shard, region));
            Host(shard, region);
            foreach (var requester in requesters.Where(each => !each.Equals(region))) Send(requester, new ShardHome(shard, region));
        }
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> ShardStarted(string shard, IActorRef region)
    {
        if (_notStarted.TryGetValue(shard, out var expected) && expected.Equals(region)) _notStarted.Remove(shard);
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> HostAgain(string shard)
    {
        if (_notStarted.TryGetValue(shard, out var region)) Host(shard, region);
        return Take();
    }

    /// <summary>The strategy's wish; only shards that have a home and are not moving move.</summary>
    public IReadOnlyList<CoordinatorEffect> Rebalance(IEnumerable<string> shards)
    {
        foreach (var shard in shards) Begin(shard);
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> GracefulShutdown(IActorRef region)
    {
        if (!State.Regions.TryGetValue(region, out var shards)) return Take();
        _leaving.Add(region);
        foreach (var shard in shards) Begin(shard);
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> BeginHandOffAck(BeginHandOffAck ack, IActorRef region)
    {
        if (Current(ack.Shard, ack.Attempt) is { } move) Promised(move, region);
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> ShardStopped(ShardStopped stopped)
    {
        if (Current(stopped.Shard, stopped.Attempt) is { Stopping: true } move)
        {
            Apply(new ShardHomeDeallocated(move.Shard));
            End(move);
        }
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> HandOffAgain(string shard, long attempt)
    {
        Repeat(shard, attempt, null);
        return Take();
    }

    /// <summary>The shard stays where it is; if it stopped after all, it starts again there.</summary>
    public IReadOnlyList<CoordinatorEffect> HandOffTimedOut(string shard, long attempt)
    {
        if (Current(shard, attempt) is not { } move) return Take();
        _effects.Add(new CoordinatorEffect.Note($"hand-off of shard [{shard}] timed out, {(move.Stopping ? "it did not stop" : $"no promise from {string.Join(", ", move.Silent)}")}"));
        End(move);
        if (!_leaving.Contains(move.Home)) Host(move.Shard, move.Home);
        return Take();
    }

    public IReadOnlyList<CoordinatorEffect> Terminated(IActorRef region)
    {
        Gone(region);
        return Take();
    }

    /// <summary>The node's regions are gone; those of a later node at the same address are not.</summary>
    public IReadOnlyList<CoordinatorEffect> MemberRemoved(UniqueAddress node)
    {
        foreach (var region in State.Nodes.Keys.Where(each => State.NodeOf(each) == node).ToList()) Gone(region);
        return Take();
    }

    private void FindHome(string shard, IActorRef requester)
    {
        if (_handOffs.TryGetValue(shard, out var move)) move.Requesters.Add(requester);
        else if (State.Shards.TryGetValue(shard, out var home)) Send(requester, new ShardHome(shard, home));
        else if (_unallocated.TryGetValue(shard, out var requesters)) requesters.Add(requester);
        else
        {
            _unallocated[shard] = [requester];
            Ask(shard, requester);
        }
    }

    private void Ask(string shard, IActorRef requester)
    {
        if (_enough && State.Regions.Keys.Any(each => !_leaving.Contains(each)) && _asked.Add(shard)) _effects.Add(new CoordinatorEffect.Allocate(shard, requester));
    }

    private void Host(string shard, IActorRef region)
    {
        _notStarted[shard] = region;
        Send(region, new HostShard(shard));
        _effects.Add(new CoordinatorEffect.HostLater(shard));
    }

    private void Begin(string shard)
    {
        if (!State.Shards.TryGetValue(shard, out var home) || _handOffs.ContainsKey(shard)) return;
        _notStarted.Remove(shard);
        var move = new HandOffProgress(shard, home, ++_attempts, State.Regions.Keys.Concat(State.Proxies));
        _handOffs[shard] = move;
        foreach (var region in move.Silent) Send(region, new BeginHandOff(shard, move.Attempt));
        _effects.Add(new CoordinatorEffect.HandOffTimers(shard, move.Attempt));
    }

    private HandOffProgress Current(string shard, long attempt) => _handOffs.TryGetValue(shard, out var move) && move.Attempt == attempt ? move : null;

    // To one region, or, if it is null, to all whose turn it is.
    private void Repeat(string shard, long attempt, IActorRef to)
    {
        if (Current(shard, attempt) is not { } move) return;
        if (!move.Stopping)
        {
            foreach (var region in move.Silent.Where(each => to is null || each.Equals(to))) Send(region, new BeginHandOff(shard, attempt));
        }
        else if (to is null || move.Home.Equals(to)) Send(move.Home, new HandOff(shard, attempt));
    }

    private void Promised(HandOffProgress move, IActorRef region)
    {
        if (move.Promised(region)) Send(move.Home, new HandOff(move.Shard, move.Attempt));
    }

    private void End(HandOffProgress move)
    {
        _handOffs.Remove(move.Shard);
        _effects.Add(new CoordinatorEffect.HandOffEnded(move.Shard));
        foreach (var requester in move.Requesters) FindHome(move.Shard, requester);
    }

    private void Gone(IActorRef region)
    {
        _leaving.Remove(region);
        foreach (var requesters in _unallocated.Values) requesters.Remove(region);
        foreach (var shard in _unallocated.Where(each => each.Value.Count == 0).Select(each => each.Key).ToList()) _unallocated.Remove(shard);
        foreach (var shard in _notStarted.Where(each => each.Value.Equals(region)).Select(each => each.Key).ToList()) _notStarted.Remove(shard);
        if (State.Proxies.Contains(region)) Apply(new ShardRegionProxyTerminated(region));
        if (State.Regions.ContainsKey(region)) Apply(new ShardRegionTerminated(region));
        foreach (var move in _handOffs.Values.ToList())
        {
            move.Requesters.Remove(region);
            if (move.Home.Equals(region)) End(move);
            else Promised(move, region);
        }
    }

    private void Apply(ICoordinatorEvent @event)
    {
        State = State.Apply(@event);
        _effects.Add(new CoordinatorEffect.Persist(@event));
    }

    private void Send(IActorRef to, object message) => _effects.Add(new CoordinatorEffect.Send(to, message));

    private List<CoordinatorEffect> Take()
    {
        // The strategy may answer at once: what was decided before must be stored before what it leads to.
        var effects = _effects.OrderBy(effect => effect is CoordinatorEffect.Allocate).ToList();
        _effects = [];
        return effects;
    }
}
