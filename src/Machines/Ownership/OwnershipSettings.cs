namespace Actors.Machines;

/// <summary>How long a node's lease lasts and how it is kept. All nodes of a cluster must have the same.</summary>
/// <param name="Lease">How long a peer's counter must have been read unchanged before its shards may be taken; 500 ms to 60 s.</param>
/// <param name="Renewal">From the start of one renewal to the next; 20 ms to a fifth of the lease.</param>
/// <param name="Margin">By how much the owner gives up earlier than peers may take; covers clocks of different rates. 1% to 25% of the lease.</param>
public sealed record OwnershipSettings(TimeSpan Lease, TimeSpan Renewal, TimeSpan Margin)
{
    /// <summary>Lease 3 s, renewed every 0.5 s, margin 0.3 s.</summary>
    public static OwnershipSettings Default { get; } = new(TimeSpan.FromSeconds(3), TimeSpan.FromMilliseconds(500), TimeSpan.FromMilliseconds(300));

    /// <summary>From the end of one look at the peers to the next; half a renewal, so that a takeover comes at most a lease and this after the last renewal.</summary>
    public TimeSpan ReadEvery => Renewal / 2;

    /// <summary>Looks that are further apart, or take longer, say nothing about the time between: the peer may have been kept from renewing as we were from reading.</summary>
    public TimeSpan LongestGap => Renewal * 2;

    /// <summary>How long the owner may act after a renewal began.</summary>
    public TimeSpan Tenure => Lease - Margin;

    /// <summary>What is out of bounds, as a sentence; null when nothing is.</summary>
    public string? Fault =>
        Lease < TimeSpan.FromMilliseconds(500) || Lease > TimeSpan.FromSeconds(60) ? $"The lease of {Lease} is not between 500 ms and 60 s."
        : Renewal < TimeSpan.FromMilliseconds(20) || Renewal > Lease / 5 ? $"The renewal interval of {Renewal} is not between 20 ms and a fifth of the lease ({Lease / 5})."
        : Margin < Lease / 100 || Margin > Lease / 4 ? $"The margin of {Margin} is not between 1% and 25% of the lease ({Lease / 100} to {Lease / 4})."
        : null;
}
