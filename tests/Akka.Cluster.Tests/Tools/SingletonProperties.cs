using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using FsCheck;
using FsCheck.Fluent;

namespace Akka.Cluster.Tests.Tools;

/// <summary>Managers on nodes that join, leave and crash, whose messages and views of the cluster take any time.</summary>
public sealed class SingletonProperties
{
    private static readonly Config Runs = Config.QuickThrowOnFailure.WithMaxTest(Environment.GetEnvironmentVariable("ACTORS_LONG") == "1" ? 3000 : 200);

    private static Arbitrary<(int Seed, bool Lease, List<int> Steps)> Histories =>
        Arb.From(from seed in Gen.Choose(0, int.MaxValue) from lease in Gen.Elements(true, false) from steps in Gen.Choose(0, 19).ListOf(120) select (seed, lease, steps.ToList()));

    [Fact]
    public void The_singleton_is_never_two() => Prop.ForAll(Histories, history =>
    {
        var cluster = new ModelSingletons(history.Seed, history.Lease);
        foreach (var step in history.Steps)
        {
            cluster.Act(step);
            Assert.True(cluster.Nodes.Count(node => node.Runs) <= 1, cluster.ToString());
        }
    }).Check(Runs);

    [Fact]
    public void In_the_end_it_runs_on_the_oldest_node() => Prop.ForAll(Histories, history =>
    {
        var cluster = new ModelSingletons(history.Seed, history.Lease);
        foreach (var step in history.Steps) cluster.Act(step);
        cluster.Settle();
        var running = cluster.Nodes.Where(node => node.Runs).ToList();
        var oldest = cluster.Oldest;
        Assert.True(oldest is null ? running.Count == 0 : running.Count == 1 && running[0] == oldest, cluster.ToString());
    }).Check(Runs);
}

/// <summary>Nodes in the order of their age. Each change of the cluster reaches each node in order, but when it does is open.</summary>
internal sealed class ModelSingletons(int seed, bool needsLease)
{
    private readonly Random _choice = new(seed);
    private readonly List<(UniqueAddress Node, MemberStatus Status)> _changes = [];
    private ModelNode? _leaseHolder;

    public List<ModelNode> Nodes { get; } = [];

    public IEnumerable<ModelNode> Alive => Nodes.Where(node => !node.Dead);

    public ModelNode? Oldest => Alive.FirstOrDefault(node => !node.Exits);

    public void Act(int step)
    {
        var alive = Alive.ToList();
        var node = alive.Count == 0 ? null : alive[_choice.Next(alive.Count)];
        switch (step)
        {
            case 0 when alive.Count < 4: Join(); break;
            case 1 when node is { Exits: false }:
                node.Exits = true;
                _changes.Add((node.Id, MemberStatus.Exiting));
                break;
            case 2 when node is not null:
                node.Dead = true;
                node.Runs = false;
                _changes.Add((node.Id, MemberStatus.Removed));
                if (_leaseHolder == node) _leaseHolder = null;
                break;
            case 3 when node is { Runs: true } && needsLease:
                _leaseHolder = null;
                Do(node, node.Machine.LeaseLost());
                break;
            case 4 or 5 when node is not null: Do(node, node.Machine.Retry()); break;
            default:
                if (node is not null) Proceed(node);
                break;
        }
    }

    private void Join()
    {
        var id = new UniqueAddress(new Address("akka.tcp", "model", "127.0.0.1", Nodes.Count + 1), Nodes.Count + 1);
        _changes.Add((id, MemberStatus.Up));
        var node = new ModelNode(id, needsLease) { Seen = _changes.Count };
        Nodes.Add(node);
        node.View.AddRange(_changes.Select(change => change.Node).Distinct());
        foreach (var (who, status) in _changes) node.Learn(who, status);
        Do(node, node.Machine.Begin(node.OldestSeen, node.Going));
    }

