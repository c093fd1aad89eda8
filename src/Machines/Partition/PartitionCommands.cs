using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Machines;

/// <summary>What a partition can be told to do. What only reads (fetch plans, offsets, epochs) is a method of <see cref="PartitionMachine"/>.</summary>
public abstract record PartitionCommand;

/// <summary>Appends one record batch. Answered by <see cref="AppendReply"/>.</summary>
/// <param name="Header">The batch's header as it came.</param>
/// <param name="Batch">Exactly the batch, header included; checked (<c>RecordBatch.Check</c>). The decision patches base offset and leader epoch in it and its event owns it from then on.</param>
/// <param name="StartLeaderEpoch">Also takes a new leader epoch, in the same atomic write: for a partition that started read-only.</param>
public sealed record AppendBatch(BatchHeader Header, byte[] Batch, bool StartLeaderEpoch = false) : PartitionCommand
{
    /// <summary>What a walk over the records saw; null when they were not walked: keys are not looked at then, and times only as far as the header shows them.</summary>
    public WalkedRecords? Walked { get; init; }

    /// <summary>The partition as Kafka's messages name it, <c>topic-0</c>.</summary>
    public string Partition { get; init; } = "";
}

/// <summary>Why one record was refused, and with it its batch. <paramref name="BatchIndex"/> counts the batch's records from 0 (KIP-467).</summary>
public readonly record struct RejectedRecord(int BatchIndex, string Message)
{
    /// <summary>As Kafka prints it inside of the batch's message.</summary>
    public override string ToString() => $"RecordError(batchIndex={BatchIndex}, message='{Message}')";
}

/// <summary>Takes the next leader epoch, before the partition serves. Answered by <see cref="LeaderEpochReply"/>.</summary>
public sealed record StartLeaderEpoch : PartitionCommand;

/// <summary>Sets the topic's configuration; no event when it is already so. Answered by <see cref="PartitionReply"/>.</summary>
public sealed record Configure(TopicConfiguration Configuration) : PartitionCommand;

/// <summary>Moves the log's start, -1 for the high watermark (Kafka's DeleteRecords). Answered by <see cref="DeleteRecordsReply"/>.</summary>
public sealed record DeleteRecordsBefore(long Offset) : PartitionCommand;

/// <summary>Moves the log's start as retention.ms and retention.bytes ask. No answer.</summary>
public sealed record CheckRetention : PartitionCommand;

/// <summary>Forgets idempotent producers that have not written for <paramref name="ExpirationMs"/> (Kafka: <c>producer.id.expiration.ms</c>). Sent at a steady pace, some minutes. No answer.</summary>
public sealed record ExpireProducers(long ExpirationMs) : PartitionCommand;

/// <summary>An answer that is only an error code, <see cref="ErrorCode.None"/> when it was done.</summary>
public record PartitionReply(ErrorCode Error);

/// <summary>The answer to <see cref="AppendBatch"/>.</summary>
/// <param name="Error">None also for a duplicate of one of the producer's last five batches, which is answered with its first offsets.</param>
/// <param name="BaseOffset">The batch's first offset, -1 on error.</param>
/// <param name="LogAppendTimeMs">The time the log gave it, -1 under CreateTime.</param>
/// <param name="LogStartOffset">The log's first offset.</param>
/// <param name="Message">Kafka's words on the error, or null.</param>
public sealed record AppendReply(ErrorCode Error, long BaseOffset, long LogAppendTimeMs, long LogStartOffset, string? Message = null) : PartitionReply(Error)
{
    /// <summary>The records for which the batch was refused, the first thousand of them.</summary>
    public IReadOnlyList<RejectedRecord> Rejected { get; init; } = [];
}

/// <summary>The answer to <see cref="StartLeaderEpoch"/>.</summary>
public sealed record LeaderEpochReply(int LeaderEpoch) : PartitionReply(ErrorCode.None);

/// <summary>The answer to <see cref="DeleteRecordsBefore"/>: the log's first offset, -1 on error.</summary>
public sealed record DeleteRecordsReply(ErrorCode Error, long LowWatermark) : PartitionReply(Error);
