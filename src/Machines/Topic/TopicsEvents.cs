using System.Collections.Immutable;

namespace Actors.Machines;

/// <summary>A new incarnation of the topics actor.</summary>
public sealed record TopicsEpochStarted(int Epoch) : IMachineEvent;

/// <summary>A topic exists from now on.</summary>
public sealed record TopicCreated(string Name, Guid Id, int Partitions, ImmutableSortedDictionary<string, string> Configs) : IMachineEvent;

/// <summary>A topic is gone; its partitions' journals are still there.</summary>
public sealed record TopicDeleted(Guid Id) : IMachineEvent;

/// <summary>A deleted topic's partitions are removed from the journal.</summary>
public sealed record TopicPurged(Guid Id) : IMachineEvent;

/// <summary>A topic has this many partitions from now on.</summary>
public sealed record PartitionsAdded(Guid Id, int Total) : IMachineEvent;

/// <summary>All that is set for a topic itself.</summary>
public sealed record TopicConfigured(Guid Id, ImmutableSortedDictionary<string, string> Configs) : IMachineEvent;

/// <summary>All that is set for a broker, all brokers or a group.</summary>
public sealed record ResourceConfigured(ConfigurationResource Resource, ImmutableSortedDictionary<string, string> Configs) : IMachineEvent;

/// <summary>A block of producer ids was given to a node.</summary>
public sealed record ProducerIdsAllocated(long First, int Count) : IMachineEvent;

/// <summary>The topics' journal events, and how they are written: the manifest and the bytes.</summary>
public static class TopicsEvents
{
    private const byte Version = 1;

    /// <summary>Whether this class writes the event.</summary>
    public static bool Owns(object message) =>
        message is TopicsEpochStarted or TopicCreated or TopicDeleted or TopicPurged or PartitionsAdded or TopicConfigured or ResourceConfigured or ProducerIdsAllocated;

    /// <summary>The event's manifest.</summary>
    public static string Manifest(IMachineEvent @event) => @event switch
    {
        TopicsEpochStarted => "topics-epoch",
        TopicCreated => "topic-created",
        TopicDeleted => "topic-deleted",
        TopicPurged => "topic-purged",
        PartitionsAdded => "topic-partitions",
        TopicConfigured => "topic-configured",
        ResourceConfigured => "topics-configured",
        ProducerIdsAllocated => "producer-ids",
        _ => throw NoEvent(@event),
    };

    /// <summary>The event's bytes.</summary>
    public static byte[] Write(IMachineEvent @event)
    {
        var writer = new StateWriter(Version);
        switch (@event)
        {
            case TopicsEpochStarted started:
                writer.Int(started.Epoch);
                break;
            case TopicCreated created:
                writer.String(created.Name);
                writer.Guid(created.Id);
                writer.Int(created.Partitions);
                writer.Map(created.Configs);
                break;
            case TopicDeleted deleted:
                writer.Guid(deleted.Id);
                break;
            case TopicPurged purged:
                writer.Guid(purged.Id);
                break;
            case PartitionsAdded added:
                writer.Guid(added.Id);
                writer.Int(added.Total);
                break;
            case TopicConfigured configured:
                writer.Guid(configured.Id);
                writer.Map(configured.Configs);
                break;
            case ResourceConfigured configured:
                configured.Resource.Write(writer);
                writer.Map(configured.Configs);
                break;
            case ProducerIdsAllocated allocated:
                writer.Long(allocated.First);
                writer.Int(allocated.Count);
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
        var reader = new StateReader(bytes, $"Topics event {manifest}", Version);
        IMachineEvent @event = manifest switch
        {
            "topics-epoch" => new TopicsEpochStarted(reader.Int()),
            "topic-created" => new TopicCreated(reader.String(), reader.Guid(), reader.Int(), Sorted(reader.Map())),
            "topic-deleted" => new TopicDeleted(reader.Guid()),
            "topic-purged" => new TopicPurged(reader.Guid()),
            "topic-partitions" => new PartitionsAdded(reader.Guid(), reader.Int()),
            "topic-configured" => new TopicConfigured(reader.Guid(), Sorted(reader.Map())),
            "topics-configured" => new ResourceConfigured(ConfigurationResource.Read(ref reader), Sorted(reader.Map())),
            "producer-ids" => new ProducerIdsAllocated(reader.Long(), reader.Int()),
            _ => throw new UnreadableStateException($"The topics have no event {manifest}."),
        };
        reader.End();
        return @event;
    }

    internal static ImmutableSortedDictionary<string, string> Sorted(IEnumerable<KeyValuePair<string, string>> configs) =>
        configs.ToImmutableSortedDictionary(StringComparer.Ordinal);

    private static ArgumentException NoEvent(IMachineEvent @event) => new($"{@event.GetType().Name} is no event of the topics.");
}
