using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Cluster.Sharding.Coordination;
using Akka.Cluster.Sharding.Internal;
using Akka.Cluster.Sharding.Regions;
using Akka.Cluster.Sharding.Serialization;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Pattern;

namespace Akka.Cluster.Sharding;

/// <summary>Starts regions: one a type and node, each a door to all entities of the type, wherever in the cluster they are.</summary>
public class ClusterSharding : IExtension
{
    private static readonly TimeSpan StartTimeout = TimeSpan.FromSeconds(20);

    private readonly ConcurrentDictionary<string, IActorRef> _regions = new();
    private readonly ConcurrentDictionary<string, IActorRef> _proxies = new();
    private readonly ExtendedActorSystem _system;
    private readonly Cluster _cluster;
    private readonly Lazy<IActorRef> _guardian;

    public ClusterSharding(ExtendedActorSystem system)
    {
        _system = system;
        _cluster = Cluster.Get(system);
        AddDefaults(system);
        Settings = ClusterShardingSettings.Create(system);
        _guardian = new Lazy<IActorRef>(() => system.SystemActorOf(Props.Create<ShardingGuardian>(), system.Settings.Config.GetString("akka.cluster.sharding.guardian-name")));
    }

    /// <summary>What the configuration says.</summary>
    public ClusterShardingSettings Settings { get; }

    /// <summary>The types whose regions run here, proxies not counted.</summary>
    public ImmutableHashSet<string> ShardTypeNames => [.. _regions.Keys];

    public static ClusterSharding Get(ActorSystem system) => system.WithExtension<ClusterSharding, ClusterShardingExtensionProvider>();

    public static Config DefaultConfig() => ConfigurationFactory.FromResource<ClusterSharding>("Akka.Cluster.Sharding.sharding.conf");

    internal static void AddDefaults(ExtendedActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(DefaultConfig());
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        // The system's serialisers may have been read before this extension came.
        var serializer = new ClusterShardingMessageSerializer(system);
        system.Serialization.AddSerializer("akka-sharding", serializer);
        system.Serialization.AddSerializationMap(typeof(IClusterShardingSerializable), serializer);
    }

    /// <summary>The strategy that is used where none is given: shards go to the region with the fewest.</summary>
    public IShardAllocationStrategy DefaultShardAllocationStrategy(ClusterShardingSettings settings)
    {
        var tuning = settings.TuningParameters;
        return tuning.LeastShardAllocationAbsoluteLimit > 0
            ? new LeastShardAllocationWithLimits(tuning.LeastShardAllocationAbsoluteLimit, tuning.LeastShardAllocationRelativeLimit)
            : new LeastShardAllocationStrategy(tuning.LeastShardAllocationRebalanceThreshold, tuning.LeastShardAllocationMaxSimultaneousRebalance);
    }

    /// <summary>The region of a type that was started here; its proxy if only that was.</summary>
    /// <exception cref="IllegalStateException">Neither was started.</exception>
    public IActorRef ShardRegion(string typeName) =>
        _regions.TryGetValue(typeName, out var region) || _proxies.TryGetValue(typeName, out region)
            ? region
            : throw new IllegalStateException($"Shard type [{typeName}] must be started first");

    /// <summary>The proxy of a type that was started here.</summary>
    /// <exception cref="IllegalStateException">None was started.</exception>
    public IActorRef ShardRegionProxy(string typeName) =>
        _proxies.TryGetValue(typeName, out var proxy) ? proxy : throw new IllegalStateException($"Shard type [{typeName}] must be started first");

    public IActorRef Start(
        string typeName, Props entityProps, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId,
        IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, _ => entityProps, settings, extractEntityId, extractShardId, allocationStrategy, handOffStopMessage).GetAwaiter().GetResult();

    public IActorRef Start(string typeName, Props entityProps, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId) =>
        StartAsync(typeName, entityProps, settings, extractEntityId, extractShardId).GetAwaiter().GetResult();

    /// <summary>The type's region on this node; a proxy if the node has not the settings' role. The hand-off message stops an entity whose shard moves.</summary>
    public IActorRef Start(
        string typeName, Props entityProps, ClusterShardingSettings settings, IMessageExtractor messageExtractor, IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, _ => entityProps, settings, messageExtractor, allocationStrategy, handOffStopMessage).GetAwaiter().GetResult();

    public IActorRef Start(string typeName, Props entityProps, ClusterShardingSettings settings, IMessageExtractor messageExtractor) =>
        StartAsync(typeName, entityProps, settings, messageExtractor).GetAwaiter().GetResult();

    public IActorRef Start(
        string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId,
        IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, entityPropsFactory, settings, extractEntityId, extractShardId, allocationStrategy, handOffStopMessage).GetAwaiter().GetResult();

