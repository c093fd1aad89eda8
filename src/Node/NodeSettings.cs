using System.Reflection;
using Actors.Broker;
using Actors.Hocon;
using Actors.Machines;

namespace Actors.Node;

/// <summary>What a node is told by its configuration files and flags.</summary>
internal sealed record NodeSettings(
    string Data, IReadOnlyList<KafkaListener> Listeners, HostAndPort Http, TopologySettings Topologies, bool Demo, BrokerSettings Broker, ClusterMembership Cluster, HoconObject Akka, Observability Observability)
{
    /// <summary>Where Kafka clients outside connect: the last listener, which of several is the outer one.</summary>
    public HostAndPort Kafka => Listeners[^1].Listen;

    private static readonly TimeSpan Second = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Ever = TimeSpan.FromDays(365_000);

    /// <summary>Reads the built-in defaults, the files over them, the flags over both.</summary>
    /// <param name="line">The files and the flags.</param>
    /// <param name="environment">What a file's <c>${?NAME}</c> stands for where no setting has the name.</param>
    /// <exception cref="HoconException">Everything that is wrong, by file, line and column.</exception>
    public static NodeSettings Read(CommandLine line, Func<string, string?> environment)
    {
        var document = HoconDocument.Parse(Reference(), "hocon/reference.conf");
        foreach (var file in line.ConfigFiles)
            document = HoconFile.Load(file).WithFallback(document);
        var root = document.Resolve(environment);
        var errors = new HoconErrors();
        var actors = new HoconSection(root.Get("actors").GetObject(), errors);
        var kafka = actors.Section("kafka");
        var (data, nodeId, topologies) = (actors.Text("data"), actors.Int("node-id", 1, int.MaxValue), TopologySettings.Read(actors.Section("topologies")));
        var broker = new BrokerSettings { NodeId = line.NodeId ?? nodeId, ClusterId = actors.Text("cluster-id") };
        broker = Groups(actors.Section("groups"), Log(actors.Section("broker"), Listener(kafka, broker)));
        var (cluster, akka) = (ClusterMembership.Read(actors.Section("cluster")), root.Get("akka").GetObject());
        broker = broker with { IsClustered = akka.Find("actor.provider") is HoconScalar { Text: "cluster" }, Roles = cluster.Roles };
        var settings = new NodeSettings(
            line.Data ?? data, KafkaListener.Read(kafka, line.Kafka), Address(actors.Section("http"), line.Http, "--http"),
            line.Topologies is { } directory ? topologies with { Directory = directory } : topologies, line.Demo, broker, cluster, akka, Observability.Read(actors));
        actors.Done();
        errors.ThrowIfAny();
        return settings;
    }

    private static HostAndPort Address(HoconSection section, string? flag, string name)
    {
        var text = section.Text("listen");
        if (flag is not null)
            return HostAndPort.TryParse(flag, out var given) ? given : throw new HoconException(new HoconPosition("command line", 1, 1), name, $"{flag} is not HOST:PORT");
        if (!HostAndPort.TryParse(text, out var address))
            section.Error("listen", $"\"{text}\" is not HOST:PORT");
        return address;
    }

    private static BrokerSettings Listener(HoconSection kafka, BrokerSettings settings) => settings with
    {
        MaxConnections = kafka.Int("max-connections", 1, 1_000_000),
        ConnectionIdleTimeout = kafka.Duration("connection-idle-timeout", Second, Ever),
        MaxRequestBytes = kafka.IntBytes("max-request-bytes", 1024, 1024 * 1024 * 1024),
        MaxInFlightBytesPerConnection = kafka.Bytes("max-in-flight-bytes-per-connection", 1024 * 1024, long.MaxValue),
        MaxInFlightBytes = kafka.Bytes("max-in-flight-bytes", 1024 * 1024, long.MaxValue),
        RequestTimeout = kafka.Duration("request-timeout", Second, Ever),
    };

    private static BrokerSettings Log(HoconSection broker, BrokerSettings settings) => settings with
    {
        AutoCreateTopics = broker.Flag("auto-create-topics"),
        DefaultPartitions = broker.Int("default-partitions", 1, 100_000),
        FetchMaxBytes = broker.IntBytes("fetch-max-bytes", 1024, int.MaxValue),
        FetchSessionSlots = broker.Int("fetch-session-slots", 0, 1_000_000),
        ChecksRecords = broker.Choice("check-records", "full", "header") == "full",
        CacheBytes = broker.Bytes("cache-bytes", 0, long.MaxValue),
        CacheBytesPerPartition = broker.Bytes("cache-bytes-per-partition", 0, long.MaxValue),
        SnapshotEveryBytes = broker.Bytes("snapshot-every-bytes", 64 * 1024, long.MaxValue),
        SnapshotEveryEvents = broker.Int("snapshot-every-events", 1, int.MaxValue),
        RetentionCheckInterval = broker.Duration("retention-check-interval", TimeSpan.FromMilliseconds(100), Ever),
        TopicDefaults = TopicDefaults(broker.Section("topic-defaults")),
    };

    private static BrokerSettings Groups(HoconSection groups, BrokerSettings settings) => settings with
    {
        GroupMinSessionTimeout = groups.Duration("min-session-timeout", TimeSpan.FromMilliseconds(1), Ever),
        GroupMaxSessionTimeout = groups.Duration("max-session-timeout", TimeSpan.FromMilliseconds(1), Ever),
        GroupMaxSize = groups.Int("max-size", 1, int.MaxValue),
        GroupInitialRebalanceDelay = groups.Duration("initial-rebalance-delay", TimeSpan.Zero, TimeSpan.FromMinutes(5)),
        OffsetsTopicPartitions = groups.Int("offsets-topic-partitions", 1, 1000),
        OffsetsRetention = groups.Duration("offsets-retention", Second, Ever),
        OffsetMetadataMaxBytes = groups.Int("offset-metadata-max-bytes", 0, int.MaxValue),
        KeepHeartbeatsOf = groups.Text("keep-heartbeats-of").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
    };

    private static Dictionary<string, string> TopicDefaults(HoconSection section)
    {
        var defaults = new Dictionary<string, string>();
        foreach (var name in ConfigurationTable.Topic.Entries.Select(entry => entry.Name))
        {
            if (!section.Has(name))
                continue;
            var value = section.Text(name);
            if (TopicConfigurationRules.Check(name, value) is { } reason)
                section.Error(name, reason);
            else
                defaults.Add(name, value);
        }
        return defaults;
    }

    private static string Reference()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("hocon/reference.conf")!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
