using System.Collections.Immutable;
using Actors.Broker.Apis;
using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Ownership;
using Akka.Actor;

namespace Actors.Broker;

/// <summary>What the APIs and the actors of one broker work with.</summary>
internal sealed class BrokerContext
{
    private volatile KnownDefaults? _topicDefaults;

    public BrokerContext(BrokerSettings settings, JournalReader journal, INodeLease lease)
    {
        Settings = settings;
        InFlight = new ByteBudget(settings.MaxInFlightBytes);
        Cache = new CacheBudget(settings.CacheBytes);
        Journal = journal;
        Metadata = new MetadataImage(settings.NodeId, settings.Incarnation);
        Lease = lease;
        Configurations = new BrokerConfigurations(settings.NodeId, StartConfigurations.Of(settings, []));
        Partitions = new PartitionTable(Metadata, lease);
        Groups = new GroupTable(lease);
        FetchSessions = new FetchSessionTable(settings);
    }

    public BrokerSettings Settings { get; }

    /// <summary>What this broker was started with and told since.</summary>
    public BrokerConfigurations Configurations { get; set; }

    /// <summary>What a topic has that sets nothing itself, as of the image of the topics.</summary>
    public TopicConfiguration TopicDefaults
    {
        get
        {
            var (image, known) = (Metadata.Current, _topicDefaults);
            if (known is null || known.Of != image.Configured)
                _topicDefaults = known = new KnownDefaults(image.Configured, TopicConfiguration.Restore(TopicConfiguration.Default.With(Configurations.TopicDefaults(image)).Settings(), []));
            return known.Defaults;
        }
    }

    public ApiTable Apis { get; } = new();

    /// <summary>Bytes of requests being worked on in the node.</summary>
    public ByteBudget InFlight { get; }

    public CacheBudget Cache { get; }

    public Durability.StorageRoom Storage { get; } = new();

    public BrokerCounters Counters { get; } = new();

    public JournalReader Journal { get; }

    /// <summary>Whether this node may serve and answer.</summary>
    public INodeLease Lease { get; }

    public MetadataImage Metadata { get; }

    /// <summary>Completed once this node knows which topics there are.</summary>
    public TaskCompletionSource TopicsKnown { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public PartitionTable Partitions { get; }

    public GroupTable Groups { get; }

    public FetchSessionTable FetchSessions { get; }

    /// <summary>Publishes what happens for those who watch.</summary>
    public IActorRef Announcer { get; set; } = ActorRefs.Nobody;

    public IActorRef Topics { get; set; } = ActorRefs.Nobody;

    public IActorRef PartitionRegion { get; set; } = ActorRefs.Nobody;

    public IActorRef GroupCatalogue { get; set; } = ActorRefs.Nobody;

    /// <summary>Whether other nodes lead partitions too.</summary>
    public bool IsClustered => Settings.IsClustered;

    /// <summary>The nodes that lead partitions and coordinate groups, as far as clients can reach them.</summary>
    public IEnumerable<NodeImage> Brokers => Metadata.Cluster.Nodes.Values.Where(node => node.Description.Listeners.Length > 0 && node.Description.Roles.Contains(BrokerSettings.BrokerRole));

    private sealed record KnownDefaults(ImmutableDictionary<ConfigurationResource, ImmutableSortedDictionary<string, string>> Of, TopicConfiguration Defaults);

    /// <summary>A node's address as a client of the listener knows it; null for an unknown node, or one without that listener.</summary>
    public ListenerAddress? Address(int node, string listener) =>
        Metadata.Cluster.Nodes.TryGetValue(node, out var image) ? image.Description.Address(listener == InProcessListener.Name ? null : listener) : null;
}
