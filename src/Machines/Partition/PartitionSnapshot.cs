namespace Actors.Machines;

/// <summary>A range of a transaction's records that read_committed readers leave out. None yet; the format has its place.</summary>
public readonly record struct AbortedTransaction(long ProducerId, long FirstOffset, long LastOffset, long LastStableOffset);

/// <summary>A partition's state after its event <see cref="SequenceNr"/>: save it under that sequence number, once that event is durable.</summary>
public sealed record PartitionSnapshot
{
    /// <summary>The manifest under which a snapshot is written.</summary>
    public const string Manifest = "partition-snapshot";

    private const byte Version = 1;

    public required long SequenceNr { get; init; }

    public required long LogStartOffset { get; init; }

    public required long LogEndOffset { get; init; }

    public required int LeaderEpoch { get; init; }

    /// <summary>Bytes of batches appended since the log began.</summary>
    public required long EndPosition { get; init; }

    public required TopicConfiguration Configuration { get; init; }

    public required IReadOnlyList<EpochStart> Epochs { get; init; }

    public required IReadOnlyList<IndexEntry> Index { get; init; }

    public required IReadOnlyList<ProducerSnapshot> Producers { get; init; }

    public required IReadOnlyList<ActivityMark> Activity { get; init; }

    public required IReadOnlyList<AbortedTransaction> Aborted { get; init; }

    /// <summary>The snapshot's bytes, under 1 MiB.</summary>
    public byte[] Write()
    {
        var writer = new StateWriter(Version);
        writer.Long(SequenceNr);
        writer.Long(LogStartOffset);
        writer.Long(LogEndOffset);
        writer.Int(LeaderEpoch);
        writer.Long(EndPosition);
        writer.Map(Configuration.Settings());
        writer.Map(Configuration.Overrides);
        writer.List(Epochs, static (w, epoch) =>
        {
            w.Int(epoch.Epoch);
            w.Long(epoch.StartOffset);
        });
        writer.List(Index, static (w, entry) =>
        {
            w.Long(entry.Offset);
            w.Long(entry.SequenceNr);
            w.Long(entry.Position);
            w.Long(entry.MaxTimestamp);
            w.Long(entry.MaxTimestampSequenceNr);
        });
        writer.List(Producers, static (w, producer) =>
        {
            w.Long(producer.ProducerId);
            w.Int(producer.Epoch);
            w.Long(producer.SequenceNr);
            w.List(producer.Batches, static (w, batch) =>
            {
                w.Int(batch.BaseSequence);
                w.Int(batch.LastSequence);
                w.Long(batch.BaseOffset);
                w.Long(batch.Timestamp);
            });
        });
        writer.List(Activity, static (w, mark) =>
        {
            w.Long(mark.Time);
            w.Long(mark.SequenceNr);
        });
        writer.List(Aborted, static (w, aborted) =>
        {
            w.Long(aborted.ProducerId);
            w.Long(aborted.FirstOffset);
            w.Long(aborted.LastOffset);
            w.Long(aborted.LastStableOffset);
        });
        return writer.ToArray();
    }

    /// <summary>The snapshot of these bytes.</summary>
    /// <exception cref="UnreadableStateException">A newer version, or damage.</exception>
    public static PartitionSnapshot Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes, "Partition snapshot", Version);
        var snapshot = new PartitionSnapshot
        {
            SequenceNr = reader.Long(),
            LogStartOffset = reader.Long(),
            LogEndOffset = reader.Long(),
            LeaderEpoch = reader.Int(),
            EndPosition = reader.Long(),
            Configuration = TopicConfiguration.Restore(reader.Map(), reader.Map()),
            Epochs = reader.List(static (ref StateReader r) => new EpochStart(r.Int(), r.Long())),
            Index = reader.List(static (ref StateReader r) => new IndexEntry(r.Long(), r.Long(), r.Long(), r.Long(), r.Long())),
            Producers = reader.List(static (ref StateReader r) => new ProducerSnapshot(r.Long(), (short)r.Int(), r.Long(),
                r.List(static (ref StateReader r) => new ProducerBatch(r.Int(), r.Int(), r.Long(), r.Long())))),
            Activity = reader.List(static (ref StateReader r) => new ActivityMark(r.Long(), r.Long())),
            Aborted = reader.List(static (ref StateReader r) => new AbortedTransaction(r.Long(), r.Long(), r.Long(), r.Long())),
        };
        reader.End();
        return snapshot;
    }
}
