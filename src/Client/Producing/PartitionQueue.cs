using Actors.Protocol;

namespace Actors.Client;

/// <summary>
/// One partition's batches, waiting and on their way, and every decision about them: what may be sent now, under which sequence number, and what
/// an error means. Holds no clock and sends nothing; the producer's lock guards it. The rules are those of Kafka's <c>TransactionManager</c>,
/// <c>RecordAccumulator</c> and <c>Sender</c>:
/// up to five batches on their way; a batch to be repeated goes before later ones, and alone until it is settled;
/// the first under an identity goes alone too (a broker that knows nothing of a producer takes any sequence, and so sees no gap);
/// after a batch is lost for good the sequence may have a gap: what was sent behind it is settled under the old identity, or refused for the gap, before
/// the partition starts again from 0 under a raised epoch. Renumbered sooner, what is written already would be written twice.
/// </summary>
internal sealed class PartitionQueue(TopicPartition partition, bool idempotent, int maxInFlight)
{
    /// <summary>In the order to be sent: those to be repeated first, the one that takes records last.</summary>
    private readonly LinkedList<ProducerBatch> _waiting = new();
    private readonly List<ProducerBatch> _inFlight = [];
    private ProducerIdentity _identity = ProducerIdentity.None;
    private int _nextSequence;
    private long _nextOrder;

    /// <summary>The broker has refused a batch for the gap before it: nothing that was sent behind it is written either.</summary>
    private bool _gapIsProven;

    /// <summary>The broker has written a batch of this identity, so that it sees a gap before the next.</summary>
    private bool _isKnownToBroker;

    public enum Outcome
    {
        Retry,
        Succeeded,
        Failed,
    }

    public TopicPartition Partition { get; } = partition;

    public bool IsIdle => _waiting.Count == 0 && _inFlight.Count == 0;

    public bool HasWaiting => _waiting.Count > 0;

    /// <summary>The sequence may have a gap: nothing new is sent under this identity.</summary>
    public bool NeedsNewIdentity { get; private set; }

    /// <summary>Nothing sent under the old identity can be written any more, so the epoch may be raised.</summary>
    public bool CanTakeNewIdentity => NeedsNewIdentity && _inFlight.Count == 0 && (_gapIsProven || !_waiting.Any(batch => batch.Sequence >= 0));

    public ProducerIdentity Identity => _identity;

    /// <summary>The batch that takes records at the moment, if there is one.</summary>
    public ProducerBatch? Open => _waiting.Last is { Value: { Closed: false, Order: < 0 } open } ? open : null;

    public IEnumerable<ProducerBatch> All => _inFlight.Concat(_waiting);

    public void Add(ProducerBatch batch)
    {
        if (Open is { } open) open.Closed = true;
        _waiting.AddLast(batch);
    }

    /// <summary>Takes off the batches created before a time; one that was sent before leaves a gap, for nobody knows whether it arrived.</summary>
    public List<ProducerBatch> TakeExpired(long createdBefore)
    {
        var expired = new List<ProducerBatch>();
        while (_waiting.First is { } first && first.Value.CreatedAt < createdBefore)
        {
            _waiting.RemoveFirst();
            NeedsNewIdentity |= idempotent && first.Value.Order >= 0;
            expired.Add(first.Value);
        }
        return expired;
    }

    /// <summary>Takes off everything that waits: the producer is at its end.</summary>
    public List<ProducerBatch> TakeWaiting()
    {
        var all = _waiting.ToList();
        _waiting.Clear();
        return all;
    }

