namespace Actors.Broker;

/// <summary>What a broker is told at start. <c>hocon/reference.conf</c> explains each setting and holds its default.</summary>
public sealed record BrokerSettings
{
    /// <summary>The role of nodes that host partitions and coordinators.</summary>
    public const string BrokerRole = "broker";

    /// <summary>What this node does: <c>broker</c>, <c>streams</c>.</summary>
    public IReadOnlyList<string> Roles { get; init; } = [BrokerRole, "streams"];

    /// <summary>Kafka's broker id, at least 1.</summary>
    public int NodeId { get; init; } = 1;

    /// <summary>Which start of the node this is; a later one has a greater number.</summary>
    public long Incarnation { get; init; } = 1;

    /// <summary>Whether the actor system is a cluster's: partitions and coordinators are spread over its nodes. Else all of them are here.</summary>
    public bool IsClustered { get; init; }

    /// <summary>The cluster id that Metadata answers with.</summary>
    public string ClusterId { get; init; } = "actors";

    /// <summary>Whether asking for an unknown topic's metadata creates it (Kafka's <c>auto.create.topics.enable</c>).</summary>
    public bool AutoCreateTopics { get; init; } = true;

    /// <summary>Partitions of a topic that does not say how many (Kafka's <c>num.partitions</c>), at least 1.</summary>
    public int DefaultPartitions { get; init; } = 1;

    /// <summary>Most bytes of one request, its length prefix aside (Kafka's <c>socket.request.max.bytes</c>).</summary>
    public int MaxRequestBytes { get; init; } = 100 * 1024 * 1024;

    /// <summary>Most connections at once; the next one is closed as it comes (Kafka's <c>max.connections</c>).</summary>
    public int MaxConnections { get; init; } = 10_000;

    /// <summary>Most bytes of requests being worked on for one connection; above it the connection is not read.</summary>
    public long MaxInFlightBytesPerConnection { get; init; } = 32L * 1024 * 1024;

    /// <summary>Most bytes of requests being worked on in the node (Kafka's <c>queued.max.request.bytes</c>).</summary>
    public long MaxInFlightBytes { get; init; } = 256L * 1024 * 1024;

    /// <summary>Most bytes of records one fetch answers with, the first batch aside (Kafka's <c>fetch.max.bytes</c> of the broker).</summary>
    public int FetchMaxBytes { get; init; } = 55 * 1024 * 1024;

    /// <summary>Most fetch sessions at once, 0 for none (Kafka's <c>max.incremental.fetch.session.cache.slots</c>).</summary>
    public int FetchSessionSlots { get; init; } = 1000;

    /// <summary>Whether the records of each produced batch are walked, or its header and CRC alone are looked at.</summary>
    public bool ChecksRecords { get; init; } = true;

    /// <summary>A request not answered for so long gets REQUEST_TIMED_OUT.</summary>
    public TimeSpan RequestTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>A connection that is silent for so long is closed (Kafka's <c>connections.max.idle.ms</c>).</summary>
    public TimeSpan ConnectionIdleTimeout { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>Bytes of recent batches that all partitions of the node together keep in memory for consumers at the tail.</summary>
    public long CacheBytes { get; init; } = 64L * 1024 * 1024;

    /// <summary>Bytes of recent batches that one partition keeps.</summary>
    public long CacheBytesPerPartition { get; init; } = 8L * 1024 * 1024;

    /// <summary>A partition takes a snapshot after so many bytes of batches.</summary>
    public long SnapshotEveryBytes { get; init; } = 16L * 1024 * 1024;

    /// <summary>Or after so many events.</summary>
    public int SnapshotEveryEvents { get; init; } = 1_000;

    /// <summary>How often a partition looks for batches past retention (Kafka's <c>log.retention.check.interval.ms</c>).</summary>
    public TimeSpan RetentionCheckInterval { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Least and greatest session time-out a group's member may ask for.</summary>
    public TimeSpan GroupMinSessionTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <inheritdoc cref="GroupMinSessionTimeout"/>
    public TimeSpan GroupMaxSessionTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Most members of a group (Kafka's <c>group.max.size</c>).</summary>
    public int GroupMaxSize { get; init; } = int.MaxValue;

    /// <summary>How long an empty group's first member waits for others (Kafka's <c>group.initial.rebalance.delay.ms</c>); Kafka waits 3 s, we nobody.</summary>
    public TimeSpan GroupInitialRebalanceDelay { get; init; } = TimeSpan.Zero;

    /// <summary>Committed offsets of an empty group are kept so long (Kafka's <c>offsets.retention.minutes</c>).</summary>
    public TimeSpan OffsetsRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Partitions of <c>__consumer_offsets</c>, made when a group is first asked for (Kafka's <c>offsets.topic.num.partitions</c>), at least 1.</summary>
    public int OffsetsTopicPartitions { get; init; } = 50;

    /// <summary>Most bytes of the metadata of an offset commit (Kafka's <c>offset.metadata.max.bytes</c>).</summary>
    public int OffsetMetadataMaxBytes { get; init; } = 4096;

    /// <summary>Beginnings of the client software names (KIP-511) whose heartbeats may be kept until there is news, because those clients work on meanwhile.</summary>
    public IReadOnlyList<string> KeepHeartbeatsOf { get; init; } = ["librdkafka", "confluent-kafka", "actors"];

    /// <summary>Where the log is kept, as clients are told (Kafka's <c>log.dirs</c>): the data directory, or the name of the database.</summary>
    public string LogDirectory { get; init; } = "";

    /// <summary>The directory whose volume the log fills up; null when the log is elsewhere.</summary>
    public string? LogVolume { get; init; }

    /// <summary>Akka.Persistence.Query plugin that reads what the journal holds.</summary>
    public string ReadJournalPluginId { get; init; } = "akka.persistence.query.journal.sql";

    /// <summary>Topic settings that a broker of this configuration gives to topics that do not name them (Kafka's <c>log.*</c> synonyms).</summary>
    public IReadOnlyDictionary<string, string> TopicDefaults { get; init; } = new Dictionary<string, string>();

    /// <summary>Ids of new topics and members; a simulation gives a sequence that repeats itself.</summary>
    internal Func<Guid> NewId { get; init; } = Guid.NewGuid;
}
