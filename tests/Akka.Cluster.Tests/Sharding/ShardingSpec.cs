using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Persistence.Sql;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>Nodes of this process with a sharded type "entities", on SQLite.</summary>
public abstract class ShardingSpec() : ClusterSpec(new SqliteClusterDatabase())
{
    protected const int Shards = 12;

    protected static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    internal static readonly IMessageExtractor Extractor = HashCodeMessageExtractor.Create(Shards, _ => null!);

    internal Residents Residents { get; } = new();

    /// <summary>Short intervals, and what a spec says instead.</summary>
    protected static string Intervals(string more = "") => $$"""
        akka.cluster.sharding {
          retry-interval = 100ms, rebalance-interval = 100ms, handoff-timeout = 4s, shard-start-timeout = 500ms, shard-failure-backoff = 200ms
          coordinator-failure-backoff = 200ms, lease-retry-interval = 100ms
          least-shard-allocation-strategy { rebalance-absolute-limit = 4, rebalance-relative-limit = 1.0 }
        }
        akka.cluster.singleton.hand-over-retry-interval = 100ms
        akka.persistence {
          journal.plugin = "akka.persistence.journal.sql"
          snapshot-store.plugin = "akka.persistence.snapshot-store.sql"
        }
        {{more}}
        """;

    protected ActorSystem Node(string roles = "", string more = "")
    {
        var system = StartUp(roles, Intervals(more) + "\n" + Database.Hocon.Replace("journal.sql", "snapshot-store.sql"));
        SqlPersistence.Get(system);
        return system;
    }

    protected IActorRef Region(ActorSystem system, IShardAllocationStrategy? strategy = null, Func<ClusterShardingSettings, ClusterShardingSettings>? change = null)
    {
        var settings = ClusterShardingSettings.Create(system);
        var sharding = ClusterSharding.Get(system);
        var address = Cluster.Get(system).SelfAddress;
        return sharding.Start(
            "entities", id => Props.Create(() => new Resident(id, address, Residents)), change?.Invoke(settings) ?? settings, Extractor,
            strategy ?? sharding.DefaultShardAllocationStrategy(settings), Resident.Stop.Instance);
    }

    protected static string Shard(string entity) => Extractor.ShardId(entity);

    /// <summary>The address of the node on which the entity answers.</summary>
    protected static string Where(IActorRef region, string entity)
    {
        // At most once: what a node took with it is asked for again.
        string? answer = null;
        Await(() => (answer = Answer(region, entity, TimeSpan.FromMilliseconds(300))) is not null, () => $"no answer from {entity}");
        return answer!;
    }

    /// <summary>Null if there is none in time.</summary>
    protected static string? Answer(IActorRef region, string entity, TimeSpan timeout)
    {
        try
        {
            return region.Ask<string>(new ShardingEnvelope(entity, "where"), timeout).GetAwaiter().GetResult();
        }
        catch (AskTimeoutException)
        {
            return null;
        }
    }

    protected static void AwaitRegions(IActorRef region, int count) => Await(
        () => region.Ask<CurrentRegions>(GetCurrentRegions.Instance, Soon).GetAwaiter().GetResult().Regions.Count == count, () => $"not {count} regions");

    protected static string AddressOf(ActorSystem system) => Cluster.Get(system).SelfAddress.ToString();

    protected static IReadOnlyList<string> Entities { get; } = [.. Enumerable.Range(0, 40).Select(number => $"e{number}")];

    protected static ImmutableDictionary<string, string> HomesOf(IActorRef region) => Entities.ToImmutableDictionary(each => each, each => Where(region, each));
}

/// <summary>Which entities run where, whether any ever ran twice at a time, and what each has received.</summary>
internal sealed class Residents
{
    private readonly Dictionary<string, string> _running = [];

    public ConcurrentBag<string> Faults { get; } = [];

    public ConcurrentDictionary<string, List<int>> Received { get; } = new();

    public IReadOnlyDictionary<string, string> Running
    {
        get
        {
            lock (_running) return _running.ToDictionary();
        }
    }

    public void Started(string id, string address)
    {
        lock (_running)
        {
            if (!_running.TryAdd(id, address)) Faults.Add($"{id} starts on {address} while it runs on {_running[id]}");
        }
    }

    public void Stopped(string id, string address)
    {
        lock (_running)
        {
            if (_running.TryGetValue(id, out var at) && at == address) _running.Remove(id);
        }
    }

    /// <summary>A killed node runs nothing.</summary>
    public void Killed(string address)
    {
        lock (_running)
        {
            foreach (var id in _running.Where(each => each.Value == address).Select(each => each.Key).ToList()) _running.Remove(id);
        }
    }
}

/// <summary>An entity that says where it is and notes the numbers it gets.</summary>
internal sealed class Resident : ReceiveActor
{
    private readonly string _id;
    private readonly Address _address;
    private readonly Residents _residents;

    public Resident(string id, Address address, Residents residents)
    {
        (_id, _address, _residents) = (id, address, residents);
        Receive<string>(text => text == "where", _ => Sender.Tell(_address.ToString()));
        Receive<string>(text => text == "passivate", _ => Context.Parent.Tell(new Passivate(Stop.Instance)));
        Receive<string>(text => text == "fail", _ => throw new InvalidOperationException("as asked"));
        Receive<int>(number =>
        {
            _residents.Received.GetOrAdd(_id, _ => []).Add(number);
            Sender.Tell(number);
        });
        Receive<Stop>(_ => Context.Stop(Self));
    }

    protected override void PreStart() => _residents.Started(_id, _address.ToString());

    protected override void PostStop() => _residents.Stopped(_id, _address.ToString());

    internal sealed class Stop
    {
        public static readonly Stop Instance = new();
    }
}
