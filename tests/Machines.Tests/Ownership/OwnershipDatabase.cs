namespace Actors.Machines.Tests;

/// <summary>What the database holds of ownership, each method one statement.</summary>
internal sealed class OwnershipDatabase
{
    public Dictionary<long, NodeLeaseRow> Nodes { get; } = [];

    /// <summary>Who owns a shard, and by which of its acquisitions.</summary>
    public Dictionary<int, (long Uid, long Term)> Owners { get; } = [];

    public HashSet<long> Fenced { get; } = [];

    public bool Renew(long uid) => Change(uid, row => row.State == LeaseState.Live, row => row with { Counter = row.Counter + 1 });

    public LeaseState Condemn(long uid, long counter, long by)
    {
        Change(uid, row => row.State == LeaseState.Live && row.Counter == counter && IsLive(by), row => row with { State = LeaseState.Condemned });
        return StateOf(uid);
    }

    public LeaseState CondemnFormer(long uid)
    {
        Change(uid, row => row.State == LeaseState.Live, row => row with { State = LeaseState.Condemned });
        return StateOf(uid);
    }

    public bool MarkOut(long uid) => Change(uid, row => row.State == LeaseState.Condemned, row => row with { State = LeaseState.Out });

    public void Insert(long uid, int node)
    {
        foreach (var former in Nodes.Values.Where(row => row.NodeId == node && row.State == LeaseState.Out).ToArray())
            Nodes.Remove(former.Uid);
        Nodes.Add(uid, new NodeLeaseRow(uid, node, 1, LeaseState.Live));
    }

    public (long Uid, LeaseState State)? OwnerOf(int shard) => Owners.TryGetValue(shard, out var owner) ? (owner.Uid, StateOf(owner.Uid)) : null;

    public bool TakeFree(int shard, long by, long term) => IsLive(by) && Owners.TryAdd(shard, (by, term));

    /// <summary>From oneself too: the former acquisition's late release does nothing then.</summary>
    public bool TakeFrom(int shard, long owner, long by, long term)
    {
        if (!IsLive(by) || Owners.GetValueOrDefault(shard).Uid != owner)
            return false;
        Owners[shard] = (by, term);
        return true;
    }

    public bool Release(int shard, long by, long term) => Owners.GetValueOrDefault(shard) == (by, term) && Owners.Remove(shard);

    private bool IsLive(long uid) => Nodes.TryGetValue(uid, out var row) && row.State == LeaseState.Live;

    private LeaseState StateOf(long uid) => Nodes.TryGetValue(uid, out var row) ? row.State : LeaseState.Out;

    private bool Change(long uid, Func<NodeLeaseRow, bool> condition, Func<NodeLeaseRow, NodeLeaseRow> change)
    {
        if (!Nodes.TryGetValue(uid, out var row) || !condition(row))
            return false;
        Nodes[uid] = change(row);
        return true;
    }
}
