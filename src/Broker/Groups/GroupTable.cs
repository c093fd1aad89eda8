using System.Collections.Concurrent;
using Actors.Ownership;
using Akka.Actor;

namespace Actors.Broker.Groups;

/// <summary>The groups that this node coordinates, and the partitions of <c>__consumer_offsets</c> that say which. Actors enter once they serve and leave when they stop.</summary>
internal sealed class GroupTable(INodeLease lease)
{
    private readonly ConcurrentDictionary<string, IActorRef> _coordinated = new();
    private readonly ConcurrentDictionary<int, (IActorRef Region, bool IsLoaded)> _regions = new();

    public int Count => _coordinated.Count;

    public IReadOnlyCollection<KeyValuePair<string, IActorRef>> All => _coordinated.ToArray();

    /// <summary>False until the groups that the journal holds serve, of every partition whose groups are started here.</summary>
    public bool IsLoaded => _regions.Values.All(region => region.IsLoaded);

    /// <summary>The group's coordinator here; null also while the node's lease does not hold, for then it coordinates nothing.</summary>
    public IActorRef? Find(string group) => lease.Holds ? _coordinated.GetValueOrDefault(group) : null;

    /// <summary>Whether the group's coordinator runs here, lease or not.</summary>
    public bool Has(string group) => _coordinated.ContainsKey(group);

    public void Enter(string group, IActorRef actor) => _coordinated[group] = actor;

    public void Leave(string group, IActorRef actor) => _coordinated.TryRemove(new KeyValuePair<string, IActorRef>(group, actor));

    /// <summary>Who starts groups of this partition, when it is led here.</summary>
    public IActorRef? FindRegion(int partition) => lease.Holds && _regions.TryGetValue(partition, out var region) ? region.Region : null;

    /// <summary>Whether groups of this partition are started here, lease or not.</summary>
    public bool HasRegion(int partition) => _regions.ContainsKey(partition);

    public void EnterRegion(int partition, IActorRef region) => _regions[partition] = (region, false);

    public void Loaded(int partition, IActorRef region) => _regions.TryUpdate(partition, (region, true), (region, false));

    public void LeaveRegion(int partition, IActorRef region)
    {
        if (_regions.TryGetValue(partition, out var known) && known.Region.Equals(region))
            _regions.TryRemove(new KeyValuePair<int, (IActorRef, bool)>(partition, known));
    }
}