    /// <summary>The batch to send next, if one may be sent now; else <paramref name="notBefore"/> says when time alone changes that (<see cref="long.MaxValue"/>: never).</summary>
    /// <param name="now">A timestamp of the clock; all times are.</param>
    /// <param name="linger">How long a batch that still takes records waits.</param>
    /// <param name="current">The producer's identity; <see cref="ProducerIdentity.None"/> when it is not idempotent.</param>
    public ProducerBatch? Take(long now, long linger, ProducerIdentity current, out long notBefore)
    {
        notBefore = long.MaxValue;
        if (_waiting.First is not { Value: var first } || _inFlight.Count >= maxInFlight) return null;
        if (NeedsNewIdentity && (_gapIsProven || first.Sequence < 0)) return null;
        // What was sent under an older identity is settled under it; only then the new one is taken on.
        if (first.Order < 0 && _identity != current && _inFlight.Count > 0) return null;
        var ready = first.Order >= 0 ? first.NotBefore : first.Closed || _waiting.Count > 1 ? now : first.CreatedAt + linger;
        if (ready > now)
        {
            notBefore = ready;
            return null;
        }
        // A repeated batch goes ahead only of what is settled: were it to overtake an earlier one, the broker would see a gap.
        if (first.Order >= 0 && _inFlight.Exists(sent => sent.Order < first.Order)) return null;
        if (first.Order < 0 && _identity != current) Renew(current);
        if (idempotent && !_isKnownToBroker && _inFlight.Count > 0) return null;
        _waiting.RemoveFirst();
        first.Closed = true;
        if (first.Order < 0) (first.Order, _nextOrder) = (_nextOrder, _nextOrder + ProducerBatch.MaxRecords);
        if (idempotent && first.Sequence < 0) AssignSequence(first);
        first.Attempts++;
        _inFlight.Add(first);
        return first;
    }

    public void Succeed(ProducerBatch batch)
    {
        _inFlight.Remove(batch);
        _isKnownToBroker |= batch.Identity == _identity;
    }

    /// <summary>Puts two halves in the place of a batch that was on its way and is too large to be written.</summary>
    public void Split(ProducerBatch batch)
    {
        _inFlight.Remove(batch);
        var (first, second) = batch.Split();
        Requeue(first);
        Requeue(second);
    }

    /// <summary>What an error means for a batch that was on its way.</summary>
    /// <param name="batch">The batch.</param>
    /// <param name="error">The error.</param>
    /// <param name="retryAt">When it may be sent again.</param>
    /// <param name="expired">Its delivery time-out has passed.</param>
    public Outcome Fail(ProducerBatch batch, ErrorCode error, long retryAt, bool expired)
    {
        _inFlight.Remove(batch);
        // The broker has it, from a try whose answer was lost, and remembers no more at which offset.
        if (idempotent && error == ErrorCode.DuplicateSequenceNumber)
        {
            Succeed(batch);
            return Outcome.Succeeded;
        }
        var gap = idempotent && error is ErrorCode.OutOfOrderSequenceNumber or ErrorCode.UnknownProducerId or ErrorCode.InvalidProducerEpoch;
        if (!expired && (gap || error.IsRetriable()))
        {
            // With an earlier batch unsettled the gap closes by itself; without one the broker has lost the producer's state.
            if (gap && !HasEarlier(batch)) NeedsNewIdentity = _gapIsProven = true;
            batch.NotBefore = retryAt;
            Requeue(batch);
            return Outcome.Retry;
        }
        NeedsNewIdentity |= idempotent;
        return Outcome.Failed;
    }

    /// <summary>Starts the sequence again from 0 once the identity has changed and nothing is on its way under the old one.</summary>
    public void Renew(ProducerIdentity identity)
    {
        (_identity, _nextSequence) = (identity, 0);
        NeedsNewIdentity = _gapIsProven = _isKnownToBroker = false;
        foreach (var batch in _waiting) (batch.Sequence, batch.Encoded) = (-1, null);
    }

    private void AssignSequence(ProducerBatch batch)
    {
        (batch.Identity, batch.Sequence) = (_identity, _nextSequence);
        // Sequence numbers go from 2^31-1 back to 0.
        _nextSequence = (int)(((long)_nextSequence + batch.Builder.Count) & int.MaxValue);
    }

    private bool HasEarlier(ProducerBatch batch) =>
        _inFlight.Exists(sent => sent.Order < batch.Order) || _waiting.Any(other => other.Order >= 0 && other.Order < batch.Order);

    private void Requeue(ProducerBatch batch)
    {
        var after = _waiting.First;
        while (after is { Value.Order: >= 0 } && after.Value.Order < batch.Order) after = after.Next;
        if (after is null) _waiting.AddLast(batch);
        else _waiting.AddBefore(after, batch);
    }
}
