using Actors.Protocol.Records;

namespace Actors.Machines;

/// <summary>A partition's journal events, and how they are written: the manifest and the bytes.</summary>
public static class PartitionEvents
{
    /// <summary>The manifest of a record batch. Its bytes are the batch itself.</summary>
    public const string BatchManifest = "b";

    private const string EpochManifest = "e", StartManifest = "s", ConfigurationManifest = "c", ProducersManifest = "p";
    private const byte Version = 1;

    /// <summary>Whether this class writes the event.</summary>
    public static bool Owns(object message) => message is BatchAppended or LeaderEpochStarted or LogStartOffsetMoved or ConfigurationChanged or ProducersExpired;

    /// <summary>The event's manifest.</summary>
    public static string Manifest(IMachineEvent @event) => @event switch
    {
        BatchAppended => BatchManifest,
        LeaderEpochStarted => EpochManifest,
        LogStartOffsetMoved => StartManifest,
        ConfigurationChanged => ConfigurationManifest,
        ProducersExpired => ProducersManifest,
        _ => throw new ArgumentException($"{@event.GetType().Name} is no event of a partition."),
    };

    /// <summary>The event's bytes; a batch's are its own array, uncopied.</summary>
    public static byte[] Write(IMachineEvent @event)
    {
        if (@event is BatchAppended appended)
            return appended.Batch;
        var writer = new StateWriter(Version);
        switch (@event)
        {
            case LeaderEpochStarted epoch:
                writer.Int(epoch.Epoch);
                writer.Long(epoch.StartOffset);
                break;
            case LogStartOffsetMoved moved:
                writer.Long(moved.Offset);
                break;
            case ConfigurationChanged changed:
                writer.Map(changed.Configuration.Settings());
                writer.Map(changed.Configuration.Overrides);
                break;
            case ProducersExpired expired:
                writer.Int(expired.ProducerIds.Count);
                foreach (var id in expired.ProducerIds)
                    writer.Long(id);
                break;
            default:
                throw new ArgumentException($"{@event.GetType().Name} is no event of a partition.");
        }
        return writer.ToArray();
    }

    /// <summary>The event of these bytes. A batch keeps the array.</summary>
    /// <exception cref="UnreadableStateException">Unknown manifest, newer version or damage.</exception>
    public static IMachineEvent Read(string manifest, byte[] bytes)
    {
        if (manifest == BatchManifest)
            return BatchAppended.Of(bytes);
        var reader = new StateReader(bytes, $"Partition event {manifest}", Version);
        IMachineEvent @event;
        switch (manifest)
        {
            case EpochManifest:
                @event = new LeaderEpochStarted(reader.Int(), reader.Long());
                break;
            case StartManifest:
                @event = new LogStartOffsetMoved(reader.Long());
                break;
            case ConfigurationManifest:
                @event = new ConfigurationChanged(TopicConfiguration.Restore(reader.Map(), reader.Map()));
                break;
            case ProducersManifest:
                var ids = new long[reader.Count()];
                for (var i = 0; i < ids.Length; i++)
                    ids[i] = reader.Long();
                @event = new ProducersExpired(ids);
                break;
            default:
                throw new UnreadableStateException($"A partition has no event {manifest}.");
        }
        reader.End();
        return @event;
    }
}

/// <summary>One record batch at the log's end. <see cref="Batch"/> is what is journaled, kept and served.</summary>
public sealed class BatchAppended : IMachineEvent
{
    internal BatchAppended(byte[] batch, BatchHeader header)
    {
        Batch = batch;
        Header = header;
    }

    /// <summary>The batch, its base offset and leader epoch set.</summary>
    public byte[] Batch { get; }

    /// <summary>The batch's header.</summary>
    public BatchHeader Header { get; }

    /// <summary>The event of a batch as it stands in the journal.</summary>
    public static BatchAppended Of(byte[] batch) => BatchHeader.TryRead(batch, out var header) && header.TotalSize == batch.Length
        ? new BatchAppended(batch, header)
        : throw new UnreadableStateException($"{batch.Length} bytes in the journal are no record batch.");

    public override string ToString() => $"BatchAppended {Header.BaseOffset}..{Header.LastOffset}, {Batch.Length} bytes";
}

/// <summary>A leader epoch begins at an offset.</summary>
public sealed record LeaderEpochStarted(int Epoch, long StartOffset) : IMachineEvent;

/// <summary>The log starts at a later offset: retention or DeleteRecords.</summary>
public sealed record LogStartOffsetMoved(long Offset) : IMachineEvent;

/// <summary>The topic's configuration as this partition applies it. What is journaled are the values, resolved against the broker's defaults of that time.</summary>
public sealed record ConfigurationChanged(TopicConfiguration Configuration) : IMachineEvent;

/// <summary>Idempotent producers forgotten.</summary>
public sealed record ProducersExpired(IReadOnlyList<long> ProducerIds) : IMachineEvent;
