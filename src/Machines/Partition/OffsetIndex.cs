namespace Actors.Machines;

/// <summary>A stretch of the log, about a MiB while the log is young: where it begins, and its greatest timestamp.</summary>
/// <param name="Offset">The first batch's base offset.</param>
/// <param name="SequenceNr">The first batch's journal sequence number.</param>
/// <param name="Position">Bytes of batches appended before it, since the log began.</param>
/// <param name="MaxTimestamp">The greatest timestamp of its batches, -1 when none has one.</param>
/// <param name="MaxTimestampSequenceNr">The first batch that has it.</param>
public readonly record struct IndexEntry(long Offset, long SequenceNr, long Position, long MaxTimestamp, long MaxTimestampSequenceNr);

/// <summary>The sparse index from offset and time to journal sequence number. Entries are dense: each ends where the next begins, the last at the log's end.</summary>
internal sealed class OffsetIndex
{
    private const int StretchEvents = 1_024;

    /// <summary>An event weighs as much as so many bytes.</summary>
    private const int EventWeight = 1_024;

    private readonly PartitionLimits _limits;
    private readonly List<IndexEntry> _entries;

    public OffsetIndex(IEnumerable<IndexEntry> entries, long endPosition, PartitionLimits limits)
    {
        _limits = limits;
        _entries = [.. entries];
        EndPosition = endPosition;
    }

    /// <summary>Bytes of batches ever appended.</summary>
    public long EndPosition { get; private set; }

    public IReadOnlyList<IndexEntry> Entries => _entries;

    public void Add(long offset, long sequenceNr, int bytes, long maxTimestamp, bool startStretch)
    {
        if (_entries.Count == 0 || startStretch || EndPosition - _entries[^1].Position >= _limits.StretchBytes || sequenceNr - _entries[^1].SequenceNr >= StretchEvents)
        {
            if (_entries.Count >= _limits.MaxStretches)
                Thin(sequenceNr);
            _entries.Add(new IndexEntry(offset, sequenceNr, EndPosition, maxTimestamp, sequenceNr));
        }
        else if (maxTimestamp > _entries[^1].MaxTimestamp)
            _entries[^1] = _entries[^1] with { MaxTimestamp = maxTimestamp, MaxTimestampSequenceNr = sequenceNr };
        EndPosition += bytes;
    }

    /// <summary>The entry whose stretch holds the offset; -1 when it lies before the first.</summary>
    public int Floor(long offset)
    {
        int low = 0, high = _entries.Count - 1;
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle].Offset <= offset)
                low = middle + 1;
            else
                high = middle - 1;
        }
        return high;
    }

    /// <summary>The last sequence number that a read from <paramref name="position"/> of so many bytes needs.</summary>
    public long LastSequenceNrFor(long position, long bytes, long lastSequenceNr)
    {
        var end = position > long.MaxValue - bytes ? long.MaxValue : position + bytes;
        int low = 0, high = _entries.Count;
        while (low < high)
        {
            var middle = (low + high) >>> 1;
            if (_entries[middle].Position >= end)
                high = middle;
            else
                low = middle + 1;
        }
        return low == _entries.Count ? lastSequenceNr : Math.Min(lastSequenceNr, _entries[low].SequenceNr - 1);
    }

    /// <summary>Bytes of one event of a stretch in the mean, at least 1.</summary>
    public long MeanBytes(int entry, long lastSequenceNr)
    {
        var (sequenceNr, position) = entry + 1 < _entries.Count ? (_entries[entry + 1].SequenceNr, _entries[entry + 1].Position) : (lastSequenceNr + 1, EndPosition);
        return Math.Max(1, (position - _entries[entry].Position) / Math.Max(1, sequenceNr - _entries[entry].SequenceNr));
    }

    /// <summary>Forgets stretches all of whose events are deleted.</summary>
    public void DropThrough(long sequenceNr)
    {
        var gone = 0;
        while (gone + 1 < _entries.Count && _entries[gone + 1].SequenceNr - 1 <= sequenceNr)
            gone++;
        _entries.RemoveRange(0, gone);
    }

    /// <summary>
    /// Joins neighbours wherever both weigh at most four times the mean, which more than three of four do: about a quarter of the entries goes, at least one,
    /// and none comes to more than eight times the mean, however long the log is.
    /// </summary>
    private void Thin(long nextSequenceNr)
    {
        var most = 4 * Math.Max(1, Weight(0, _entries.Count, nextSequenceNr) / _entries.Count);
        var kept = new List<IndexEntry>(_entries.Count);
        for (var i = 0; i < _entries.Count; i++)
        {
            var entry = _entries[i];
            if (i + 1 < _entries.Count && Weight(i, i + 1, nextSequenceNr) <= most && Weight(i + 1, i + 2, nextSequenceNr) <= most)
            {
                var second = _entries[++i];
                if (second.MaxTimestamp > entry.MaxTimestamp)
                    entry = entry with { MaxTimestamp = second.MaxTimestamp, MaxTimestampSequenceNr = second.MaxTimestampSequenceNr };
            }
            kept.Add(entry);
        }
        _entries.Clear();
        _entries.AddRange(kept);
    }

    /// <summary>What the stretches from one entry up to another cost to read: their bytes, and something for each event.</summary>
    private long Weight(int from, int to, long nextSequenceNr)
    {
        var (sequenceNr, position) = to < _entries.Count ? (_entries[to].SequenceNr, _entries[to].Position) : (nextSequenceNr, EndPosition);
        return position - _entries[from].Position + (sequenceNr - _entries[from].SequenceNr) * EventWeight;
    }
}