    public IActorRef Start(string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId) =>
        StartAsync(typeName, entityPropsFactory, settings, extractEntityId, extractShardId).GetAwaiter().GetResult();

    public IActorRef Start(
        string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, IMessageExtractor messageExtractor,
        IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, entityPropsFactory, settings, messageExtractor, allocationStrategy, handOffStopMessage).GetAwaiter().GetResult();

    public IActorRef Start(string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, IMessageExtractor messageExtractor) =>
        StartAsync(typeName, entityPropsFactory, settings, messageExtractor).GetAwaiter().GetResult();

    public Task<IActorRef> StartAsync(
        string typeName, Props entityProps, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId,
        IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, _ => entityProps, settings, extractEntityId, extractShardId, allocationStrategy, handOffStopMessage);

    public Task<IActorRef> StartAsync(string typeName, Props entityProps, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId) =>
        StartAsync(typeName, _ => entityProps, settings, extractEntityId, extractShardId);

    public Task<IActorRef> StartAsync(
        string typeName, Props entityProps, ClusterShardingSettings settings, IMessageExtractor messageExtractor, IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, _ => entityProps, settings, messageExtractor, allocationStrategy, handOffStopMessage);

    public Task<IActorRef> StartAsync(string typeName, Props entityProps, ClusterShardingSettings settings, IMessageExtractor messageExtractor) =>
        StartAsync(typeName, _ => entityProps, settings, messageExtractor);

    public Task<IActorRef> StartAsync(
        string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId,
        IShardAllocationStrategy allocationStrategy, object handOffStopMessage) =>
        StartAsync(typeName, entityPropsFactory, settings, new DelegatingExtractor(extractEntityId, extractShardId), allocationStrategy, handOffStopMessage);

    public Task<IActorRef> StartAsync(string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, ExtractEntityId extractEntityId, ExtractShardId extractShardId) =>
        StartAsync(typeName, entityPropsFactory, settings, new DelegatingExtractor(extractEntityId, extractShardId));

    public Task<IActorRef> StartAsync(string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, IMessageExtractor messageExtractor) =>
        StartAsync(typeName, entityPropsFactory, settings, messageExtractor, DefaultShardAllocationStrategy(settings), PoisonPill.Instance);

    public async Task<IActorRef> StartAsync(
        string typeName, Func<string, Props> entityPropsFactory, ClusterShardingSettings settings, IMessageExtractor messageExtractor,
        IShardAllocationStrategy allocationStrategy, object handOffStopMessage)
    {
        ArgumentException.ThrowIfNullOrEmpty(typeName);
        ArgumentNullException.ThrowIfNull(entityPropsFactory);
        ArgumentNullException.ThrowIfNull(messageExtractor);
        if (!settings.ShouldHostShard(_cluster)) return await StartProxyAsync(typeName, settings.Role, messageExtractor).ConfigureAwait(false);
        var start = new ShardingGuardian.Start(typeName, entityPropsFactory, settings, messageExtractor, allocationStrategy, handOffStopMessage);
        return _regions[typeName] = await _guardian.Value.Ask<IActorRef>(start, StartTimeout).ConfigureAwait(false);
    }

    public IActorRef StartProxy(string typeName, string role, ExtractEntityId extractEntityId, ExtractShardId extractShardId) =>
        StartProxyAsync(typeName, role, extractEntityId, extractShardId).GetAwaiter().GetResult();

    /// <summary>A region that hosts nothing; <paramref name="role"/> is that of the nodes that do, null for all.</summary>
    public IActorRef StartProxy(string typeName, string role, IMessageExtractor messageExtractor) => StartProxyAsync(typeName, role, messageExtractor).GetAwaiter().GetResult();

    public Task<IActorRef> StartProxyAsync(string typeName, string role, ExtractEntityId extractEntityId, ExtractShardId extractShardId) =>
        StartProxyAsync(typeName, role, new DelegatingExtractor(extractEntityId, extractShardId));

    public async Task<IActorRef> StartProxyAsync(string typeName, string role, IMessageExtractor messageExtractor)
    {
        ArgumentException.ThrowIfNullOrEmpty(typeName);
        ArgumentNullException.ThrowIfNull(messageExtractor);
        var start = new ShardingGuardian.Start(typeName, null, Settings.WithRole(role), messageExtractor, null, null);
        return _proxies[typeName] = await _guardian.Value.Ask<IActorRef>(start, StartTimeout).ConfigureAwait(false);
    }
}

/// <summary>The extension's id.</summary>
public class ClusterShardingExtensionProvider : ExtensionIdProvider<ClusterSharding>
{
    public override ClusterSharding CreateExtension(ExtendedActorSystem system) => new(system);
}
