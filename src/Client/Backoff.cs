namespace Actors.Client;

/// <summary>How long to wait before a retry: doubling from <paramref name="First"/> to <paramref name="Most"/>, less up to a fifth by chance.</summary>
internal readonly record struct Backoff(TimeSpan First, TimeSpan Most)
{
    /// <param name="attempt">0 for the first retry.</param>
    /// <param name="chance">0 to 1: spreads clients that failed together.</param>
    public TimeSpan Delay(int attempt, double chance)
    {
        var doubled = First.TotalMilliseconds * Math.Pow(2, Math.Min(attempt, 30));
        return TimeSpan.FromMilliseconds(Math.Min(doubled, Most.TotalMilliseconds) * (1 - 0.2 * chance));
    }
}
