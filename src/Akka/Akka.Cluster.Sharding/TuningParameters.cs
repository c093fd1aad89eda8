using Akka.Configuration;

namespace Akka.Cluster.Sharding;

/// <summary>Intervals, limits and sizes of sharding; <c>akka.cluster.sharding</c> says them.</summary>
public class TuningParameters
{
    /// <summary>Pause before a coordinator that stopped is started again.</summary>
    public readonly TimeSpan CoordinatorFailureBackoff;
    public readonly TimeSpan RetryInterval;
    /// <summary>Messages that a region keeps, all shards together.</summary>
    public readonly int BufferSize;
    public readonly TimeSpan HandOffTimeout;
    public readonly TimeSpan ShardStartTimeout;
    public readonly TimeSpan ShardFailureBackoff;
    public readonly TimeSpan EntityRestartBackoff;
    public readonly TimeSpan RebalanceInterval;
    /// <summary>Events between two snapshots of the coordinator's state.</summary>
    public readonly int SnapshotAfter;
    public readonly int KeepNrOfBatches;
    public readonly int LeastShardAllocationRebalanceThreshold;
    public readonly int LeastShardAllocationMaxSimultaneousRebalance;
    public readonly TimeSpan WaitingForStateTimeout;
    public readonly TimeSpan UpdatingStateTimeout;
    public readonly string EntityRecoveryStrategy;
    public readonly TimeSpan EntityRecoveryConstantRateStrategyFrequency;
    public readonly int EntityRecoveryConstantRateStrategyNumberOfEntities;
    public readonly int CoordinatorStateWriteMajorityPlus;
    public readonly int CoordinatorStateReadMajorityPlus;
    /// <summary>Shards that one round may move at most; with 0 the older strategy, by threshold, is used.</summary>
    public readonly int LeastShardAllocationAbsoluteLimit;
    /// <summary>Part of all shards that one round may move, 0 to 1.</summary>
    public readonly double LeastShardAllocationRelativeLimit;

    public TuningParameters(
        TimeSpan coordinatorFailureBackoff, TimeSpan retryInterval, int bufferSize, TimeSpan handOffTimeout, TimeSpan shardStartTimeout,
        TimeSpan shardFailureBackoff, TimeSpan entityRestartBackoff, TimeSpan rebalanceInterval, int snapshotAfter, int keepNrOfBatches,
        int leastShardAllocationRebalanceThreshold, int leastShardAllocationMaxSimultaneousRebalance, TimeSpan waitingForStateTimeout,
        TimeSpan updatingStateTimeout, string entityRecoveryStrategy, TimeSpan entityRecoveryConstantRateStrategyFrequency,
        int entityRecoveryConstantRateStrategyNumberOfEntities, int coordinatorStateWriteMajorityPlus, int coordinatorStateReadMajorityPlus,
        int leastShardAllocationAbsoluteLimit, double leastShardAllocationRelativeLimit)
    {
        if (bufferSize < 0) throw new ArgumentException("BufferSize must not be negative", nameof(bufferSize));
        if (snapshotAfter <= 0) throw new ArgumentException("SnapshotAfter must be positive", nameof(snapshotAfter));
        if (keepNrOfBatches < 1) throw new ArgumentException("KeepNrOfBatches must be at least 1", nameof(keepNrOfBatches));
        CoordinatorFailureBackoff = coordinatorFailureBackoff;
        RetryInterval = retryInterval;
        BufferSize = bufferSize;
        HandOffTimeout = handOffTimeout;
        ShardStartTimeout = shardStartTimeout;
        ShardFailureBackoff = shardFailureBackoff;
        EntityRestartBackoff = entityRestartBackoff;
        RebalanceInterval = rebalanceInterval;
        SnapshotAfter = snapshotAfter;
        KeepNrOfBatches = keepNrOfBatches;
        LeastShardAllocationRebalanceThreshold = leastShardAllocationRebalanceThreshold;
        LeastShardAllocationMaxSimultaneousRebalance = leastShardAllocationMaxSimultaneousRebalance;
        WaitingForStateTimeout = waitingForStateTimeout;
        UpdatingStateTimeout = updatingStateTimeout;
        EntityRecoveryStrategy = entityRecoveryStrategy;
        EntityRecoveryConstantRateStrategyFrequency = entityRecoveryConstantRateStrategyFrequency;
        EntityRecoveryConstantRateStrategyNumberOfEntities = entityRecoveryConstantRateStrategyNumberOfEntities;
        CoordinatorStateWriteMajorityPlus = coordinatorStateWriteMajorityPlus;
        CoordinatorStateReadMajorityPlus = coordinatorStateReadMajorityPlus;
        LeastShardAllocationAbsoluteLimit = leastShardAllocationAbsoluteLimit;
        LeastShardAllocationRelativeLimit = leastShardAllocationRelativeLimit;
    }

