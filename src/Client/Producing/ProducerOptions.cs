using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>How a <see cref="Producer"/> gathers records, and how sure it makes of them. Names and defaults are Kafka's where it has them.</summary>
public sealed record ProducerOptions
{
    /// <summary>Whether each record is written once and in order, retries included. Kafka's <c>enable.idempotence</c>; needs <see cref="Acks"/> -1.</summary>
    public bool Idempotent { get; init; } = true;

    /// <summary>-1: all in-sync replicas have it; 1: the leader has it; 0: no answer is waited for. Kafka's <c>acks</c>.</summary>
    public short Acks { get; init; } = -1;

    /// <summary>How long a batch that is not full waits for more. Kafka's <c>linger.ms</c>.</summary>
    public TimeSpan Linger { get; init; } = TimeSpan.Zero;

    /// <summary>Uncompressed bytes at which a batch is full; a greater record has a batch of its own. Kafka's <c>batch.size</c>, which is 16 KiB there.</summary>
    public int BatchSize { get; init; } = 64 << 10;

    /// <summary>Most bytes of one record, and of the batches of one request. Kafka's <c>max.request.size</c>.</summary>
    public int MaxRequestSize { get; init; } = 1 << 20;

    /// <summary>Most bytes of records that are not acknowledged yet; beyond it sends wait. Kafka's <c>buffer.memory</c>.</summary>
    public long BufferMemory { get; init; } = 32 << 20;

    /// <summary>How long a send waits for metadata or memory. Kafka's <c>max.block.ms</c>.</summary>
    public TimeSpan MaxBlock { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>From the batch's first record until it is given up. Kafka's <c>delivery.timeout.ms</c>.</summary>
    public TimeSpan DeliveryTimeout { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>Requests on their way to one broker, 1 to 5. Kafka's <c>max.in.flight.requests.per.connection</c>.</summary>
    public int MaxInFlight { get; init; } = 5;

    /// <summary>Kafka's <c>compression.type</c>.</summary>
    public Compression Compression { get; init; } = Compression.None;

    /// <summary>The codec's own level; null for its default.</summary>
    public int? CompressionLevel { get; init; }

    /// <summary>Asked before each request; while it says no nothing is sent, repeats included. For a writer whose right to write runs out by the clock. Null: always.</summary>
    public Func<bool>? MaySend { get; init; }

    internal void Check()
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(Acks is -1 or 0 or 1, true, nameof(Acks));
        if (Idempotent && Acks != -1) throw new ArgumentException("an idempotent producer needs acks -1", nameof(Acks));
        if (MaxInFlight is < 1 or > 5) throw new ArgumentOutOfRangeException(nameof(MaxInFlight), MaxInFlight, "1 to 5");
        ArgumentOutOfRangeException.ThrowIfLessThan(BatchSize, 1, nameof(BatchSize));
        ArgumentOutOfRangeException.ThrowIfLessThan(BufferMemory, MaxRequestSize, nameof(BufferMemory));
    }
}

/// <summary>A record to write. Its bytes are copied when it is accepted.</summary>
/// <param name="Topic">The topic.</param>
/// <param name="Key">Decides the partition unless one is given.</param>
/// <param name="Value">Null is a tombstone.</param>
/// <param name="Partition">Null: by the key's murmur2; without a key the producer stays with one partition for a batch.</param>
/// <param name="Timestamp">Milliseconds since 1970 UTC; null: now.</param>
/// <param name="Headers">Null: none.</param>
public readonly record struct ProducerRecord(
    string Topic, ReadOnlyMemory<byte>? Key, ReadOnlyMemory<byte>? Value, int? Partition = null, long? Timestamp = null, RecordHeader[]? Headers = null);

/// <summary>Where a record went.</summary>
/// <param name="Partition">Topic and partition.</param>
/// <param name="Offset">-1 when the broker did not say: acks=0, or a retry whose first try had arrived long ago.</param>
/// <param name="AppendTime">Milliseconds since 1970 UTC when the topic stamps on append, else -1.</param>
public readonly record struct RecordMetadata(TopicPartition Partition, long Offset, long AppendTime);
