using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Settings of a <see cref="ClusterSingletonManager"/>; <c>akka.cluster.singleton</c> says them.</summary>
public sealed class ClusterSingletonManagerSettings : INoSerializationVerificationNeeded
{
    public ClusterSingletonManagerSettings(string singletonName, string role, TimeSpan removalMargin, TimeSpan handOverRetryInterval, bool considerAppVersion)
        : this(singletonName, role, removalMargin, handOverRetryInterval, null, considerAppVersion)
    {
    }

    public ClusterSingletonManagerSettings(
        string singletonName, string role, TimeSpan removalMargin, TimeSpan handOverRetryInterval, LeaseUsageSettings leaseSettings, bool considerAppVersion)
    {
        if (string.IsNullOrWhiteSpace(singletonName)) throw new ArgumentNullException(nameof(singletonName));
        if (removalMargin < TimeSpan.Zero) throw new ArgumentException("RemovalMargin must not be negative", nameof(removalMargin));
        if (handOverRetryInterval <= TimeSpan.Zero) throw new ArgumentException("HandOverRetryInterval must be positive", nameof(handOverRetryInterval));
        SingletonName = singletonName;
        Role = string.IsNullOrEmpty(role) ? null : role;
        RemovalMargin = removalMargin;
        HandOverRetryInterval = handOverRetryInterval;
        LeaseSettings = leaseSettings;
        ConsiderAppVersion = considerAppVersion;
    }

    public string SingletonName { get; }

    /// <summary>Null: any node.</summary>
    public string Role { get; }

    /// <summary>Pause between the removal of the old node and the start here; zero for the downing provider's.</summary>
    public TimeSpan RemovalMargin { get; }

    public TimeSpan HandOverRetryInterval { get; }

    /// <summary>Null: no lease is needed.</summary>
    public LeaseUsageSettings LeaseSettings { get; }

    public bool ConsiderAppVersion { get; }

    public static ClusterSingletonManagerSettings Create(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        return Create(system.Settings.Config.GetConfig("akka.cluster.singleton"));
    }

    public static ClusterSingletonManagerSettings Create(Config config)
    {
        if (config.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<ClusterSingletonManagerSettings>("akka.cluster.singleton");
        var lease = config.GetString("use-lease");
        return new ClusterSingletonManagerSettings(
            config.GetString("singleton-name", "singleton"),
            config.GetString("role"),
            TimeSpan.Zero,
            config.GetTimeSpan("hand-over-retry-interval", TimeSpan.FromSeconds(1)),
            string.IsNullOrEmpty(lease) ? null : new LeaseUsageSettings(lease, config.GetTimeSpan("lease-retry-interval", TimeSpan.FromSeconds(5))),
            config.GetBoolean("consider-app-version"));
    }

    public ClusterSingletonManagerSettings WithSingletonName(string singletonName) => new(singletonName, Role, RemovalMargin, HandOverRetryInterval, LeaseSettings, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithRole(string role) => new(SingletonName, role, RemovalMargin, HandOverRetryInterval, LeaseSettings, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithRemovalMargin(TimeSpan removalMargin) => new(SingletonName, Role, removalMargin, HandOverRetryInterval, LeaseSettings, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithHandOverRetryInterval(TimeSpan handOverRetryInterval) =>
        new(SingletonName, Role, RemovalMargin, handOverRetryInterval, LeaseSettings, ConsiderAppVersion);

    public ClusterSingletonManagerSettings WithLeaseSettings(LeaseUsageSettings leaseSettings) =>
        new(SingletonName, Role, RemovalMargin, HandOverRetryInterval, leaseSettings, ConsiderAppVersion);
}
