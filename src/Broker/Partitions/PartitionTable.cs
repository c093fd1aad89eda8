using System.Collections.Concurrent;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Ownership;
using Akka.Actor;

namespace Actors.Broker.Partitions;

/// <summary>A partition that this node leads now.</summary>
internal sealed record LedPartition(IActorRef Actor, int LeaderEpoch);

/// <summary>The partitions that this node leads. An actor enters once it has recovered and its epoch is settled, and leaves when it stops. The node's image follows.</summary>
internal sealed class PartitionTable(MetadataImage metadata, INodeLease lease)
{
    private readonly ConcurrentDictionary<PartitionId, LedPartition> _led = new();

    public int Count => _led.Count;

    public IEnumerable<LedPartition> All => _led.Values;

    /// <summary>Whom to ask for the partition here; null also while the node's lease does not hold, for then it serves nothing as leader.</summary>
    public LedPartition? Find(PartitionId id) => lease.Holds ? _led.GetValueOrDefault(id) : null;

    /// <summary>The partition's actor, lease or not.</summary>
    public IActorRef? FindActor(PartitionId id) => _led.GetValueOrDefault(id)?.Actor;

    public void Enter(PartitionId id, LedPartition partition)
    {
        _led[id] = partition;
        metadata.Leads(id, partition.LeaderEpoch);
    }

    /// <summary>Takes the partition out if it is still this actor's.</summary>
    public void Leave(PartitionId id, IActorRef actor)
    {
        if (_led.TryGetValue(id, out var led) && led.Actor.Equals(actor) && _led.TryRemove(new KeyValuePair<PartitionId, LedPartition>(id, led)))
            metadata.Leaves(id, led.LeaderEpoch);
    }
}
