using Actors.Machines;
using Actors.Protocol;
using Akka.Actor;

namespace Actors.Broker.Partitions;

/// <summary>What a partition does when the storage is full: it refuses records, serves what it has, and goes on writing when there is room.</summary>
internal sealed partial class PartitionActor
{
    /// <summary>This start has not taken an epoch: its first event will bring it along.</summary>
    private bool _owesEpoch;

    /// <summary>The epoch was taken while the partition served already: it is to be told once it is durable.</summary>
    private bool _tellsEpoch;

    /// <summary>The topic's configuration was not looked at, or not written.</summary>
    private bool _configuresLater;

    /// <summary>A partition that never had an epoch has nothing to serve either.</summary>
    private bool StartsReadOnly => _broker.Storage.IsFull && _machine.LeaderEpoch >= 0;

    /// <summary>Serves what the journal has, under the epoch that the partition had.</summary>
    private void StartReadOnly()
    {
        _owesEpoch = _configuresLater = true;
        _settledAt = Applied;
        Serve();
    }

    /// <summary>Carries out a decision, together with the epoch where that is owed: nothing may be written under another node's.</summary>
    private Decision WithEpoch(Decision decision)
    {
        if (!_owesEpoch || decision.Events.Count == 0)
            return decision;
        _owesEpoch = false;
        _tellsEpoch = true;
        return _machine.UnderNextEpoch(decision);
    }

    /// <summary>Other nodes and clients know the epoch that the partition serves under.</summary>
    private void TellEpoch()
    {
        if (!_tellsEpoch || Durable < _settledAt)
            return;
        _tellsEpoch = false;
        _broker.Partitions.Enter(_id, new LedPartition(Self, _machine.LeaderEpoch));
    }

    private static BatchAnswer Refused(long token) => new(token, ErrorCode.KafkaStorageError, -1, -1, -1, "The storage is full.");

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr)
    {
        base.OnPersistFailure(cause, @event, sequenceNr);
        if (_broker.Storage.Failed(cause, @event is BatchAppended appended ? appended.Batch.Length : 0))
            AnswerUndurable(answer => answer switch
            {
                BatchAnswer batch => Refused(batch.Token),
                DeletedBefore deleted => new DeletedBefore(deleted.Token, ErrorCode.KafkaStorageError, -1),
                _ => null,
            });
    }
}
