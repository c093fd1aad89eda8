namespace Actors.Topology;

/// <summary>What is done with a record that fails: stop the task, or go on without the record; with a dead-letter topic the record is written there.</summary>
/// <param name="Continues">False: the task fails, as with Kafka Streams' LogAndFailExceptionHandler. True: the record is left out and counted, as with LogAndContinueExceptionHandler.</param>
/// <param name="DeadLetterTopic">Gets the source's record, key, value and headers as they were, with <see cref="DeadLetter"/>'s headers (KIP-1034); null: it is only counted.</param>
public sealed record ExceptionHandler(bool Continues, string? DeadLetterTopic)
{
    public static ExceptionHandler Fail { get; } = new(false, null);

    public static ExceptionHandler Continue { get; } = new(true, null);

    public static ExceptionHandler To(string deadLetterTopic) => new(true, deadLetterTopic);

    /// <summary>As it stands in a topology file.</summary>
    public override string ToString() => DeadLetterTopic is not null ? $"{{ dead-letter = \"{DeadLetterTopic}\" }}" : Continues ? "continue" : "fail";
}

/// <summary>A topology's handlers, named as Kafka Streams' settings; all fail unless said otherwise, as there.</summary>
public sealed record ExceptionHandlers
{
    /// <summary>A source's key or value is not of its format (<c>deserialization.exception.handler</c>).</summary>
    public ExceptionHandler Deserialization { get; init; } = ExceptionHandler.Fail;

    /// <summary>A stage failed at a record (<c>processing.exception.handler</c>, KIP-1033).</summary>
    public ExceptionHandler Processing { get; init; } = ExceptionHandler.Fail;

    /// <summary>A result cannot be written in its topic's format, or is larger than a request may be (<c>production.exception.handler</c>).</summary>
    public ExceptionHandler Production { get; init; } = ExceptionHandler.Fail;
}

/// <summary>What is done with a record whose timestamp, or what its expression gives, is null or negative: Kafka Streams' timestamp extractors.</summary>
public enum TimestampExtractor
{
    /// <summary>The task fails: the default where the record's own timestamp is taken.</summary>
    FailOnInvalidTimestamp,

    /// <summary>The record is left out and counted: the default where an expression gives the timestamp.</summary>
    LogAndSkipOnInvalidTimestamp,

    /// <summary>The record gets the largest timestamp that the task has seen from the source since it started; before the first one the task fails.</summary>
    UsePartitionTimeOnInvalidTimestamp,
}
