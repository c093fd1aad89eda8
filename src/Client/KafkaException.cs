using Actors.Protocol;

namespace Actors.Client;

/// <summary>
/// What a broker refused, or what became of a request without an answer: <see cref="ErrorCode.NetworkException"/> for a lost connection,
/// <see cref="ErrorCode.RequestTimedOut"/> for one that took too long. The message names the topic and partition, group or broker concerned.
/// Source of the codes: Apache Kafka 3.9.0, <c>Errors</c>.
/// </summary>
public sealed class KafkaException : Exception
{
    public KafkaException(ErrorCode error, string message, Exception? inner = null) : base($"{message}: {error.WireName()}", inner) => Error = error;

    /// <summary>The protocol's error code.</summary>
    public ErrorCode Error { get; }

    /// <summary>The broker's own words on it; null where it gave none.</summary>
    public string? BrokerMessage { get; init; }

    /// <summary>Whether the same request may succeed when sent again.</summary>
    public bool IsRetriable => !IsFinal && Error.IsRetriable();

    /// <summary>The error is the answer: asking again gives the same.</summary>
    internal bool IsFinal { get; init; }
}
