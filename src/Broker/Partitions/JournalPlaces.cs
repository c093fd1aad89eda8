using Actors.Machines;

namespace Actors.Broker.Partitions;

/// <summary>Where the last reads of the journal ended, so that the next fetch of the same consumer starts there and not at the sparse index's entry before it.</summary>
internal sealed class JournalPlaces
{
    private const int Kept = 32;
    private readonly SortedList<long, long> _sequenceNrs = [];
    private readonly Queue<long> _oldestFirst = new();

    public void Remember(long offset, long sequenceNr)
    {
        if (!_sequenceNrs.TryAdd(offset, sequenceNr))
            return;
        _oldestFirst.Enqueue(offset);
        if (_oldestFirst.Count > Kept)
            _sequenceNrs.Remove(_oldestFirst.Dequeue());
    }

    /// <summary>The nearest remembered place at or before the offset.</summary>
    public JournalPlace? Before(long offset)
    {
        var keys = _sequenceNrs.Keys;
        for (var i = keys.Count - 1; i >= 0; i--)
            if (keys[i] <= offset)
                return new JournalPlace(keys[i], _sequenceNrs.Values[i]);
        return null;
    }
}