    internal static TuningParameters Create(Config config)
    {
        var least = config.GetConfig("least-shard-allocation-strategy") ?? Config.Empty;
        return new TuningParameters(
            config.GetTimeSpan("coordinator-failure-backoff"),
            config.GetTimeSpan("retry-interval"),
            config.GetInt("buffer-size"),
            config.GetTimeSpan("handoff-timeout"),
            config.GetTimeSpan("shard-start-timeout"),
            config.GetTimeSpan("shard-failure-backoff"),
            config.GetTimeSpan("entity-restart-backoff"),
            config.GetTimeSpan("rebalance-interval"),
            config.GetInt("snapshot-after"),
            config.GetInt("keep-nr-of-batches"),
            least.GetInt("rebalance-threshold"),
            least.GetInt("max-simultaneous-rebalance"),
            config.GetTimeSpan("waiting-for-state-timeout"),
            config.GetTimeSpan("updating-state-timeout"),
            config.GetString("entity-recovery-strategy", "all"),
            config.GetTimeSpan("entity-recovery-constant-rate-strategy.frequency"),
            config.GetInt("entity-recovery-constant-rate-strategy.number-of-entities"),
            config.GetInt("coordinator-state.write-majority-plus"),
            config.GetInt("coordinator-state.read-majority-plus"),
            least.GetInt("rebalance-absolute-limit"),
            least.GetDouble("rebalance-relative-limit"));
    }

    private TuningParameters With(
        TimeSpan? coordinatorFailureBackoff = null, TimeSpan? retryInterval = null, int? bufferSize = null, TimeSpan? handOffTimeout = null,
        TimeSpan? shardStartTimeout = null, TimeSpan? shardFailureBackoff = null, TimeSpan? rebalanceInterval = null, int? snapshotAfter = null,
        int? keepNrOfBatches = null, int? rebalanceThreshold = null, int? maxSimultaneousRebalance = null, int? absoluteLimit = null, double? relativeLimit = null) =>
        new(
            coordinatorFailureBackoff ?? CoordinatorFailureBackoff, retryInterval ?? RetryInterval, bufferSize ?? BufferSize, handOffTimeout ?? HandOffTimeout,
            shardStartTimeout ?? ShardStartTimeout, shardFailureBackoff ?? ShardFailureBackoff, EntityRestartBackoff, rebalanceInterval ?? RebalanceInterval,
            snapshotAfter ?? SnapshotAfter, keepNrOfBatches ?? KeepNrOfBatches, rebalanceThreshold ?? LeastShardAllocationRebalanceThreshold,
            maxSimultaneousRebalance ?? LeastShardAllocationMaxSimultaneousRebalance, WaitingForStateTimeout, UpdatingStateTimeout, EntityRecoveryStrategy,
            EntityRecoveryConstantRateStrategyFrequency, EntityRecoveryConstantRateStrategyNumberOfEntities, CoordinatorStateWriteMajorityPlus,
            CoordinatorStateReadMajorityPlus, absoluteLimit ?? LeastShardAllocationAbsoluteLimit, relativeLimit ?? LeastShardAllocationRelativeLimit);

    public TuningParameters WithCoordinatorFailureBackoff(TimeSpan coordinatorFailureBackoff) => With(coordinatorFailureBackoff: coordinatorFailureBackoff);

    public TuningParameters WithRetryInterval(TimeSpan retryInterval) => With(retryInterval: retryInterval);

    public TuningParameters WithBufferSize(int bufferSize) => With(bufferSize: bufferSize);

    public TuningParameters WithHandOffTimeout(TimeSpan handOffTimeout) => With(handOffTimeout: handOffTimeout);

    public TuningParameters WithShardStartTimeout(TimeSpan shardStartTimeout) => With(shardStartTimeout: shardStartTimeout);

    public TuningParameters WithShardFailureBackoff(TimeSpan shardFailureBackoff) => With(shardFailureBackoff: shardFailureBackoff);

    public TuningParameters WithRebalanceInterval(TimeSpan rebalanceInterval) => With(rebalanceInterval: rebalanceInterval);

    public TuningParameters WithSnapshotAfter(int snapshotAfter) => With(snapshotAfter: snapshotAfter);

    public TuningParameters WithKeepNrOfBatches(int keepNrOfBatches) => With(keepNrOfBatches: keepNrOfBatches);

    public TuningParameters WithLeastShardAllocationRebalanceThreshold(int leastShardAllocationRebalanceThreshold) =>
        With(rebalanceThreshold: leastShardAllocationRebalanceThreshold);

    public TuningParameters WithLeastShardAllocationMaxSimultaneousRebalance(int leastShardAllocationMaxSimultaneousRebalance) =>
        With(maxSimultaneousRebalance: leastShardAllocationMaxSimultaneousRebalance);

    public TuningParameters WithLeastShardAllocationAbsoluteLimit(int leastShardAllocationAbsoluteLimit) => With(absoluteLimit: leastShardAllocationAbsoluteLimit);

    public TuningParameters WithLeastShardAllocationRelativeLimit(double leastShardAllocationRelativeLimit) => With(relativeLimit: leastShardAllocationRelativeLimit);
}
