using Actors.Broker.Network;
using Actors.Machines;
using Akka.Actor;

namespace Actors.Broker.Topics;

/// <summary>Answers on new partitions, which leave when all of them have leaders, or have taken too long: clients then find them by asking again.</summary>
internal sealed class AwaitedLeaders
{
    private const long WithinMs = 5_000;

    private readonly List<Awaited> _awaited = [];

    public bool IsEmpty => _awaited.Count == 0;

    /// <param name="sequenceNr">What the answer rests on.</param>
    public void Add(IActorRef replyTo, IAnswer answer, IEnumerable<PartitionId> partitions, long sequenceNr, long now) =>
        _awaited.Add(new Awaited(replyTo, answer, partitions.ToHashSet(), sequenceNr, now + WithinMs));

    /// <summary>Takes out what may leave now.</summary>
    public IReadOnlyList<(IActorRef ReplyTo, IAnswer Answer)> Take(ClusterImage cluster, long now, long durable)
    {
        var ready = new List<(IActorRef, IAnswer)>();
        for (var i = _awaited.Count - 1; i >= 0; i--)
        {
            var awaited = _awaited[i];
            awaited.Leaderless.RemoveWhere(id => cluster.Leader(id) is not null);
            if (awaited.Leaderless.Count > 0 && (now < awaited.Deadline || durable < awaited.SequenceNr))
                continue;
            _awaited.RemoveAt(i);
            ready.Add((awaited.ReplyTo, awaited.Answer));
        }
        return ready;
    }

    private sealed record Awaited(IActorRef ReplyTo, IAnswer Answer, HashSet<PartitionId> Leaderless, long SequenceNr, long Deadline);
}
