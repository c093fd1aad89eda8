using System.Globalization;
using System.Text;
using Actors.Expressions;

namespace Actors.Topology;

/// <summary>A record failed and its handler is set to fail: the task cannot go on. The message says which record and why, without its content.</summary>
public sealed class StreamsException : Exception
{
    internal StreamsException(string message, bool beforeProcessing, Exception? inner = null) : base(message, inner) => BeforeProcessing = beforeProcessing;

    /// <summary>Whether no stage has seen the record, so that all before it is done whole.</summary>
    public bool BeforeProcessing { get; }
}

/// <summary>The headers of a record in a dead-letter topic, as Kafka Streams names them (KIP-1034); their values are text.</summary>
public static class DeadLetter
{
    /// <summary>The exception's name: Kafka's where Kafka has one.</summary>
    public const string Exception = "__streams.errors.exception";

    /// <summary>Why it failed.</summary>
    public const string Message = "__streams.errors.message";

    /// <summary>Where in the program it failed; only where a stage threw.</summary>
    public const string StackTrace = "__streams.errors.stacktrace";

    /// <summary>The topic that the record was read from.</summary>
    public const string Topic = "__streams.errors.topic";

    /// <summary>Its partition there.</summary>
    public const string Partition = "__streams.errors.partition";

    /// <summary>Its offset there.</summary>
    public const string Offset = "__streams.errors.offset";
}

/// <summary>Does with the record that a task is at what its handlers say.</summary>
internal sealed class Failures(TaskServices services)
{
    private const string Serialization = "org.apache.kafka.common.errors.SerializationException";
    private const string TooLarge = "org.apache.kafka.common.errors.RecordTooLargeException";

    private InputRecord _record;
    private string _topic = "";

    private string Place => string.Create(CultureInfo.InvariantCulture, $"taskId: {services.Id}, topic: {_topic}, partition: {services.Partition}, offset: {_record.Offset}");

    /// <summary>Remembers the record that comes to the task; it is looked at until the next one only.</summary>
    public void At(string topic, in InputRecord record) => (_topic, _record) = (topic, record);

    /// <exception cref="StreamsException">The handler is set to fail.</exception>
    public void Deserialization(ExceptionHandler handler, string reason)
    {
        if (!handler.Continues)
            throw new StreamsException(
                $"Exception caught during Deserialization, {Place}: {reason}. If you would rather have the topology continue after a deserialization error, please set deserialization-exception-handler appropriately.", true);
        Leave(handler, DropReason.Unreadable, Serialization, reason, null);
    }

    /// <exception cref="StreamsException">The handler is set to fail.</exception>
    public void Production(ExceptionHandler handler, string topic, string reason, bool tooLarge)
    {
        if (!handler.Continues)
            throw new StreamsException(
                $"Error encountered sending record to topic {topic} for task {services.Id} due to: {reason}; {Place}. If you would rather have the topology continue, please set production-exception-handler appropriately.", false);
        Leave(handler, DropReason.Unwritable, tooLarge ? TooLarge : Serialization, $"{topic}: {reason}", null);
    }

    /// <exception cref="StreamsException">The handler is set to fail.</exception>
    public void Processing(ExceptionHandler handler, Exception error)
    {
        if (!handler.Continues) throw new StreamsException($"Exception caught in process, {Place}: {error.Message}", false, error);
        Leave(handler, DropReason.Failed, error.GetType().FullName!, error.Message, error.StackTrace);
    }

    /// <exception cref="StreamsException">Always.</exception>
    public void InvalidTimestamp(string reason) => throw new StreamsException($"Input record has an invalid timestamp, {Place}: {reason}. Use a different timestamp-extractor to process this data.", true);

    private void Leave(ExceptionHandler handler, DropReason reason, string exception, string message, string? stackTrace)
    {
        services.Counters.Drop(reason);
        if (handler.DeadLetterTopic is null) return;
        List<RecordHeader> headers = [.. _record.Headers, Header(DeadLetter.Exception, exception), Header(DeadLetter.Message, message)];
        if (stackTrace is not null) headers.Add(Header(DeadLetter.StackTrace, stackTrace));
        headers.Add(Header(DeadLetter.Topic, _topic));
        headers.Add(Header(DeadLetter.Partition, services.Partition.ToString(CultureInfo.InvariantCulture)));
        headers.Add(Header(DeadLetter.Offset, _record.Offset.ToString(CultureInfo.InvariantCulture)));
        services.Sink.Output(new OutputRecord
        {
            Target = OutputTopic.DeadLetters(handler.DeadLetterTopic),
            HasKey = _record.HasKey,
            Key = _record.Key.Span,
            PartitionKey = _record.Key.Span,
            HasValue = _record.HasValue,
            Value = _record.Value.Span,
            Timestamp = _record.Timestamp >= 0 ? _record.Timestamp : services.WallClock,
            Headers = headers,
        });
    }

    private static RecordHeader Header(string name, string value) => new(name, Encoding.UTF8.GetBytes(value));
}
