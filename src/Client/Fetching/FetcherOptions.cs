namespace Actors.Client;

/// <summary>Where to go on when a partition no longer (or not yet) has the offset wanted. Kafka's <c>auto.offset.reset</c>.</summary>
public enum OffsetReset
{
    Earliest,
    Latest,

    /// <summary>The read throws OFFSET_OUT_OF_RANGE; the partition rests until it is assigned or sought again.</summary>
    Fail,
}

/// <summary>How much a <see cref="Fetcher"/> asks for at a time and how long a broker may hold an answer back.</summary>
public sealed record FetcherOptions
{
    /// <summary>Kafka's <c>isolation.level</c>.</summary>
    public IsolationLevel Isolation { get; init; } = IsolationLevel.ReadUncommitted;

    /// <summary>What happens on OFFSET_OUT_OF_RANGE.</summary>
    public OffsetReset Reset { get; init; } = OffsetReset.Earliest;

    /// <summary>How long the broker waits for <see cref="MinBytes"/>. Kafka's <c>fetch.max.wait.ms</c>.</summary>
    public TimeSpan MaxWait { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Kafka's <c>fetch.min.bytes</c>.</summary>
    public int MinBytes { get; init; } = 1;

    /// <summary>Most bytes of one answer, beyond the first batch. Kafka's <c>fetch.max.bytes</c>.</summary>
    public int MaxBytes { get; init; } = 50 << 20;

    /// <summary>Most bytes of one partition in one answer, beyond the first batch. Kafka's <c>max.partition.fetch.bytes</c>.</summary>
    public int MaxPartitionBytes { get; init; } = 1 << 20;

    /// <summary>A partition with this many unread bytes is not fetched on until some are read.</summary>
    public int MaxBufferedBytes { get; init; } = 2 << 20;

    /// <summary>Whether each batch's CRC-32C is checked. Kafka's <c>check.crcs</c>.</summary>
    public bool CheckCrcs { get; init; } = true;
}
