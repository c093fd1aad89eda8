using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Machines;

/// <summary>One of a producer's last batches: its sequence range, first offset and greatest timestamp.</summary>
public readonly record struct ProducerBatch(int BaseSequence, int LastSequence, long BaseOffset, long Timestamp);

/// <summary>What a partition knows of an idempotent producer. <paramref name="SequenceNr"/> is the journal's, of its last batch.</summary>
public sealed record ProducerSnapshot(long ProducerId, short Epoch, long SequenceNr, IReadOnlyList<ProducerBatch> Batches);

/// <summary>When the partition's last event was which: tells idle producers without a clock in the events.</summary>
public readonly record struct ActivityMark(long Time, long SequenceNr);

/// <summary>Idempotent producers: their epochs and last five batches. Source: Kafka 3.9's producer state (KIP-98, KIP-360).</summary>
internal sealed class ProducerStates
{
    public const int MaxProducers = 4_096;
    public const int RememberedBatches = 5;
    public const int MaxMarks = 512;

    private readonly Dictionary<long, ProducerState> _producers = [];
    private readonly List<ActivityMark> _marks = [];

    public ProducerStates(IEnumerable<ProducerSnapshot> producers, IEnumerable<ActivityMark> marks)
    {
        foreach (var producer in producers)
            _producers.Add(producer.ProducerId, ProducerState.From(producer));
        _marks.AddRange(marks);
    }

    public int Count => _producers.Count;

    /// <summary>The batch this one repeats, if it is one of the producer's last five.</summary>
    public ProducerBatch? Duplicate(in BatchHeader header) =>
        _producers.TryGetValue(header.ProducerId, out var state) && state.Epoch == header.ProducerEpoch
            ? state.Find(header.BaseSequence, header.LastSequence)
            : null;

    /// <summary>Whether the batch may follow what the producer wrote before.</summary>
    public (ErrorCode Error, string? Message) Check(in BatchHeader header, long offset)
    {
        // Kafka accepts any sequence of a producer that it does not know, and so does this: it may be one that expired, or had to make room, and goes on. Retention leaves producers.
        if (!_producers.TryGetValue(header.ProducerId, out var state))
            return default;
        if (header.ProducerEpoch < state.Epoch)
            return (ErrorCode.InvalidProducerEpoch,
                $"Epoch of producer {header.ProducerId} at offset {offset} is {header.ProducerEpoch}, which is smaller than the last seen epoch {state.Epoch}");
        if (header.ProducerEpoch > state.Epoch)
            return header.BaseSequence == 0 ? default : (ErrorCode.OutOfOrderSequenceNumber,
                $"Invalid sequence number for new epoch of producer {header.ProducerId} at offset {offset}: {header.ProducerEpoch} (request epoch), "
                + $"{header.BaseSequence} (seq. number), {state.Epoch} (current producer epoch)");
        var last = state.LastSequence;
        return header.BaseSequence == (last == int.MaxValue ? 0 : last + 1) ? default : (ErrorCode.OutOfOrderSequenceNumber,
            $"Out of order sequence number for producer {header.ProducerId} at offset {offset}: {header.BaseSequence} (incoming seq. number), {last} (current end sequence number)");
    }

    public void Add(in BatchHeader header, long sequenceNr)
    {
        if (!_producers.TryGetValue(header.ProducerId, out var state))
        {
            if (_producers.Count >= MaxProducers)
                DropIdlest();
            _producers.Add(header.ProducerId, state = new ProducerState { Id = header.ProducerId, Epoch = header.ProducerEpoch });
        }
        state.Add(header, sequenceNr);
    }

    public void Remove(IReadOnlyList<long> ids)
    {
        foreach (var id in ids)
            _producers.Remove(id);
    }

    /// <summary>Those that wrote nothing since a mark that is that old.</summary>
    public List<long> IdleSince(long time)
    {
        var mark = _marks.FindLastIndex(mark => mark.Time <= time);
        if (mark < 0)
            return [];
        var sequenceNr = _marks[mark].SequenceNr;
        return [.. _producers.Values.Where(state => state.SequenceNr <= sequenceNr).Select(state => state.Id).Order()];
    }

    /// <summary>Notes that nothing after <paramref name="sequenceNr"/> had been written at this time; of marks too old to matter the newest stays.</summary>
    public void Mark(long time, long sequenceNr, long forgetBefore)
    {
        var old = _marks.FindLastIndex(mark => mark.Time <= forgetBefore);
        if (old > 0)
            _marks.RemoveRange(0, old);
        if (_marks.Count == MaxMarks)
            _marks.RemoveAt(1);
        _marks.Add(new ActivityMark(time, sequenceNr));
    }

    public ProducerSnapshot[] ToSnapshot() => [.. _producers.Values.OrderBy(state => state.Id).Select(state => state.ToSnapshot())];

    public ActivityMark[] Marks => [.. _marks];

    /// <summary>Drops the eighth that has been idle longest; by sequence numbers, so that recovery drops the same.</summary>
    private void DropIdlest()
    {
        foreach (var state in _producers.Values.OrderBy(state => state.SequenceNr).Take(MaxProducers / 8).ToList())
            _producers.Remove(state.Id);
    }

    private sealed class ProducerState
    {
        private readonly ProducerBatch[] _batches = new ProducerBatch[RememberedBatches];
        private int _count, _next;

        public required long Id { get; init; }

        public required short Epoch { get; set; }

        public long SequenceNr { get; private set; }

        public int LastSequence => _batches[(_next + RememberedBatches - 1) % RememberedBatches].LastSequence;

        public static ProducerState From(ProducerSnapshot snapshot)
        {
            var state = new ProducerState { Id = snapshot.ProducerId, Epoch = snapshot.Epoch, SequenceNr = snapshot.SequenceNr };
            foreach (var batch in snapshot.Batches)
                state.Push(batch);
            return state;
        }

        public ProducerBatch? Find(int baseSequence, int lastSequence)
        {
            for (var i = 0; i < _count; i++)
                if (_batches[i].BaseSequence == baseSequence && _batches[i].LastSequence == lastSequence)
                    return _batches[i];
            return null;
        }

        public void Add(in BatchHeader header, long sequenceNr)
        {
            if (header.ProducerEpoch != Epoch)
            {
                Epoch = header.ProducerEpoch;
                _count = _next = 0;
            }
            Push(new ProducerBatch(header.BaseSequence, header.LastSequence, header.BaseOffset, header.MaxTimestamp));
            SequenceNr = sequenceNr;
        }

        public ProducerSnapshot ToSnapshot()
        {
            var batches = new ProducerBatch[_count];
            for (var i = 0; i < _count; i++)
                batches[i] = _batches[(_next - _count + i + RememberedBatches) % RememberedBatches];
            return new ProducerSnapshot(Id, Epoch, SequenceNr, batches);
        }

        private void Push(ProducerBatch batch)
        {
            _batches[_next] = batch;
            _next = (_next + 1) % RememberedBatches;
            _count = Math.Min(_count + 1, RememberedBatches);
        }
    }
}
