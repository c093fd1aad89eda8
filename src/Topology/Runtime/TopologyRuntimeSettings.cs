using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>What a node's topology runtime is told.</summary>
public sealed record TopologyRuntimeSettings
{
    /// <summary>This node's number, 1 or more: Kafka's broker id. It names the static group member <c>&lt;topology&gt;-&lt;node id&gt;</c>.</summary>
    public required int NodeId { get; init; }

    /// <summary>Whether tasks run here: false on a node without the role <c>streams</c>, where topologies are deployed, deleted and looked at only.</summary>
    public bool HostsTasks { get; init; } = true;

    /// <summary>The directory for snapshots of stores; made when needed. May be lost: the change-logs have everything.</summary>
    public required string SnapshotDirectory { get; init; }

    /// <summary>Without a heartbeat for so long a node's tasks go to another node. Kafka's <c>session.timeout.ms</c>.</summary>
    public TimeSpan SessionTimeout { get; init; } = TimeSpan.FromSeconds(6);

    /// <summary>How long a rebalance waits for a node to end the tasks that it gives up. Kafka's <c>max.poll.interval.ms</c>.</summary>
    public TimeSpan RebalanceTimeout { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Kafka's <c>heartbeat.interval.ms</c>.</summary>
    public TimeSpan HeartbeatInterval { get; init; } = TimeSpan.FromSeconds(1.5);

    /// <summary>How often a topology that waits for a source topic looks for it; below a second, for it starts within one.</summary>
    public TimeSpan SourceTopicInterval { get; init; } = TimeSpan.FromMilliseconds(250);

    /// <summary>How often a running topology looks whether its topics are still there, and how many partitions they have. Two looks in a row decide.</summary>
    public TimeSpan TopicWatchInterval { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The pause before a task or topology that failed is tried again; it doubles with each failure in a row. ksqlDB's <c>ksql.query.retry.backoff.initial.ms</c>.</summary>
    public TimeSpan RestartPause { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>The longest such pause. What has run for so long begins again with the first one. ksqlDB's <c>ksql.query.retry.backoff.max.ms</c>.</summary>
    public TimeSpan GreatestRestartPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Where the node that deletes a topology is not heard of again, another one finishes after so long.</summary>
    public TimeSpan RemoverPatience { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Bytes of changed rows after which a store's changes are added to its snapshot at the next commit.</summary>
    public int SnapshotBytes { get; init; } = 4 << 20;

    /// <summary>After so long changes are added to the snapshot however few they are.</summary>
    public TimeSpan SnapshotInterval { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How often a task deletes the committed records of its repartition topics. Kafka Streams' <c>repartition.purge.interval.ms</c>.</summary>
    public TimeSpan RepartitionPurgeInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How a task's fetcher fetches.</summary>
    public FetcherOptions Fetch { get; init; } = new() { MaxPartitionBytes = 1 << 20, MaxBufferedBytes = 2 << 20 };

    /// <summary>How a task's producer produces. Its memory bounds what a commit has to wait for.</summary>
    public ProducerOptions Produce { get; init; } = new() { BatchSize = 128 << 10, BufferMemory = 4 << 20 };

    /// <summary>The clock: for expressions, for the age of snapshots, and for how long a task has run.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
