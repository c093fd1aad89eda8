using Actors.Machines;
using Akka.Actor;
using Akka.Serialization;

namespace Actors.Broker.Journal;

/// <summary>Writes the machines' events and snapshots for the journal. A record batch's bytes are the batch itself, its own array, uncopied both ways.</summary>
public sealed class JournalSerializer(ExtendedActorSystem system) : SerializerWithStringManifest(system)
{
    /// <summary>Stands in the journal beside each row; never to be changed.</summary>
    public override int Identifier => 9001;

    /// <inheritdoc/>
    public override string Manifest(object message) => message switch
    {
        IMachineEvent @event when PartitionEvents.Owns(@event) => PartitionEvents.Manifest(@event),
        IMachineEvent @event when TopicsEvents.Owns(@event) => TopicsEvents.Manifest(@event),
        IMachineEvent @event when GroupEvents.Owns(@event) => GroupEvents.Manifest(@event),
        PartitionSnapshot => PartitionSnapshot.Manifest,
        TopicsImage => TopicsImage.Manifest,
        GroupSnapshot => GroupSnapshot.Manifest,
        _ => throw new ArgumentException($"{message.GetType()} is neither event nor snapshot of a machine"),
    };

    /// <inheritdoc/>
    public override byte[] ToBinary(object message) => message switch
    {
        IMachineEvent @event when PartitionEvents.Owns(@event) => PartitionEvents.Write(@event),
        IMachineEvent @event when TopicsEvents.Owns(@event) => TopicsEvents.Write(@event),
        IMachineEvent @event when GroupEvents.Owns(@event) => GroupEvents.Write(@event),
        PartitionSnapshot snapshot => snapshot.Write(),
        TopicsImage image => image.Write(),
        GroupSnapshot snapshot => snapshot.Write(),
        _ => throw new ArgumentException($"{message.GetType()} is neither event nor snapshot of a machine"),
    };

    /// <inheritdoc/>
    public override object FromBinary(byte[] bytes, string manifest) => manifest switch
    {
        PartitionEvents.BatchManifest => BatchAppended.Of(bytes),
        PartitionSnapshot.Manifest => PartitionSnapshot.Read(bytes),
        TopicsImage.Manifest => TopicsImage.Read(bytes),
        GroupSnapshot.Manifest => GroupSnapshot.Read(bytes),
        _ when manifest.StartsWith("topic", StringComparison.Ordinal) || manifest.StartsWith("producer", StringComparison.Ordinal) => TopicsEvents.Read(manifest, bytes),
        _ when manifest.StartsWith("group", StringComparison.Ordinal) || manifest.StartsWith("offsets", StringComparison.Ordinal) => GroupEvents.Read(manifest, bytes),
        _ => PartitionEvents.Read(manifest, bytes),
    };
}
