using System.Collections.Concurrent;
using Akka.Actor;

namespace Actors.Broker.Partitions;

/// <summary>A partition of a topic, by the topic's id: a topic created anew under an old name is another one.</summary>
internal readonly record struct PartitionId(Guid TopicId, int Partition)
{
    /// <summary>Also the name of its persistent actor.</summary>
    public string PersistenceId => $"p-{TopicId:N}-{Partition}";

    /// <summary>Null for the persistence id of something else.</summary>
    public static PartitionId? Parse(string persistenceId) =>
        persistenceId.Length > 35 && persistenceId.StartsWith("p-", StringComparison.Ordinal) && persistenceId[34] == '-'
        && Guid.TryParseExact(persistenceId.AsSpan(2, 32), "N", out var id) && int.TryParse(persistenceId.AsSpan(35), out var partition)
            ? new PartitionId(id, partition)
            : null;
}

/// <summary>A partition that this node leads now.</summary>
internal sealed record LedPartition(IActorRef Actor, int LeaderEpoch);

/// <summary>The partitions that this node leads. An actor enters once it has recovered and its epoch is settled, and leaves when it stops.</summary>
internal sealed class PartitionTable
{
    private readonly ConcurrentDictionary<PartitionId, LedPartition> _led = new();

    public int Count => _led.Count;

    public LedPartition? Find(PartitionId id) => _led.GetValueOrDefault(id);

    public void Enter(PartitionId id, LedPartition partition) => _led[id] = partition;

    /// <summary>Takes the partition out if it is still this actor's.</summary>
    public void Leave(PartitionId id, IActorRef actor)
    {
        if (_led.TryGetValue(id, out var led) && led.Actor.Equals(actor))
            _led.TryRemove(new KeyValuePair<PartitionId, LedPartition>(id, led));
    }
}
