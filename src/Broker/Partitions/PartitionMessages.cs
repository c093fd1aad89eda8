using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Broker.Partitions;

/// <summary>Append one batch, whose bytes now belong to the partition.</summary>
/// <param name="Walked">What a walk over its records saw; null when they were not walked.</param>
internal sealed record ProduceBatch(long Token, BatchHeader Header, byte[] Batch, WalkedRecords? Walked = null);

/// <summary>The batch is durable, or was refused.</summary>
internal sealed record BatchAnswer(long Token, ErrorCode Error, long BaseOffset, long LogAppendTime, long LogStartOffset, string? Message = null) : IAnswer
{
    /// <summary>The records for which the batch was refused.</summary>
    public IReadOnlyList<RejectedRecord> Rejected { get; init; } = [];
}

/// <summary>Read whole batches from the one that holds <paramref name="Offset"/> on; the first one even if it is larger than the bound.</summary>
internal sealed record ReadBatches(long Token, long Offset, int MaxBytes, bool ReadCommitted, int CurrentLeaderEpoch)
{
    /// <summary>The first batch is answered even if it is larger than <see cref="MaxBytes"/>; else, and with no bytes asked for, only what may be seen of the log.</summary>
    public bool AtLeastOne { get; init; } = true;

    public bool WantsBatches => AtLeastOne || MaxBytes > 0;
}

/// <summary>What may be seen of the log, and the batches asked for.</summary>
internal sealed record BatchesAnswer(
    long Token, ErrorCode Error, long HighWatermark, long LastStableOffset, long LogStartOffset, IReadOnlyList<ReadOnlyMemory<byte>> Batches, int Bytes) : IAnswer;

/// <summary>Answer once something at or above the offset may be read.</summary>
internal sealed record AwaitRecords(long Token, long Offset);

/// <summary>There is more to read, or the partition stops.</summary>
internal sealed record RecordsArrived(long Token) : IAnswer;

/// <summary>The one who awaited records does not any more.</summary>
internal sealed record ForgetAwait(long Token);

/// <summary>Find an offset by time, or one of the special ones that a negative timestamp names.</summary>
internal sealed record FindOffset(long Token, long Timestamp, bool ReadCommitted, int CurrentLeaderEpoch);

internal sealed record OffsetAnswer(long Token, ErrorCode Error, long Timestamp, long Offset, int LeaderEpoch) : IAnswer;

/// <summary>Move the log's start to the offset, -1 for the high watermark.</summary>
internal sealed record DeleteBefore(long Token, long Offset);

/// <summary>The move is durable, or was refused.</summary>
internal sealed record DeletedBefore(long Token, ErrorCode Error, long LowWatermark) : IAnswer;

/// <summary>Find where a leader epoch ends.</summary>
internal sealed record FindEpochEnd(long Token, int LeaderEpoch, int CurrentLeaderEpoch);

internal sealed record EpochEndAnswer(long Token, ErrorCode Error, EpochEnd End) : IAnswer;

/// <summary>Tell what the partition keeps.</summary>
internal sealed record DescribePartition(long Token);

/// <summary>Bytes of its batches, and the idempotent producers that it remembers.</summary>
internal sealed record PartitionDescription(long Token, long Size, IReadOnlyList<ProducerSnapshot> Producers) : IAnswer;

/// <summary>For a partition wherever it runs: through the region.</summary>
internal interface IPartitionMessage : INodeMessage
{
    PartitionId Id { get; }
}

/// <summary>See to it that the partition's actor runs.</summary>
internal sealed record StartPartition(PartitionId Id) : IPartitionMessage;

/// <summary>The topic is gone: stop the partition and delete what the journal has of it. Answered by <see cref="PartitionPurged"/>.</summary>
internal sealed record PurgePartition(PartitionId Id) : IPartitionMessage;

/// <summary>Nothing of the partition is left.</summary>
internal sealed record PartitionPurged(PartitionId Id) : INodeMessage;

/// <summary>The topic's configuration changed: take it from the metadata image.</summary>
internal sealed class ConfigurePartition
{
    public static readonly ConfigurePartition Instance = new();
}

/// <summary>The node holds many recent batches: let yours go if nobody uses them.</summary>
internal sealed class YieldRecent
{
    public static readonly YieldRecent Instance = new();
}

/// <summary>Stop once what is in flight is durable and answered: another node goes on.</summary>
internal sealed class HandOff
{
    public static readonly HandOff Instance = new();
}
