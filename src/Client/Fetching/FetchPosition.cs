namespace Actors.Client;

/// <summary>Where a fetcher stands in one partition; a seek or new assignment makes a new one. Guarded by the fetcher's lock.</summary>
internal sealed class FetchPosition(TopicPartition partition, long offset)
{
    public TopicPartition Partition { get; } = partition;

    /// <summary>The next offset to ask for; negative while it is a <see cref="LogicalOffset"/>.</summary>
    public long Offset { get; set; } = offset;

    public bool Paused { get; set; }

    /// <summary>An error that only a seek or a new assignment ends was given to the reader.</summary>
    public bool Halted { get; set; }

    /// <summary>A request for it is on its way.</summary>
    public bool Busy { get; set; }

    public int BufferedBytes { get; set; }

    public int Failures { get; set; }

    /// <summary>A timestamp of the clock before which it is not asked for again.</summary>
    public long NotBefore { get; set; }

    public long HighWatermark { get; set; } = -1;
}
