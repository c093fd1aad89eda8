using Akka.Actor;
using Akka.Configuration;

namespace Akka.Cluster.Tools.Singleton;

/// <summary>Settings of a <see cref="ClusterSingletonProxy"/>; <c>akka.cluster.singleton-proxy</c> says them.</summary>
public sealed class ClusterSingletonProxySettings : INoSerializationVerificationNeeded
{
    public ClusterSingletonProxySettings(string singletonName, string role, TimeSpan singletonIdentificationInterval, int bufferSize, bool considerAppVersion)
    {
        if (string.IsNullOrEmpty(singletonName)) throw new ArgumentNullException(nameof(singletonName));
        if (singletonIdentificationInterval <= TimeSpan.Zero) throw new ArgumentException("SingletonIdentificationInterval must be positive", nameof(singletonIdentificationInterval));
        if (bufferSize is < 0 or > 10000) throw new ArgumentException("BufferSize must be from 0 to 10000", nameof(bufferSize));
        SingletonName = singletonName;
        Role = string.IsNullOrEmpty(role) ? null : role;
        SingletonIdentificationInterval = singletonIdentificationInterval;
        BufferSize = bufferSize;
        ConsiderAppVersion = considerAppVersion;
    }

    public string SingletonName { get; }

    /// <summary>Role of the nodes that may run the singleton; null: any.</summary>
    public string Role { get; }

    public TimeSpan SingletonIdentificationInterval { get; }

    /// <summary>Messages kept while the singleton is unknown, 0 to 10000.</summary>
    public int BufferSize { get; }

    public bool ConsiderAppVersion { get; }

    public static ClusterSingletonProxySettings Create(ActorSystem system)
    {
        system.Settings.InjectTopLevelFallback(ClusterSingletonManager.DefaultConfig());
        return Create(system.Settings.Config.GetConfig("akka.cluster.singleton-proxy"), system.Settings.Config.GetBoolean("akka.cluster.singleton.consider-app-version"));
    }

    public static ClusterSingletonProxySettings Create(Config config, bool considerAppVersion)
    {
        if (config.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<ClusterSingletonProxySettings>("akka.cluster.singleton-proxy");
        return new ClusterSingletonProxySettings(
            config.GetString("singleton-name", "singleton"),
            config.GetString("role"),
            config.GetTimeSpan("singleton-identification-interval", TimeSpan.FromSeconds(1)),
            config.GetInt("buffer-size", 1000),
            considerAppVersion);
    }

    public ClusterSingletonProxySettings WithSingletonName(string singletonName) => new(singletonName, Role, SingletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithRole(string role) => new(SingletonName, role, SingletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithSingletonIdentificationInterval(TimeSpan singletonIdentificationInterval) =>
        new(SingletonName, Role, singletonIdentificationInterval, BufferSize, ConsiderAppVersion);

    public ClusterSingletonProxySettings WithBufferSize(int bufferSize) => new(SingletonName, Role, SingletonIdentificationInterval, bufferSize, ConsiderAppVersion);
}
