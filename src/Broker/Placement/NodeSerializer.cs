using Actors.Broker.Events;
using Actors.Broker.Groups;
using Actors.Broker.Partitions;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;
using Akka.Serialization;

namespace Actors.Broker.Placement;

/// <summary>Writes what brokers tell each other: images, commands for the controller and its answers, which partition to start, what happens in groups. Never records.</summary>
public sealed class NodeSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    private const string NodeManifest = "node", TopicsManifest = "topics", CompareManifest = "compare", AskNodeManifest = "ask-node", AskTopicsManifest = "ask-topics",
        NodeCopyManifest = "node-copy", TopicsCopyManifest = "topics-copy", StartManifest = "start", PurgeManifest = "purge", PurgedManifest = "purged",
        NewsManifest = "group-news", AskGenerationManifest = "ask-generation", GenerationManifest = "generation", ControlPrefix = "control-";

    private const byte Version = 1;

    /// <inheritdoc/>
    public override int Identifier => 9002;

    /// <inheritdoc/>
    public override string Manifest(object message) => message switch
    {
        NodeChanged => NodeManifest,
        TopicsChangedBy => TopicsManifest,
        CompareImages => CompareManifest,
        AskNode => AskNodeManifest,
        AskTopics => AskTopicsManifest,
        NodeCopy => NodeCopyManifest,
        TopicsCopy => TopicsCopyManifest,
        StartPartition => StartManifest,
        PurgePartition => PurgeManifest,
        PartitionPurged => PurgedManifest,
        GroupEvent => NewsManifest,
        AskGroupGeneration => AskGenerationManifest,
        GroupGeneration => GenerationManifest,
        _ => ControlPrefix + ControlFormat.Manifest(message),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object message) => message switch
    {
        NodeChanged changed => ImageFormat.Write(changed.Change),
        TopicsChangedBy changed => Write(changed),
        CompareImages compare => Write(compare),
        AskNode or AskTopics => [],
        NodeCopy copy => ImageFormat.Write(copy.Part),
        TopicsCopy copy => ImageFormat.Write(copy.Part),
        IPartitionMessage command => Write(command.Id),
        PartitionPurged purged => Write(purged.Id),
        GroupEvent happened => GroupEventFormat.Write(happened),
        AskGroupGeneration ask => GroupEventFormat.Write(ask),
        GroupGeneration answer => GroupEventFormat.Write(answer),
        _ => ControlFormat.Write(message),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        NodeManifest => new NodeChanged(ImageFormat.ReadNodeChange(bytes)),
        TopicsManifest => ReadTopicsChange(bytes),
        CompareManifest => ReadCompare(bytes),
        AskNodeManifest => AskNode.Instance,
        AskTopicsManifest => AskTopics.Instance,
        NodeCopyManifest => new NodeCopy(ImageFormat.ReadNodeImagePart(bytes)),
        TopicsCopyManifest => new TopicsCopy(ImageFormat.ReadTopicsImagePart(bytes)),
        StartManifest => new StartPartition(ReadId(bytes)),
        PurgeManifest => new PurgePartition(ReadId(bytes)),
        PurgedManifest => new PartitionPurged(ReadId(bytes)),
        NewsManifest => GroupEventFormat.Read(bytes),
        AskGenerationManifest => GroupEventFormat.ReadAsk(bytes),
        GenerationManifest => GroupEventFormat.ReadGeneration(bytes),
        _ when manifest.StartsWith(ControlPrefix, StringComparison.Ordinal) => ControlFormat.Read(manifest[ControlPrefix.Length..], bytes),
        _ => throw new UnreadableStateException($"Brokers do not say {manifest} to each other."),
    };

    private static byte[] Write(PartitionId id)
    {
        var writer = new StateWriter(Version);
        writer.Guid(id.TopicId);
        writer.Int(id.Partition);
        return writer.ToArray();
    }

    private static PartitionId ReadId(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Partition", Version);
        var id = new PartitionId(reader.Guid(), reader.Int());
        reader.End();
        return id;
    }

    private static byte[] Write(TopicsChangedBy changed)
    {
        var writer = new StateWriter(Version);
        writer.Long(changed.Version);
        writer.String(TopicsEvents.Manifest(changed.Event));
        writer.Bytes(TopicsEvents.Write(changed.Event));
        return writer.ToArray();
    }

    private static TopicsChangedBy ReadTopicsChange(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Topics change", Version);
        var changed = new TopicsChangedBy(reader.Long(), TopicsEvents.Read(reader.String(), reader.Bytes()));
        reader.End();
        return changed;
    }

    private static byte[] Write(CompareImages compare)
    {
        var writer = new StateWriter(Version);
        writer.Int(compare.NodeId);
        writer.Long(compare.Incarnation);
        writer.Long(compare.Version);
        writer.Int(compare.TopicsEpoch);
        writer.Long(compare.TopicsVersion);
        return writer.ToArray();
    }

    private static CompareImages ReadCompare(byte[] bytes)
    {
        var reader = new StateReader(bytes, "Comparison", Version);
        var compare = new CompareImages(reader.Int(), reader.Long(), reader.Long(), reader.Int(), reader.Long());
        reader.End();
        return compare;
    }
}
