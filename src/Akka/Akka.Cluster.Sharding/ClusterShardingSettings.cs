using Akka.Actor;
using Akka.Cluster.Tools.Singleton;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.Sharding;

/// <summary>Where the coordinator keeps which shard is where.</summary>
public enum StateStoreMode
{
    /// <summary>In events and snapshots; the only mode of this stand-in.</summary>
    Persistence,
    DData,
    Custom,
}

/// <summary>Settings of one type's sharding.</summary>
public sealed class ClusterShardingSettings : INoSerializationVerificationNeeded
{
    /// <summary>Role of the nodes that host shards; null for all nodes.</summary>
    public readonly string Role;
    public readonly bool RememberEntities;
    public readonly string JournalPluginId;
    public readonly string SnapshotPluginId;
    /// <summary>Zero: entities are never passivated for idleness.</summary>
    public readonly TimeSpan PassivateIdleEntityAfter;
    public readonly StateStoreMode StateStoreMode;
    /// <summary>How long a query of all regions waits for the slowest.</summary>
    public readonly TimeSpan ShardRegionQueryTimeout;
    public readonly TuningParameters TuningParameters;
    public readonly ClusterSingletonManagerSettings CoordinatorSingletonSettings;
    /// <summary>Null: shards need no lease.</summary>
    public readonly LeaseUsageSettings LeaseSettings;

    public ClusterShardingSettings(
        string role, bool rememberEntities, string journalPluginId, string snapshotPluginId, TimeSpan passivateIdleEntityAfter,
        StateStoreMode stateStoreMode, TuningParameters tuningParameters, ClusterSingletonManagerSettings coordinatorSingletonSettings)
        : this(role, rememberEntities, journalPluginId, snapshotPluginId, passivateIdleEntityAfter, stateStoreMode, tuningParameters, coordinatorSingletonSettings, null)
    {
    }

    public ClusterShardingSettings(
        string role, bool rememberEntities, string journalPluginId, string snapshotPluginId, TimeSpan passivateIdleEntityAfter,
        StateStoreMode stateStoreMode, TuningParameters tuningParameters, ClusterSingletonManagerSettings coordinatorSingletonSettings, LeaseUsageSettings leaseSettings)
        : this(role, rememberEntities, journalPluginId, snapshotPluginId, passivateIdleEntityAfter, stateStoreMode, TimeSpan.FromSeconds(3), tuningParameters, coordinatorSingletonSettings, leaseSettings)
    {
    }

    private ClusterShardingSettings(
        string role, bool rememberEntities, string journalPluginId, string snapshotPluginId, TimeSpan passivateIdleEntityAfter, StateStoreMode stateStoreMode,
        TimeSpan shardRegionQueryTimeout, TuningParameters tuningParameters, ClusterSingletonManagerSettings coordinatorSingletonSettings, LeaseUsageSettings leaseSettings)
    {
        if (rememberEntities) throw new ConfigurationException("akka.cluster.sharding.remember-entities = on: this stand-in does not remember entities");
        if (stateStoreMode != StateStoreMode.Persistence) throw new ConfigurationException($"akka.cluster.sharding.state-store-mode = {stateStoreMode}: only 'persistence' is there");
        Role = string.IsNullOrEmpty(role) ? null : role;
        RememberEntities = rememberEntities;
        JournalPluginId = journalPluginId;
        SnapshotPluginId = snapshotPluginId;
        PassivateIdleEntityAfter = passivateIdleEntityAfter;
        StateStoreMode = stateStoreMode;
        ShardRegionQueryTimeout = shardRegionQueryTimeout;
        TuningParameters = tuningParameters;
        CoordinatorSingletonSettings = coordinatorSingletonSettings;
        LeaseSettings = leaseSettings;
    }

    /// <summary>The settings that the system's configuration says.</summary>
    public static ClusterShardingSettings Create(ActorSystem system)
    {
        ClusterSharding.AddDefaults((ExtendedActorSystem)system);
        var config = system.Settings.Config.GetConfig("akka.cluster.sharding");
        var path = config.GetString("coordinator-singleton");
        var singleton = system.Settings.Config.GetConfig(path) ?? throw new ConfigurationException($"akka.cluster.sharding.coordinator-singleton = {path}: there is no such path");
        return Create(config, singleton);
    }

