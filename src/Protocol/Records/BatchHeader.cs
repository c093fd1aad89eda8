using System.Buffers.Binary;

namespace Actors.Protocol.Records;

/// <summary>
/// The fixed first 61 bytes of a record batch of magic 2, as they stand; nothing is checked (<see cref="RecordBatch.Check"/> does that).
/// Offsets and sequences count records, times are milliseconds since 1970 UTC. Source: Kafka's "Record Batch" page and KIP-98.
/// </summary>
public readonly struct BatchHeader
{
    /// <summary>The header's length in bytes.</summary>
    public const int Size = 61;

    /// <summary>The bytes before those that <see cref="BatchLength"/> counts: base offset and the length itself.</summary>
    public const int LengthOverhead = 12;

    public const sbyte CurrentMagic = 2;

    internal const int BatchLengthAt = 8;
    internal const int PartitionLeaderEpochAt = 12;
    internal const int MagicAt = 16;
    internal const int CrcAt = 17;
    internal const int AttributesAt = 21;
    internal const int LastOffsetDeltaAt = 23;
    internal const int BaseTimestampAt = 27;
    internal const int MaxTimestampAt = 35;
    internal const int ProducerIdAt = 43;
    internal const int ProducerEpochAt = 51;
    internal const int BaseSequenceAt = 53;
    internal const int RecordCountAt = 57;

    internal const short CompressionMask = 0x07;
    internal const short LogAppendTimeFlag = 0x08;
    internal const short TransactionalFlag = 0x10;
    internal const short ControlFlag = 0x20;
    internal const short DeleteHorizonFlag = 0x40;

    public long BaseOffset { get; init; }

    /// <summary>Bytes after this field up to the batch's end.</summary>
    public int BatchLength { get; init; }

    public int PartitionLeaderEpoch { get; init; }

    public sbyte Magic { get; init; }

    /// <summary>CRC-32C of everything from the attributes to the end.</summary>
    public uint Crc { get; init; }

    public short Attributes { get; init; }

    public int LastOffsetDelta { get; init; }

    /// <summary>What the records' timestamp deltas count from; the delete horizon where <see cref="HasDeleteHorizon"/>.</summary>
    public long BaseTimestamp { get; init; }

    public long MaxTimestamp { get; init; }

    /// <summary>-1 when the producer is not idempotent.</summary>
    public long ProducerId { get; init; }

    public short ProducerEpoch { get; init; }

    /// <summary>The first record's sequence number, -1 for none.</summary>
    public int BaseSequence { get; init; }

    public int RecordCount { get; init; }

    public Compression Compression => (Compression)(Attributes & CompressionMask);

    public TimestampType TimestampType => (Attributes & LogAppendTimeFlag) != 0 ? TimestampType.LogAppendTime : TimestampType.CreateTime;

    public bool IsTransactional => (Attributes & TransactionalFlag) != 0;

    public bool IsControl => (Attributes & ControlFlag) != 0;

    public bool HasDeleteHorizon => (Attributes & DeleteHorizonFlag) != 0;

    public bool HasProducerId => ProducerId >= 0;

    public long LastOffset => BaseOffset + LastOffsetDelta;

    /// <summary>The offset after the batch's last one.</summary>
    public long NextOffset => LastOffset + 1;

    /// <summary>The last record's sequence number, -1 for none; sequences go from 2^31-1 back to 0.</summary>
    public int LastSequence => BaseSequence < 0 ? -1 : (int)(((long)BaseSequence + LastOffsetDelta) & int.MaxValue);

    /// <summary>The whole batch's bytes, header included; negative for a length within 12 of 2^31, which no batch has.</summary>
    public int TotalSize => unchecked(BatchLength + LengthOverhead);

    /// <summary>Reads the header of the batch that begins the span; false when the span is shorter than a header.</summary>
    public static bool TryRead(ReadOnlySpan<byte> batch, out BatchHeader header)
    {
        if (batch.Length < Size)
        {
            header = default;
            return false;
        }

        header = new BatchHeader
        {
            BaseOffset = BinaryPrimitives.ReadInt64BigEndian(batch),
            BatchLength = BinaryPrimitives.ReadInt32BigEndian(batch[BatchLengthAt..]),
            PartitionLeaderEpoch = BinaryPrimitives.ReadInt32BigEndian(batch[PartitionLeaderEpochAt..]),
            Magic = (sbyte)batch[MagicAt],
            Crc = BinaryPrimitives.ReadUInt32BigEndian(batch[CrcAt..]),
            Attributes = BinaryPrimitives.ReadInt16BigEndian(batch[AttributesAt..]),
            LastOffsetDelta = BinaryPrimitives.ReadInt32BigEndian(batch[LastOffsetDeltaAt..]),
            BaseTimestamp = BinaryPrimitives.ReadInt64BigEndian(batch[BaseTimestampAt..]),
            MaxTimestamp = BinaryPrimitives.ReadInt64BigEndian(batch[MaxTimestampAt..]),
            ProducerId = BinaryPrimitives.ReadInt64BigEndian(batch[ProducerIdAt..]),
            ProducerEpoch = BinaryPrimitives.ReadInt16BigEndian(batch[ProducerEpochAt..]),
            BaseSequence = BinaryPrimitives.ReadInt32BigEndian(batch[BaseSequenceAt..]),
            RecordCount = BinaryPrimitives.ReadInt32BigEndian(batch[RecordCountAt..]),
        };
        return true;
    }

    /// <summary>Writes the header as it stands over the first 61 bytes.</summary>
    internal void WriteTo(Span<byte> batch)
    {
        BinaryPrimitives.WriteInt64BigEndian(batch, BaseOffset);
        BinaryPrimitives.WriteInt32BigEndian(batch[BatchLengthAt..], BatchLength);
        BinaryPrimitives.WriteInt32BigEndian(batch[PartitionLeaderEpochAt..], PartitionLeaderEpoch);
        batch[MagicAt] = (byte)Magic;
        BinaryPrimitives.WriteUInt32BigEndian(batch[CrcAt..], Crc);
        BinaryPrimitives.WriteInt16BigEndian(batch[AttributesAt..], Attributes);
        BinaryPrimitives.WriteInt32BigEndian(batch[LastOffsetDeltaAt..], LastOffsetDelta);
        BinaryPrimitives.WriteInt64BigEndian(batch[BaseTimestampAt..], BaseTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[MaxTimestampAt..], MaxTimestamp);
        BinaryPrimitives.WriteInt64BigEndian(batch[ProducerIdAt..], ProducerId);
        BinaryPrimitives.WriteInt16BigEndian(batch[ProducerEpochAt..], ProducerEpoch);
        BinaryPrimitives.WriteInt32BigEndian(batch[BaseSequenceAt..], BaseSequence);
        BinaryPrimitives.WriteInt32BigEndian(batch[RecordCountAt..], RecordCount);
    }
}
