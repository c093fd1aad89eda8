using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>A coordinator, its journal and regions, whose messages take any time, and whose nodes crash and come back.</summary>
internal sealed class ModelSharding
{
    public const int Shards = 5;

    private readonly Random _choice;
    private readonly List<ICoordinatorEvent> _journal = [];
    private readonly List<(string Shard, long Attempt)> _timers = [];
    private readonly HashSet<string> _mayMove = [];
    private CoordinatorMachine _machine = new();
    private int _coordinator = 1;

    public ModelSharding(int seed, int nodes)
    {
        _choice = new Random(seed);
        for (var node = 1; node <= nodes; node++) Start(node);
    }

    public List<ModelRegion> Regions { get; } = [];

    /// <summary>What happened, for whoever reads a failure.</summary>
    public List<string> Story { get; } = [];

    public CoordinatorMachine Machine => _machine;

    public IReadOnlyList<ICoordinatorEvent> Journal => _journal;

    public IEnumerable<ModelRegion> Alive => Regions.Where(region => !region.Crashed);

    public static string Shard(int number) => $"s{number % Shards}";

    public void Start(int node)
    {
        var region = new ModelRegion(node, Regions.Count + 1);
        Regions.Add(region);
        Register(region);
    }

    public void Register(ModelRegion region) => region.Outbox.Enqueue((_coordinator, new Register(region.Ref, region.Uid, IsProxy: false)));

    public void Ask(ModelRegion region, string shard) => region.Outbox.Enqueue((_coordinator, new GetShardHome(shard)));

    public void Rebalance(IReadOnlyCollection<string> shards)
    {
        _mayMove.UnionWith(shards);
        Do(_machine.Rebalance(shards));
    }

    public void Leave(ModelRegion region)
    {
        if (_machine.State.Regions.TryGetValue(region.Ref, out var shards)) _mayMove.UnionWith(shards);
        Do(_machine.GracefulShutdown(region.Ref));
    }

    public void Crash(ModelRegion region)
    {
        Story.Add($"region {region.Uid} crashes");
        region.Crashed = true;
        region.Runs.Clear();
    }

    public void Bury(ModelRegion region, bool byNode) => Do(byNode
        ? _machine.MemberRemoved(new UniqueAddress(region.Ref.Path.Address, region.Uid))
        : _machine.Terminated(region.Ref));

    /// <summary>Another coordinator, with what the journal holds. Messages of the one before are still on their way.</summary>
    public void MoveCoordinator()
    {
        _coordinator++;
        Story.Add($"coordinator {_coordinator} takes over");
        _machine = new CoordinatorMachine();
        _timers.Clear();
        foreach (var each in _journal) _machine.Recover(each);
        var nodes = Alive.Select(region => new UniqueAddress(region.Ref.Path.Address, region.Uid)).ToHashSet();
        Do(_machine.Recovered(nodes.Contains));
        foreach (var region in Alive) Register(region);
    }

    public void Step()
    {
        var alive = Alive.ToList();
        if (alive.Count == 0) return;
        var region = alive[_choice.Next(alive.Count)];
        switch (_choice.Next(3))
        {
            case 0 when region.Outbox.TryDequeue(out var sent): Deliver(region, sent); break;
            case 1 when region.Inbox.TryDequeue(out var order): Receive(region, order); break;
            case 2 when region.Stopping.Count > 0: Stopped(region, region.Stopping.ElementAt(_choice.Next(region.Stopping.Count))); break;
        }
    }

    public void Timer(bool late)
    {
        if (_timers.Count == 0) return;
        var (shard, attempt) = _timers[_choice.Next(_timers.Count)];
        if (late) Do(_machine.HandOffTimedOut(shard, attempt));
        else Do(_machine.HandOffAgain(shard, attempt));
    }

    /// <summary>Everything arrives, every shard that stops has stopped, every timer fires.</summary>
    public void Settle()
    {
        foreach (var region in Regions.Where(each => each.Crashed)) Bury(region, byNode: false);
        foreach (var region in Alive) Register(region);
        Calm();
        foreach (var (shard, attempt) in _timers.ToList()) Do(_machine.HandOffTimedOut(shard, attempt));
        Calm();
    }

    private void Calm()
    {
        while (Alive.Any(region => region.Inbox.Count + region.Outbox.Count + region.Stopping.Count > 0))
        {
            foreach (var region in Alive)
            {
                while (region.Outbox.TryDequeue(out var sent)) Deliver(region, sent);
                while (region.Inbox.TryDequeue(out var order)) Receive(region, order);
                foreach (var shard in region.Stopping.ToList()) Stopped(region, shard);
            }
        }
    }

    private void Receive(ModelRegion region, (int Coordinator, object Message) order)
    {
        Story.Add($"region {region.Uid}, registered with {region.Registered}, gets from {order.Coordinator}: {order.Message}");
        region.Receive(order.Coordinator, order.Message);
    }

    private void Stopped(ModelRegion region, string shard)
    {
        Story.Add($"region {region.Uid}: {shard} has stopped");
        region.Stopped(shard);
    }

    private void Deliver(ModelRegion region, (int Coordinator, object Message) sent)
    {
        if (sent.Coordinator != _coordinator) return;
        Story.Add($"coordinator gets from region {region.Uid}: {sent.Message}");
        Do(sent.Message switch
        {
            Register register => _machine.Register(register),
            GetShardHome get => _machine.GetShardHome(get.Shard, region.Ref),
            ShardStarted started => _machine.ShardStarted(started.Shard, region.Ref),
            BeginHandOffAck ack => _machine.BeginHandOffAck(ack, region.Ref),
            ShardStopped stopped => _machine.ShardStopped(stopped),
            _ => throw new InvalidOperationException($"{sent.Message}"),
        });
    }

    private void Do(IReadOnlyList<CoordinatorEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case CoordinatorEffect.Persist { Event: var stored }:
                    if (stored is ShardHomeDeallocated gone) Assert.Contains(gone.Shard, _mayMove);
                    _journal.Add(stored);
                    break;
                case CoordinatorEffect.Send send: Regions.Single(region => region.Ref.Equals(send.To)).Inbox.Enqueue((_coordinator, send.Message)); break;
                case CoordinatorEffect.HandOffTimers timers: _timers.Add((timers.Shard, timers.Attempt)); break;
                case CoordinatorEffect.HandOffEnded ended: _timers.RemoveAll(each => each.Shard == ended.Shard); break;
                case CoordinatorEffect.Allocate allocate:
                    var regions = _machine.Allocations.Keys.OrderBy(each => each.Path.ToString(), StringComparer.Ordinal).ToList();
                    Do(_machine.Allocated(allocate.Shard, regions[_choice.Next(regions.Count)]));
                    break;
            }
        }
    }
}
