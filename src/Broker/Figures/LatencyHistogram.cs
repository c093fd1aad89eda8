namespace Actors.Broker;

/// <summary>Counts durations in fixed buckets; any thread adds, nothing is allocated.</summary>
public sealed class LatencyHistogram
{
    private static readonly double[] UpperBounds = [0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000];

    private readonly long[] _counts = new long[UpperBounds.Length + 1];
    private long _microseconds;

    /// <summary>The buckets' upper bounds, included, in milliseconds; above the last one there is one more bucket.</summary>
    public static IReadOnlyList<double> Bounds => UpperBounds;

    public void Add(TimeSpan duration)
    {
        var milliseconds = duration.TotalMilliseconds;
        var bucket = 0;
        while (bucket < UpperBounds.Length && milliseconds > UpperBounds[bucket]) bucket++;
        Interlocked.Increment(ref _counts[bucket]);
        Interlocked.Add(ref _microseconds, (long)(milliseconds * 1000));
    }

    /// <summary>What was counted so far.</summary>
    public LatencyFigures Read()
    {
        var counts = new long[_counts.Length];
        for (var i = 0; i < counts.Length; i++) counts[i] = Interlocked.Read(ref _counts[i]);
        return new LatencyFigures(counts, Interlocked.Read(ref _microseconds) / 1000.0);
    }
}

/// <summary>Durations counted by bucket.</summary>
/// <param name="Counts">How many lie in each bucket of <see cref="LatencyHistogram.Bounds"/> and, last, above them.</param>
/// <param name="TotalMilliseconds">All of them together.</param>
public sealed record LatencyFigures(IReadOnlyList<long> Counts, double TotalMilliseconds)
{
    public long Count => Counts.Sum();
}
