using Actors.Broker.Events;
using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Broker.Placement;
using Actors.Broker.Topics;
using Actors.Machines;
using Actors.Ownership;
using Akka.Actor;

namespace Actors.Broker;

/// <summary>Where clients are told to connect.</summary>
public readonly record struct AdvertisedAddress(string Host, int Port)
{
    public override string ToString() => $"{Host}:{Port}";
}

/// <summary>One broker in an actor system: the actors that hold topics, partitions and groups, and the server that connections are handed to.</summary>
public sealed class KafkaBroker
{
    private readonly BrokerContext _context;
    private readonly TaskCompletionSource _serving;
    private readonly Dictionary<string, KnownListener> _listeners = [];
    private readonly CancellationTokenSource _stopped = new();

    private KafkaBroker(BrokerContext context, ActorSystem system, TaskCompletionSource serving)
    {
        _context = context;
        _serving = serving;
        System = system;
        Server = new KafkaServer(context, system);
        InProcess = new InProcessListener(Server, _stopped.Token);
    }

    /// <summary>What its actors work with.</summary>
    internal BrokerContext Context => _context;

    /// <summary>The actor system that the broker's actors live in.</summary>
    public ActorSystem System { get; }

    /// <summary>Serves connections.</summary>
    public KafkaServer Server { get; }

    /// <summary>Connections from inside the process.</summary>
    public InProcessListener InProcess { get; }

    /// <summary>Completes when every partition that the journal knows serves.</summary>
    public Task Serving => _serving.Task;

    /// <summary>What the broker is doing, in numbers.</summary>
    public BrokerFigures Figures => new(
        Server.Connections, _context.Metadata.Current.ByName.Count, _context.Partitions.Count, _context.Groups.Count, _context.InFlight.Used, _context.Cache.Used,
        _context.Counters.Requests, _context.Counters.AppendedBatches, _context.Counters.AppendedBytes, _context.Counters.FetchedBytes);

    /// <summary>The APIs that were called, each with its requests.</summary>
    public IReadOnlyList<ApiFigures> Apis => _context.Counters.Apis();

    /// <summary>The topics that this node has appended to or was fetched from, as leader; at most 1,000, then the others together.</summary>
    public IReadOnlyList<TopicFigures> Topics => _context.Counters.Topics(_context.Metadata.Current);

    /// <summary>Starts the broker's actors. They recover from the journal that the system's configuration names.</summary>
    /// <param name="system">A cluster's, where the settings say so; the node need not have joined it yet.</param>
    /// <param name="lease">The node's, which it must hold already; null for a node that has the journal for itself.</param>
    public static KafkaBroker Start(ActorSystem system, BrokerSettings settings, INodeLease? lease = null)
    {
        var context = new BrokerContext(settings, new JournalReader(system, settings.ReadJournalPluginId), lease ?? SoleNodeLease.Instance);
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Announcer = system.ActorOf(AnnouncerActor.Props(context), AnnouncerActor.Name);
        context.Storage.Probe = system.ActorOf(Durability.StorageProbe.Props(context.Storage, settings.NodeId), "storage");
        context.Metadata.Describe(own => own with { Roles = [.. settings.Roles] });
        context.GroupCatalogue = system.ActorOf(GroupCatalogue.Props(context), "groups");
        ImageFollowers.Follow(context, serving);
        if (settings.IsClustered)
            ClusterPlacement.Start(system, context);
        else
        {
            context.PartitionRegion = system.ActorOf(PartitionRegion.Props(context), "partitions");
            context.Topics = system.ActorOf(Placement.ControllerProxy.Props(context, system.ActorOf(TopicsActor.SupervisorProps(context), "topics")), "controller");
        }
        return new KafkaBroker(context, system, serving);
    }

    /// <summary>What this node knows of all nodes, itself included, by node id.</summary>
    public ClusterImage Cluster => _context.Metadata.Cluster;