    public static ClusterShardingSettings Create(Config config, Config singletonConfig)
    {
        if (config.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<ClusterShardingSettings>("akka.cluster.sharding");
        if (singletonConfig.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<ClusterShardingSettings>("akka.cluster.singleton");
        var idle = config.GetString("passivate-idle-entity-after");
        var lease = config.GetString("use-lease");
        var mode = config.GetString("state-store-mode");
        if (!Enum.TryParse<StateStoreMode>(mode, ignoreCase: true, out var parsed)) throw new ConfigurationException($"akka.cluster.sharding.state-store-mode = {mode}: it is none of persistence, ddata, custom");
        return new ClusterShardingSettings(
            config.GetString("role"),
            config.GetBoolean("remember-entities"),
            config.GetString("journal-plugin-id"),
            config.GetString("snapshot-plugin-id"),
            string.IsNullOrEmpty(idle) || idle is "off" or "false" or "no" ? TimeSpan.Zero : config.GetTimeSpan("passivate-idle-entity-after"),
            parsed,
            config.GetTimeSpan("shard-region-query-timeout", TimeSpan.FromSeconds(3)),
            TuningParameters.Create(config),
            ClusterSingletonManagerSettings.Create(singletonConfig),
            string.IsNullOrEmpty(lease) ? null : new LeaseUsageSettings(lease, config.GetTimeSpan("lease-retry-interval")));
    }

    public ClusterShardingSettings WithRole(string role) => With(role: role, otherRole: true);

    public ClusterShardingSettings WithRememberEntities(bool rememberEntities) =>
        new(Role, rememberEntities, JournalPluginId, SnapshotPluginId, PassivateIdleEntityAfter, StateStoreMode, ShardRegionQueryTimeout, TuningParameters, CoordinatorSingletonSettings, LeaseSettings);

    public ClusterShardingSettings WithJournalPluginId(string journalPluginId) => With(journalPluginId: journalPluginId ?? string.Empty);

    public ClusterShardingSettings WithSnapshotPluginId(string snapshotPluginId) => With(snapshotPluginId: snapshotPluginId ?? string.Empty);

    public ClusterShardingSettings WithTuningParameters(TuningParameters tuningParameters) =>
        With(tuningParameters: tuningParameters ?? throw new ArgumentNullException(nameof(tuningParameters)));

    public ClusterShardingSettings WithStateStoreMode(StateStoreMode mode) => With(mode: mode);

    public ClusterShardingSettings WithPassivateIdleAfter(TimeSpan duration) => With(passivateIdleAfter: duration);

    public ClusterShardingSettings WithCoordinatorSingletonSettings(ClusterSingletonManagerSettings coordinatorSingletonSettings) =>
        With(singleton: coordinatorSingletonSettings ?? throw new ArgumentNullException(nameof(coordinatorSingletonSettings)));

    public ClusterShardingSettings WithLeaseSettings(LeaseUsageSettings leaseSettings) => With(lease: leaseSettings, otherLease: true);

    /// <summary>Whether a node of these roles hosts shards.</summary>
    internal bool ShouldHostShard(Cluster cluster) => Role is null || cluster.SelfRoles.Contains(Role);

    private ClusterShardingSettings With(
        string role = null, bool otherRole = false, string journalPluginId = null, string snapshotPluginId = null, TimeSpan? passivateIdleAfter = null,
        StateStoreMode? mode = null, TuningParameters tuningParameters = null, ClusterSingletonManagerSettings singleton = null, LeaseUsageSettings lease = null, bool otherLease = false) =>
        new(
            otherRole ? role : Role, RememberEntities, journalPluginId ?? JournalPluginId, snapshotPluginId ?? SnapshotPluginId, passivateIdleAfter ?? PassivateIdleEntityAfter,
            mode ?? StateStoreMode, ShardRegionQueryTimeout, tuningParameters ?? TuningParameters, singleton ?? CoordinatorSingletonSettings, otherLease ? lease : LeaseSettings);
}
