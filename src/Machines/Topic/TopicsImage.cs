using System.Collections.Immutable;

namespace Actors.Machines;

/// <summary>A topic as every node knows it.</summary>
/// <param name="Partitions">Their number; they are 0 to Partitions - 1.</param>
/// <param name="Configs">What was set for the topic itself, by Kafka's names.</param>
public sealed record TopicImage(string Name, Guid Id, int Partitions, ImmutableSortedDictionary<string, string> Configs)
{
    /// <summary>Kafka's own: <see cref="InternalTopics"/>.</summary>
    public bool IsInternal { get; } = InternalTopics.Contains(Name);

    /// <summary>The topic's configuration over the broker's defaults.</summary>
    public TopicConfiguration Configuration(TopicConfiguration defaults) => defaults.With(Configs);

    public bool Equals(TopicImage? other) =>
        other is not null && Name == other.Name && Id == other.Id && Partitions == other.Partitions && Configs.SequenceEqual(other.Configs);

    public override int GetHashCode() => HashCode.Combine(Name, Id, Partitions);
}

/// <summary>A deleted topic whose partitions' journals are still to be removed.</summary>
public readonly record struct DeletedTopic(Guid Id, int Partitions);

/// <summary>All topics at one moment; immutable. Later images have a greater (<see cref="Epoch"/>, <see cref="Version"/>).</summary>
public sealed record TopicsImage
{
    /// <summary>No topics, epoch 0.</summary>
    public static readonly TopicsImage Empty = new();

    /// <summary>Which incarnation of the topics actor made this image; from 1.</summary>
    public int Epoch { get; init; }

    /// <summary>Events applied: the journal's sequence number.</summary>
    public long Version { get; init; }

    /// <summary>By name, ordinal order.</summary>
    public ImmutableSortedDictionary<string, TopicImage> ByName { get; init; } = ImmutableSortedDictionary.Create<string, TopicImage>(StringComparer.Ordinal);

    /// <summary>By topic id.</summary>
    public ImmutableDictionary<Guid, TopicImage> ById { get; init; } = ImmutableDictionary<Guid, TopicImage>.Empty;

    /// <summary>Deleted topics not yet purged.</summary>
    public ImmutableDictionary<Guid, DeletedTopic> Deleted { get; init; } = ImmutableDictionary<Guid, DeletedTopic>.Empty;

    /// <summary>What was set for brokers and groups while they ran; topics carry theirs.</summary>
    public ImmutableDictionary<ConfigurationResource, ImmutableSortedDictionary<string, string>> Configured { get; init; } =
        ImmutableDictionary<ConfigurationResource, ImmutableSortedDictionary<string, string>>.Empty;

    /// <summary>The first producer id not yet handed out in a block.</summary>
    public long NextProducerId { get; init; }

    /// <summary>The topic of a name, or null.</summary>
    public TopicImage? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>The topic of an id, or null.</summary>
    public TopicImage? Find(Guid id) => ById.GetValueOrDefault(id);

    /// <summary>What was set for a resource, a topic too; empty when nothing was.</summary>
    public ImmutableSortedDictionary<string, string> ConfigsOf(ConfigurationResource resource) => resource.Type == ConfigurationResourceType.Topic
        ? Find(resource.Name)?.Configs ?? NothingSet
        : Configured.GetValueOrDefault(resource, NothingSet);

    private static readonly ImmutableSortedDictionary<string, string> NothingSet = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary>The image after an event: for the machine, and for nodes that follow it.</summary>
    public TopicsImage After(IMachineEvent @event) => @event switch
    {
        TopicsEpochStarted started => this with { Epoch = started.Epoch, Version = Version + 1 },
        TopicCreated created => Set(new TopicImage(created.Name, created.Id, created.Partitions, created.Configs)),
        TopicDeleted deleted => this with
        {
            ByName = ByName.Remove(ById[deleted.Id].Name),
            ById = ById.Remove(deleted.Id),
            Deleted = Deleted.SetItem(deleted.Id, new DeletedTopic(deleted.Id, ById[deleted.Id].Partitions)),
            Version = Version + 1,
        },
        TopicPurged purged => this with { Deleted = Deleted.Remove(purged.Id), Version = Version + 1 },
        PartitionsAdded added => Set(ById[added.Id] with { Partitions = added.Total }),
        TopicConfigured configured => Set(ById[configured.Id] with { Configs = configured.Configs }),
        ResourceConfigured configured => this with
        {
            Configured = configured.Configs.IsEmpty ? Configured.Remove(configured.Resource) : Configured.SetItem(configured.Resource, configured.Configs),
            Version = Version + 1,
        },
        ProducerIdsAllocated allocated => this with { NextProducerId = allocated.First + allocated.Count, Version = Version + 1 },
        _ => throw new ArgumentException($"{@event.GetType().Name} is no event of the topics."),
    };

    private TopicsImage Set(TopicImage topic) => this with { ByName = ByName.SetItem(topic.Name, topic), ById = ById.SetItem(topic.Id, topic), Version = Version + 1 };

    /// <summary>The manifest under which an image is written as a snapshot.</summary>
    public const string Manifest = "topics-snapshot";

    private const byte FormatVersion = 2;

    /// <summary>The image's bytes.</summary>
    public byte[] Write()
    {
        var writer = new StateWriter(FormatVersion);
        writer.Int(Epoch);
        writer.Long(Version);
        writer.Long(NextProducerId);
        writer.List(ByName.Values.ToList(), static (w, topic) =>
        {
            w.String(topic.Name);
            w.Guid(topic.Id);
            w.Int(topic.Partitions);
            w.Map(topic.Configs);
        });
        writer.List(Deleted.Values.OrderBy(topic => topic.Id).ToList(), static (w, topic) =>
        {
            w.Guid(topic.Id);
            w.Int(topic.Partitions);
        });
        writer.List(Configured.OrderBy(each => each.Key.Type).ThenBy(each => each.Key.Name, StringComparer.Ordinal).ToList(), static (w, configured) =>
        {
            configured.Key.Write(w);
            w.Map(configured.Value);
        });
        return writer.ToArray();
    }

    /// <summary>The image of these bytes.</summary>
    /// <exception cref="UnreadableStateException">A newer version, or damage.</exception>
    public static TopicsImage Read(ReadOnlySpan<byte> bytes)
    {
        var reader = new StateReader(bytes, "Topics snapshot", FormatVersion);
        var (epoch, version, nextProducerId) = (reader.Int(), reader.Long(), reader.Long());
        var topics = reader.List(static (ref StateReader r) => new TopicImage(r.String(), r.Guid(), r.Int(), TopicsEvents.Sorted(r.Map())));
        var deleted = reader.List(static (ref StateReader r) => new DeletedTopic(r.Guid(), r.Int()));
        // Version 1 knew only topics' configurations.
        var configured = reader.Version < 2 ? [] : reader.List(static (ref StateReader r) => KeyValuePair.Create(ConfigurationResource.Read(ref r), TopicsEvents.Sorted(r.Map())));
        reader.End();
        return new TopicsImage
        {
            Epoch = epoch,
            Version = version,
            NextProducerId = nextProducerId,
            ByName = topics.ToImmutableSortedDictionary(topic => topic.Name, topic => topic, StringComparer.Ordinal),
            ById = topics.ToImmutableDictionary(topic => topic.Id),
            Deleted = deleted.ToImmutableDictionary(topic => topic.Id),
            Configured = configured.ToImmutableDictionary(),
        };
    }
}
