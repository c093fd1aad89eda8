namespace Actors.Topology;

/// <summary>The rows of each window start, in a list linked through arrays, so that windows past their time are found without a search.</summary>
internal sealed class WindowIndex
{
    private const int Nothing = -1;

    private readonly SortedSet<long> _starts = [];
    private readonly Dictionary<long, int> _heads = [];
    private int[] _next = new int[16];
    private int[] _previous = new int[16];
    private long _earliest = long.MaxValue;

    public void Add(int row, long start)
    {
        if (row >= _next.Length)
        {
            var size = Math.Max(_next.Length * 2, row + 1);
            Array.Resize(ref _next, size);
            Array.Resize(ref _previous, size);
        }
        var head = _heads.GetValueOrDefault(start, Nothing);
        (_next[row], _previous[row]) = (head, Nothing);
        if (head != Nothing) _previous[head] = row;
        else _starts.Add(start);
        _heads[start] = row;
        _earliest = Math.Min(_earliest, start);
    }

    public void Remove(int row, long start)
    {
        var (next, previous) = (_next[row], _previous[row]);
        if (next != Nothing) _previous[next] = previous;
        if (previous != Nothing)
        {
            _next[previous] = next;
        }
        else if (next != Nothing)
        {
            _heads[start] = next;
        }
        else
        {
            _heads.Remove(start);
            _starts.Remove(start);
            if (start == _earliest) _earliest = _starts.Count == 0 ? long.MaxValue : _starts.Min;
        }
    }

    /// <summary>A row of the earliest window, if that starts at or before a time.</summary>
    public bool TryFirst(long lastStart, out int row)
    {
        row = Nothing;
        if (_earliest > lastStart || _starts.Count == 0) return false;
        row = _heads[_earliest];
        return true;
    }
}
