using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Cluster.Membership;

namespace Akka.Cluster;

/// <summary>The settings under <c>akka.cluster</c>.</summary>
public sealed class ClusterSettings
{
    public ClusterSettings(Config config, string systemName)
    {
        var cluster = config.GetConfig("akka.cluster");
        if (cluster.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<ClusterSettings>("akka.cluster");
        Roles = [.. cluster.GetStringList("roles")];
        if (Roles.FirstOrDefault(r => r.Length == 0 || r.Contains(',')) is { } bad) throw new ConfigurationException($"akka.cluster.roles: [{bad}] is no name of a role");
        SeedNodes = [.. cluster.GetStringList("seed-nodes").Select(Address.Parse)];
        foreach (var seed in SeedNodes.Where(s => s.System != systemName)) throw new ConfigurationException($"akka.cluster.seed-nodes: [{seed}] is no node of [{systemName}]");
        MinNrOfMembers = cluster.GetInt("min-nr-of-members");
        MinNrOfMembersOfRole = (cluster.GetConfig("role")?.AsEnumerable() ?? [])
            .ToImmutableDictionary(role => role.Key, role => role.Value.ToConfig().GetInt("min-nr-of-members"));
        RunCoordinatedShutdownWhenDown = cluster.GetBoolean("run-coordinated-shutdown-when-down");
        SeedNodeTimeout = cluster.GetTimeSpan("seed-node-timeout");
        LogInfo = cluster.GetBoolean("log-info");
        FailureDetectorConfig = cluster.GetConfig("failure-detector");
        HeartbeatInterval = Positive(FailureDetectorConfig, "heartbeat-interval");
        AcceptableHeartbeatPause = Positive(FailureDetectorConfig, "acceptable-heartbeat-pause");
        if (AcceptableHeartbeatPause < HeartbeatInterval * 2) throw new ConfigurationException("akka.cluster.failure-detector: acceptable-heartbeat-pause must be at least twice heartbeat-interval");
        DownRemovalMargin = cluster.GetString("down-removal-margin") is "off" or "false" or "no" ? TimeSpan.Zero : cluster.GetTimeSpan("down-removal-margin");
        DowningProviderType = cluster.GetString("downing-provider-class") is { Length: > 0 } name
            ? Type.GetType(name) ?? throw new ConfigurationException($"akka.cluster.downing-provider-class: no type [{name}]")
            : typeof(NoDowning);
        AutoJoin = cluster.GetBoolean("membership.auto-join");
        PollInterval = Positive(cluster, "membership.poll-interval");
        DownAfter = cluster.GetTimeSpan("membership.down-after");
    }

    public ImmutableHashSet<string> Roles { get; }

    public ImmutableList<Address> SeedNodes { get; }

    public int MinNrOfMembers { get; }

    public ImmutableDictionary<string, int> MinNrOfMembersOfRole { get; }

    public bool RunCoordinatedShutdownWhenDown { get; }

    public TimeSpan SeedNodeTimeout { get; }

    public bool LogInfo { get; }

    public Config FailureDetectorConfig { get; }

    /// <summary>How often a member renews its row and reads all rows.</summary>
    public TimeSpan HeartbeatInterval { get; }

    public Type DowningProviderType { get; }

    internal TimeSpan AcceptableHeartbeatPause { get; }

    internal TimeSpan DownRemovalMargin { get; }

    internal bool AutoJoin { get; }

    internal TimeSpan PollInterval { get; }

    internal TimeSpan DownAfter { get; }

    internal MembershipRules Rules(bool downs) =>
        new(HeartbeatInterval, AcceptableHeartbeatPause, downs ? DownAfter : null, MinNrOfMembers, MinNrOfMembersOfRole);

    private static TimeSpan Positive(Config config, string key) =>
        config.GetTimeSpan(key) is var value && value > TimeSpan.Zero ? value : throw new ConfigurationException($"akka.cluster: {key} must be positive");
}
