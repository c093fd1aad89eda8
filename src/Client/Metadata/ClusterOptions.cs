using System.IO.Pipelines;

namespace Actors.Client;

/// <summary>How a client finds its cluster and how patient it is.</summary>
public sealed record ClusterOptions
{
    /// <summary>Brokers to ask first: <c>host:port</c>, comma separated. Any one of them is enough.</summary>
    public required string BootstrapServers { get; init; }

    /// <summary>Names this client in the brokers' logs and in group descriptions.</summary>
    public string ClientId { get; init; } = "actors";

    /// <summary>Opens the transport to a broker: TCP, or a pipe to a broker in this process. A pipe that is <see cref="IDisposable"/> is disposed when closed.</summary>
    public Func<string, int, CancellationToken, ValueTask<IDuplexPipe>> Connect { get; init; } = TcpTransport.ConnectAsync;

    /// <summary>How long a transport may take to open.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a broker may take to answer a request. Kafka's <c>request.timeout.ms</c>.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a call is retried on retriable errors. Kafka's <c>default.api.timeout.ms</c>.</summary>
    public TimeSpan ApiTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The pause before the first retry; doubles up to <see cref="RetryBackoffMax"/>. Kafka's <c>retry.backoff.ms</c>.</summary>
    public TimeSpan RetryBackoff { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between two tries. Kafka's <c>retry.backoff.max.ms</c>.</summary>
    public TimeSpan RetryBackoffMax { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>After this age metadata is asked for again before it is used. Kafka's <c>metadata.max.age.ms</c>.</summary>
    public TimeSpan MetadataMaxAge { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>The clock of every deadline and pause.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;
}