    /// <summary>Waits, once this node has said that it goes down, until others lead what it led, if there are any and they do so in time.</summary>
    public async Task DrainedAsync(TimeSpan within)
    {
        var metadata = _context.Metadata;
        for (var until = DateTime.UtcNow + within; DateTime.UtcNow < until && metadata.Own.Led.Count > 0 && _context.Brokers.Any(IsStaying);)
            await Task.Delay(20);

        bool IsStaying(NodeImage node) => node.Id != metadata.NodeId && node.Description.Status != NodeDescription.Down;
    }

    /// <summary>Whether this is an address of this node's own.</summary>
    public bool IsOwn(string host, int port) => _context.Metadata.Own.Description.Listeners.Any(listener => listener.Host == host && listener.Port == port);

    /// <summary>What this node says of itself to the others changes.</summary>
    public void Describe(Func<NodeDescription, NodeDescription> change) => _context.Metadata.Describe(change);

    /// <summary>A group's current generation, as its coordinator says; null when there is none at the moment, or it does not answer.</summary>
    public async Task<int?> GenerationAsync(string group, CancellationToken cancellation = default)
    {
        if ((_context.Groups.Find(group) ?? CoordinatorsNode(group)) is not { } asked)
            return null;
        try
        {
            return (await asked.Ask<GroupGeneration>(new AskGroupGeneration(group), TimeSpan.FromSeconds(1), cancellation)).GenerationId;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>Clients that came in by this listener are told this address; the first one given is also for the nodes among themselves.</summary>
    /// <param name="listens">Where the listener is, when that is another address.</param>
    public void Advertise(string listener, AdvertisedAddress address, AdvertisedAddress? listens = null)
    {
        _listeners[listener] = new KnownListener(listener, $"{listens ?? address}", $"{address}");
        _context.Configurations = new BrokerConfigurations(_context.Settings.NodeId, StartConfigurations.Of(_context.Settings, _listeners.Values));
        _context.Metadata.Describe(own => own with { Listeners = [.. own.Listeners.Where(known => known.Name != listener), new ListenerAddress(listener, address.Host, address.Port)] });
    }

    /// <summary>Ends the connections from inside the process; sockets are ended by who accepted them.</summary>
    public void StopServing() => _stopped.Cancel();

    /// <summary>Who answers for the group's coordinator, when that is at another node.</summary>
    private ICanTell? CoordinatorsNode(string group)
    {
        var metadata = _context.Metadata;
        return metadata.Current.Find(InternalTopics.ConsumerOffsets) is { } offsets
            && metadata.Cluster.Leader(new PartitionId(offsets.Id, InternalTopics.PartitionFor(group, offsets.Partitions))) is { Node: var leader } && leader != metadata.NodeId
            && metadata.Cluster.Nodes.TryGetValue(leader, out var node) && node.Description.System is { Length: > 0 } address
                ? System.ActorSelection($"{address}/user/{AnnouncerActor.Name}")
                : null;
    }
}

/// <summary>A broker's figures at one moment.</summary>
/// <param name="Connections">Open connections.</param>
/// <param name="Topics">Topics that exist.</param>
/// <param name="Leaders">Partitions that this node leads.</param>
/// <param name="Groups">Groups that this node coordinates.</param>
/// <param name="InFlightBytes">Bytes of requests being worked on.</param>
/// <param name="CacheBytes">Bytes of recent batches in memory.</param>
/// <param name="Requests">Requests answered since the start.</param>
/// <param name="AppendedBatches">Batches that became durable.</param>
/// <param name="AppendedBytes">Their bytes.</param>
/// <param name="FetchedBytes">Bytes of batches that fetches were answered with.</param>
public sealed record BrokerFigures(
    int Connections, int Topics, int Leaders, int Groups, long InFlightBytes, long CacheBytes, long Requests, long AppendedBatches, long AppendedBytes, long FetchedBytes);
