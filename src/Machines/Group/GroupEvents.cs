namespace Actors.Machines;

/// <summary>A member as it is stored.</summary>
public sealed record StoredMember(string MemberId, string? InstanceId, string ClientId, string ClientHost, int SessionTimeoutMs, int RebalanceTimeoutMs,
    IReadOnlyList<GroupProtocol> Protocols, byte[] Assignment);

/// <summary>A generation is complete (or the group became empty: no members): what a restart goes back to.</summary>
/// <param name="Timestamp">When.</param>
public sealed record GroupGenerationStored(int GenerationId, string? ProtocolType, string? ProtocolName, string? LeaderId, long Timestamp,
    IReadOnlyList<StoredMember> Members) : IMachineEvent;

/// <summary>A committed offset.</summary>
/// <param name="LeaderEpoch">-1: not given.</param>
/// <param name="CommitTimestamp">When it was committed, epoch milliseconds.</param>
public readonly record struct CommittedOffset(long Offset, int LeaderEpoch, string Metadata, long CommitTimestamp);

/// <summary>Offsets were committed, all at <paramref name="Timestamp"/>.</summary>
public sealed record OffsetsCommitted(long Timestamp, IReadOnlyList<OffsetToCommit> Offsets) : IMachineEvent;

/// <summary>Offsets are gone: deleted, expired, or their topic is.</summary>
public sealed record OffsetsRemoved(IReadOnlyList<TopicPartition> Partitions) : IMachineEvent;

/// <summary>The group is gone, its offsets too.</summary>
public sealed record GroupRemoved : IMachineEvent;

/// <summary>What survives a restart of a group, after its event <see cref="SequenceNr"/>: save it under that sequence number, once that event is durable.</summary>
public sealed record GroupSnapshot(long SequenceNr, bool Exists, GroupGenerationStored? Generation, IReadOnlyList<KeyValuePair<TopicPartition, CommittedOffset>> Offsets)
{
    /// <summary>The manifest under which a snapshot is written.</summary>
    public const string Manifest = "group-snapshot";

    private const byte Version = 1;

    /// <summary>The snapshot's bytes.</summary>
    public byte[] Write()
    {
        var writer = new StateWriter(Version);
        writer.Long(SequenceNr);
        writer.Bool(Exists);
        writer.Bool(Generation is not null);
        if (Generation is not null)
            GroupEvents.WriteGeneration(writer, Generation);
        writer.List(Offsets, static (w, pair) =>
        {
            w.String(pair.Key.Topic);
            w.Int(pair.Key.Partition);
            w.Long(pair.Value.Offset);
            w.Int(pair.Value.LeaderEpoch);
            w.String(pair.Value.Metadata);
            w.Long(pair.Value.CommitTimestamp);
        });
        return writer.ToArray();
    }

    /// <summary>The snapshot of these bytes.</summary>
    /// <exception cref="UnreadableStateException">A newer version, or damage.</exception>
    public static GroupSnapshot Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes, "Group snapshot", Version);
        var snapshot = new GroupSnapshot(reader.Long(), reader.Bool(), reader.Bool() ? GroupEvents.ReadGeneration(ref reader) : null,
            reader.List(static (ref StateReader r) => KeyValuePair.Create(new TopicPartition(r.String(), r.Int()),
                new CommittedOffset(r.Long(), r.Int(), r.String(), r.Long()))));
        reader.End();
        return snapshot;
    }
}

/// <summary>A group's journal events, and how they are written: the manifest and the bytes.</summary>
public static class GroupEvents
{
    private const byte Version = 1;

    /// <summary>Whether this class writes the event.</summary>
    public static bool Owns(object message) => message is GroupGenerationStored or OffsetsCommitted or OffsetsRemoved or GroupRemoved;

    /// <summary>The event's manifest.</summary>
    public static string Manifest(IMachineEvent @event) => @event switch
    {
        GroupGenerationStored => "group-generation",
        OffsetsCommitted => "offsets",
        OffsetsRemoved => "offsets-removed",
        GroupRemoved => "group-removed",
        _ => throw NoEvent(@event),
    };

    /// <summary>The event's bytes.</summary>
    public static byte[] Write(IMachineEvent @event)
    {
        var writer = new StateWriter(Version);
        switch (@event)
        {
            case GroupGenerationStored stored:
                WriteGeneration(writer, stored);
                break;
            case OffsetsCommitted committed:
                writer.Long(committed.Timestamp);
                writer.List(committed.Offsets, static (w, offset) =>
                {
                    w.String(offset.Partition.Topic);
                    w.Int(offset.Partition.Partition);
                    w.Long(offset.Offset);
                    w.Int(offset.LeaderEpoch);
                    w.String(offset.Metadata);
                });
                break;
            case OffsetsRemoved removed:
                writer.List(removed.Partitions, static (w, partition) =>
                {
                    w.String(partition.Topic);
                    w.Int(partition.Partition);
                });
                break;
            case GroupRemoved:
                break;
            default:
                throw NoEvent(@event);
        }
        return writer.ToArray();
    }

    /// <summary>The event of these bytes.</summary>
    /// <exception cref="UnreadableStateException">Unknown manifest, newer version or damage.</exception>
    public static IMachineEvent Read(string manifest, byte[] bytes)
    {
        var reader = new StateReader(bytes, $"Group event {manifest}", Version);
        IMachineEvent @event = manifest switch
        {
            "group-generation" => ReadGeneration(ref reader),
            "offsets" => new OffsetsCommitted(reader.Long(), reader.List(static (ref StateReader r) =>
                new OffsetToCommit(new TopicPartition(r.String(), r.Int()), r.Long(), r.Int(), r.StringOrNull()))),
            "offsets-removed" => new OffsetsRemoved(reader.List(static (ref StateReader r) => new TopicPartition(r.String(), r.Int()))),
            "group-removed" => new GroupRemoved(),
            _ => throw new UnreadableStateException($"A group has no event {manifest}."),
        };
        reader.End();
        return @event;
    }

    internal static void WriteGeneration(StateWriter writer, GroupGenerationStored stored)
    {
        writer.Int(stored.GenerationId);
        writer.String(stored.ProtocolType);
        writer.String(stored.ProtocolName);
        writer.String(stored.LeaderId);
        writer.Long(stored.Timestamp);
        writer.List(stored.Members, static (w, member) =>
        {
            w.String(member.MemberId);
            w.String(member.InstanceId);
            w.String(member.ClientId);
            w.String(member.ClientHost);
            w.Int(member.SessionTimeoutMs);
            w.Int(member.RebalanceTimeoutMs);
            w.List(member.Protocols, static (w, protocol) =>
            {
                w.String(protocol.Name);
                w.Bytes(protocol.Metadata);
            });
            w.Bytes(member.Assignment);
        });
    }

    internal static GroupGenerationStored ReadGeneration(ref StateReader reader) => new(reader.Int(), reader.StringOrNull(), reader.StringOrNull(), reader.StringOrNull(),
        reader.Long(), reader.List(static (ref StateReader r) => new StoredMember(r.String(), r.StringOrNull(), r.String(), r.String(), r.Int(), r.Int(),
            r.List(static (ref StateReader r) => new GroupProtocol(r.String(), r.Bytes())), r.Bytes())));

    private static ArgumentException NoEvent(IMachineEvent @event) => new($"{@event.GetType().Name} is no event of a group.");
}