    // A change of the cluster is seen, a message arrives, the singleton stops, or the lease answers.
    private void Proceed(ModelNode node)
    {
        switch (_choice.Next(4))
        {
            case 0 when node.Seen < _changes.Count: See(node); break;
            case 1 when node.Inbox.TryDequeue(out var received): Do(node, node.Machine.Received(received.Message, received.From)); break;
            case 2 when node.Stops:
                node.Stops = node.Runs = false;
                Do(node, node.Machine.SingletonEnded());
                break;
            case 3 when node.AsksForLease: AnswerLease(node); break;
        }
    }

    private void AnswerLease(ModelNode node)
    {
        node.AsksForLease = false;
        var free = _leaseHolder is null || _leaseHolder == node;
        if (free) _leaseHolder = node;
        Do(node, node.Machine.LeaseAnswered(free));
    }

    private void See(ModelNode node)
    {
        var (who, status) = _changes[node.Seen++];
        node.Learn(who, status);
        if (status == MemberStatus.Exiting && who == node.Id) Do(node, node.Machine.SelfExits(node.OldestSeen));
        else
        {
            if (status == MemberStatus.Removed) Do(node, node.Machine.MemberRemoved(who));
            Do(node, node.Machine.OldestChanged(node.OldestSeen));
        }
    }

    public void Settle()
    {
        for (var round = 0; round < 60; round++)
        {
            foreach (var node in Alive.ToList())
            {
                while (node.Seen < _changes.Count) See(node);
                while (node.Inbox.TryDequeue(out var received)) Do(node, node.Machine.Received(received.Message, received.From));
                if (node.Stops)
                {
                    node.Stops = node.Runs = false;
                    Do(node, node.Machine.SingletonEnded());
                }
                if (node.AsksForLease) AnswerLease(node);
                Do(node, node.Machine.LeaseRetry());
                Do(node, node.Machine.Retry());
                // It goes once it may.
                if (node is { MayLeave: true, Dead: false })
                {
                    node.Dead = true;
                    _changes.Add((node.Id, MemberStatus.Removed));
                }
            }
        }
    }

    private void Do(ModelNode node, IReadOnlyList<SingletonEffect> effects)
    {
        foreach (var effect in effects)
        {
            switch (effect)
            {
                case SingletonEffect.Tell tell: Alive.FirstOrDefault(each => each.Id.Address == tell.Peer.Address)?.Inbox.Enqueue((tell.Message, node.Id)); break;
                case SingletonEffect.StartSingleton: node.Runs = true; break;
                case SingletonEffect.StopSingleton: node.Stops = node.Runs; break;
                case SingletonEffect.AcquireLease: node.AsksForLease = true; break;
                case SingletonEffect.ReleaseLease:
                    node.AsksForLease = false;
                    if (_leaseHolder == node) _leaseHolder = null;
                    break;
                case SingletonEffect.MayLeave: node.MayLeave = true; break;
            }
        }
    }

    public override string ToString() => string.Join("; ", Nodes.Select(node => $"{node.Id.Uid}: {node.Machine.State}{(node.Runs ? " runs" : "")}{(node.Dead ? " dead" : "")}{(node.Exits ? " exits" : "")}"));

    internal sealed class ModelNode(UniqueAddress id, bool needsLease)
    {
        private readonly Dictionary<UniqueAddress, MemberStatus> _statuses = [];

        public UniqueAddress Id => id;

        public SingletonMachine Machine { get; } = new(id, needsLease);

        public List<UniqueAddress> View { get; } = [];

        public Queue<(IClusterSingletonMessage Message, UniqueAddress From)> Inbox { get; } = new();

        public int Seen { get; set; }

        public bool Dead { get; set; }

        public bool Exits { get; set; }

        public bool MayLeave { get; set; }

        public bool Runs { get; set; }

        public bool Stops { get; set; }

        public bool AsksForLease { get; set; }

        public UniqueAddress OldestSeen => View.FirstOrDefault(node => _statuses[node] == MemberStatus.Up)!;

        public IEnumerable<UniqueAddress> Going => View.Where(node => _statuses[node] == MemberStatus.Exiting);

        public void Learn(UniqueAddress node, MemberStatus status)
        {
            if (!View.Contains(node)) View.Add(node);
            _statuses[node] = status;
        }
    }
}
