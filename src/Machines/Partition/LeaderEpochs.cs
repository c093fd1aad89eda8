namespace Actors.Machines;

/// <summary>A leader epoch and its first offset.</summary>
public readonly record struct EpochStart(int Epoch, long StartOffset);

/// <summary>Where an epoch ends, as OffsetForLeaderEpoch answers it; -1 and -1 when unknown.</summary>
public readonly record struct EpochEnd(int LeaderEpoch, long EndOffset);

/// <summary>The epoch history: epochs that hold records, and the current one. Source: Kafka's leader epoch cache (KIP-101, KIP-279).</summary>
internal sealed class LeaderEpochs(IEnumerable<EpochStart> history)
{
    private const int MaxEntries = 1_000;
    private readonly List<EpochStart> _history = [.. history];

    public IReadOnlyList<EpochStart> History => _history;

    public int Current => _history.Count == 0 ? -1 : _history[^1].Epoch;

    public void Start(int epoch, long startOffset)
    {
        // An epoch in which nothing was written leaves no trace.
        while (_history.Count > 0 && (_history[^1].StartOffset >= startOffset || _history[^1].Epoch >= epoch))
            _history.RemoveAt(_history.Count - 1);
        if (_history.Count == MaxEntries)
            _history.RemoveAt(0);
        _history.Add(new EpochStart(epoch, startOffset));
    }

    public void MoveStart(long logStartOffset)
    {
        var gone = 0;
        while (gone + 1 < _history.Count && _history[gone + 1].StartOffset <= logStartOffset)
            gone++;
        _history.RemoveRange(0, gone);
        if (_history.Count > 0 && _history[0].StartOffset < logStartOffset)
            _history[0] = _history[0] with { StartOffset = logStartOffset };
    }

    public int EpochOf(long offset)
    {
        var index = _history.FindLastIndex(start => start.StartOffset <= offset);
        return index < 0 ? -1 : _history[index].Epoch;
    }

    public EpochEnd EndOf(int epoch, long logEndOffset)
    {
        if (epoch < 0 || epoch > Current)
            return new EpochEnd(-1, -1);
        if (epoch == Current)
            return new EpochEnd(epoch, logEndOffset);
        var next = _history.FindIndex(start => start.Epoch > epoch);
        return next == 0 ? new EpochEnd(epoch, _history[0].StartOffset) : new EpochEnd(_history[next - 1].Epoch, _history[next].StartOffset);
    }
}
