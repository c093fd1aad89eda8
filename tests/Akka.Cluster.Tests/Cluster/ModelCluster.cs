using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Membership;

namespace Akka.Cluster.Tests;

/// <summary>The table of members as the SQL statements have it, in memory.</summary>
internal sealed class ModelTable
{
    private readonly Dictionary<UniqueAddress, MemberRow> _rows = [];

    /// <summary>Ages in the order in which they were given.</summary>
    public List<int> Ages { get; } = [];

    public IReadOnlyList<MemberRow> Rows => [.. _rows.Values];

    public MemberRow this[UniqueAddress node]
    {
        get => _rows[node];
        set => _rows[node] = value;
    }

    public void Join(UniqueAddress node, params string[] roles)
    {
        foreach (var old in Rows.Where(r => r.Node.Address.Equals(node.Address)))
        {
            if (old.Status != MemberStatus.Removed) this[old.Node] = old with { Status = MemberStatus.Removed, PreviousStatus = MemberStatus.Down, Version = old.Version + 1 };
            else if (!old.WasUp || old.UpNumber < Rows.Where(r => r.WasUp).Max(r => r.UpNumber)) _rows.Remove(old.Node);
        }
        this[node] = new MemberRow(node, [.. roles], MemberStatus.Joining, MemberStatus.Joining, Member.NotUpYet, 0, false, 0);
    }

    public bool Renew(UniqueAddress node)
    {
        if (!_rows.TryGetValue(node, out var row) || !row.IsLive) return false;
        this[node] = row with { Renewals = row.Renewals + 1 };
        return true;
    }

    public bool Leave(UniqueAddress node) => Move(node, r => r.Status is MemberStatus.Joining or MemberStatus.Up, MemberStatus.Leaving);

    public bool ConfirmExiting(UniqueAddress node)
    {
        if (!_rows.TryGetValue(node, out var row) || row.Status != MemberStatus.Exiting || row.ExitingConfirmed) return false;
        this[node] = row with { ExitingConfirmed = true, Version = row.Version + 1 };
        return true;
    }

    public bool Apply(MemberChange change) => change switch
    {
        BringUp => Age(change),
        StartExiting => Move(change, r => r.Status == MemberStatus.Leaving, MemberStatus.Exiting),
        Remove => Move(change, r => r.Status is MemberStatus.Exiting or MemberStatus.Down, MemberStatus.Removed),
        DownSilent down => Move(change, r => r.IsLive && r.Renewals == down.Renewals && _rows.TryGetValue(down.Decider, out var decider) && decider.IsLive, MemberStatus.Down),
        _ => throw new ArgumentOutOfRangeException(nameof(change)),
    };

    private bool Age(MemberChange change)
    {
        if (!Move(change, r => r.Status == MemberStatus.Joining, MemberStatus.Up)) return false;
        var age = Rows.Where(r => r.WasUp).Select(r => r.UpNumber).DefaultIfEmpty(0).Max() + 1;
        this[change.Node] = this[change.Node] with { UpNumber = age };
        Ages.Add(age);
        return true;
    }

    private bool Move(MemberChange change, Func<MemberRow, bool> allowed, MemberStatus to) => Move(change.Node, r => r.Version == change.Version && allowed(r), to);

    private bool Move(UniqueAddress node, Func<MemberRow, bool> allowed, MemberStatus to)
    {
        if (!_rows.TryGetValue(node, out var row) || !allowed(row)) return false;
        this[node] = row with { Status = to, PreviousStatus = row.Status, Version = row.Version + 1 };
        return true;
    }
}

/// <summary>A node of the model: its machine, and what became of its process.</summary>
internal sealed class ModelNode(ModelTable table, UniqueAddress id, MembershipRules rules)
{
    private bool _confirmed;

    public UniqueAddress Id { get; } = id;

    public MembershipMachine Machine { get; } = new(id, rules);

    public List<ClusterEvent.IClusterDomainEvent> Events { get; } = [];

    public List<UniqueAddress> Probes { get; } = [];

    public bool Killed { get; set; }

    public bool Frozen { get; set; }

    public bool CutOff { get; set; }

    public MemberStatus? RemovedFrom { get; private set; }

    public bool IsMember => !Killed && RemovedFrom is null;

    public bool Works => IsMember && !Frozen && !CutOff;

    /// <summary>One round, as the node's thread makes it.</summary>
    public void Round(TimeSpan now, bool renews = true)
    {
        if (!Works) return;
        if (renews) table.Renew(Id);
        for (var pass = 0; pass < 8 && RemovedFrom is null; pass++)
        {
            var observation = Machine.Observe(table.Rows, now);
            Events.AddRange(observation.Events);
            Probes.AddRange(observation.Probes);
            RemovedFrom = observation.RemovedFrom;
            if (table.Rows.Any(r => r.Node == Id && r.Status == MemberStatus.Exiting) && !_confirmed) _confirmed = table.ConfirmExiting(Id);
            else if (observation.Changes.Count(table.Apply) == 0) return;
        }
    }

    public IEnumerable<MemberStatus> Path(UniqueAddress of) => Events.OfType<ClusterEvent.IMemberEvent>().Where(e => e.Member.UniqueAddress == of).Select(e => e.Member.Status);
}

/// <summary>Nodes with one table and a clock that the specification turns. Node i's address is node{i}:2552.</summary>
internal sealed class ModelCluster
{
    public static readonly MembershipRules Rules = new(
        TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(3), TimeSpan.Zero, 1, ImmutableDictionary<string, int>.Empty);

    public static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(100);

    private readonly List<ModelNode> _nodes = [];
    private int _uids = 100;

    public ModelTable Table { get; } = new();

    public TimeSpan Now { get; private set; }

    public IReadOnlyList<ModelNode> Nodes => _nodes;

    public IEnumerable<ModelNode> Living => _nodes.Where(n => n.IsMember);

    public static UniqueAddress Node(int number, int uid = 1) => new(Address.Parse($"akka.tcp://model@node{number}:2552"), uid);

    public ModelNode Join(int number, MembershipRules? rules = null, params string[] roles)
    {
        var node = new ModelNode(Table, Node(number, ++_uids), rules ?? Rules);
        // A process that starts at an address proves that the former one is gone.
        foreach (var former in _nodes.Where(n => n.Id.Address.Equals(node.Id.Address))) former.Killed = true;
        Table.Join(node.Id, roles);
        _nodes.Add(node);
        return node;
    }

    /// <summary>Time passes; each node renews when it is its turn, and reads at every tick.</summary>
    public void Run(TimeSpan time)
    {
        for (var end = Now + time; Now < end; Now += Tick)
        {
            for (var i = 0; i < _nodes.Count; i++) _nodes[i].Round(Now, (Now.Ticks / Tick.Ticks + i) % (Rules.RenewEvery.Ticks / Tick.Ticks) == 0);
        }
    }

    public void Run(double seconds) => Run(TimeSpan.FromSeconds(seconds));
}
