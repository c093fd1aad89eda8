using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;

namespace Actors.Broker;

/// <summary>Where clients are told to connect.</summary>
public readonly record struct AdvertisedAddress(string Host, int Port);

/// <summary>One broker in an actor system: the actors that hold topics, partitions and groups, and the server that connections are handed to.</summary>
public sealed class KafkaBroker
{
    private readonly BrokerContext _context;
    private readonly TaskCompletionSource _serving;
    private readonly CancellationTokenSource _stopped = new();

    private KafkaBroker(BrokerContext context, ActorSystem system, TaskCompletionSource serving)
    {
        _context = context;
        _serving = serving;
        System = system;
        Server = new KafkaServer(context, system);
        InProcess = new InProcessListener(Server, _stopped.Token);
    }

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

    /// <summary>Starts the broker's actors. They recover from the journal that the system's configuration names.</summary>
    public static KafkaBroker Start(ActorSystem system, BrokerSettings settings)
    {
        var context = new BrokerContext(settings, new JournalReader(system, settings.ReadJournalPluginId));
        var serving = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        context.Announcer = system.ActorOf(Events.AnnouncerActor.Props(), "announcer");
        context.Metadata.Describe(own => own with { Roles = [.. settings.Roles] });
        context.PartitionRegion = system.ActorOf(Partitions.PartitionRegion.Props(context), "partitions");
        context.GroupCatalogue = system.ActorOf(GroupCatalogue.Props(context), "groups");
        ImageFollowers.Follow(context, serving);
        context.Topics = system.ActorOf(TopicsActor.SupervisorProps(context), "topics");
        return new KafkaBroker(context, system, serving);
    }

    /// <summary>A group's current generation; null when this node does not coordinate it, or its coordinator is not ready to say.</summary>
    public async Task<int?> GenerationAsync(string group, CancellationToken cancellation = default)
    {
        if (_context.Groups.Find(group) is not { } coordinator)
            return null;
        try
        {
            return (await coordinator.Ask<GroupGeneration>(AskGeneration.Instance, TimeSpan.FromSeconds(1), cancellation)).GenerationId;
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    /// <summary>Clients that came in by this listener are told this address; the first one given is also for the nodes among themselves.</summary>
    public void Advertise(string listener, AdvertisedAddress address) =>
        _context.Metadata.Describe(own => own with { Listeners = [.. own.Listeners.Where(known => known.Name != listener), new ListenerAddress(listener, address.Host, address.Port)] });

    /// <summary>Ends the connections from inside the process; sockets are ended by who accepted them.</summary>
    public void StopServing() => _stopped.Cancel();
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
