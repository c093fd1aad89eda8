using System.Collections.Concurrent;
using Actors.Broker.Apis;
using Actors.Broker.Groups;
using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;

namespace Actors.Broker;

/// <summary>What the APIs and the actors of one broker work with.</summary>
internal sealed class BrokerContext(BrokerSettings settings, JournalReader journal)
{
    private readonly ConcurrentDictionary<string, AdvertisedAddress> _addresses = new();
    private AdvertisedAddress _first;

    public BrokerSettings Settings { get; } = settings;

    public TopicConfiguration TopicDefaults { get; } = TopicConfiguration.Restore(TopicConfiguration.Default.With(settings.TopicDefaults).Settings(), []);

    public ApiTable Apis { get; } = new();

    /// <summary>Bytes of requests being worked on in the node.</summary>
    public ByteBudget InFlight { get; } = new(settings.MaxInFlightBytes);

    public CacheBudget Cache { get; } = new(settings.CacheBytes);

    public BrokerCounters Counters { get; } = new();

    public JournalReader Journal { get; } = journal;

    public MetadataImage Metadata { get; } = new();

    public PartitionTable Partitions { get; } = new();

    public GroupTable Groups { get; } = new();

    /// <summary>Publishes what happens for those who watch.</summary>
    public IActorRef Announcer { get; set; } = ActorRefs.Nobody;

    public IActorRef Topics { get; set; } = ActorRefs.Nobody;

    public IActorRef PartitionRegion { get; set; } = ActorRefs.Nobody;

    public IActorRef GroupRegion { get; set; } = ActorRefs.Nobody;

    public void Advertise(string listener, AdvertisedAddress address)
    {
        if (_addresses.IsEmpty)
            _first = address;
        _addresses[listener] = address;
    }

    /// <summary>This broker's address as a client of the listener knows it; who came from inside the process gets the first one.</summary>
    public AdvertisedAddress Address(string listener) => _addresses.TryGetValue(listener, out var address) ? address : _first;
}

/// <summary>What was counted since the start; any thread adds.</summary>
internal sealed class BrokerCounters
{
    private long _requests, _appendedBatches, _appendedBytes, _fetchedBytes;

    public long Requests => Interlocked.Read(ref _requests);

    public long AppendedBatches => Interlocked.Read(ref _appendedBatches);

    public long AppendedBytes => Interlocked.Read(ref _appendedBytes);

    public long FetchedBytes => Interlocked.Read(ref _fetchedBytes);

    public void Answered() => Interlocked.Increment(ref _requests);

    public void Appended(int bytes)
    {
        Interlocked.Increment(ref _appendedBatches);
        Interlocked.Add(ref _appendedBytes, bytes);
    }

    public void Fetched(long bytes) => Interlocked.Add(ref _fetchedBytes, bytes);
}
