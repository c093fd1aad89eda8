using Actors.Client;
using Actors.Protocol.Records;

namespace Actors.Topology.Runtime;

/// <summary>What a task needs of its surroundings.</summary>
internal sealed record TaskSetting(TopologyPlan Plan, TaskId Id, ClusterClient Cluster, GroupMember Member, TopologyRuntimeSettings Settings)
{
    public SubTopology SubTopology => Plan.SubTopologies[Id.SubTopology];

    /// <summary>The partitions the task reads.</summary>
    public IReadOnlyList<TopicPartition> Sources => [.. SubTopology.SourceTopics.Select(t => new TopicPartition(t, Id.Partition))];

    public string SnapshotDirectory => Path.Combine(Settings.SnapshotDirectory, Plan.Name, Id.ToString());
}

/// <summary>A task whose stores are as its change-logs say, and the offsets to go on from.</summary>
internal sealed class RestoredTask
{
    private readonly Dictionary<TaskStore, StoreSnapshot> _snapshots;
    private readonly TaskSetting _setting;

    private RestoredTask(TaskSetting setting, TopologyTask task, TaskOutputs outputs, Dictionary<TaskStore, StoreSnapshot> snapshots,
        IReadOnlyDictionary<TopicPartition, long> start) => (_setting, Task, Outputs, _snapshots, Start) = (setting, task, outputs, snapshots, start);

    public TopologyTask Task { get; }
    public TaskOutputs Outputs { get; }

    /// <summary>Where to read on: the group's committed offsets.</summary>
    public IReadOnlyDictionary<TopicPartition, long> Start { get; }

    /// <summary>Fills the stores from snapshots and change-logs.</summary>
    /// <exception cref="KafkaException">A topic is missing or a broker refuses.</exception>
    /// <exception cref="InvalidOperationException">A change-log has no partition for the task.</exception>
    public static async Task<RestoredTask> RestoreAsync(TaskSetting setting, CancellationToken cancellation)
    {
        await using var admin = new Admin(setting.Cluster);
        var sub = setting.SubTopology;
        var byStore = new Dictionary<StoreDescription, StoreSnapshot>();
        foreach (var store in sub.Stores)
        {
            var changeLog = await admin.DescribeTopicAsync(store.ChangeLogTopic, cancellation);
            // Kafka Streams' words. With another number of partitions keys would be counted by tasks that do not have their rows.
            if (changeLog.Partitions.Count <= setting.Id.Partition)
                throw new InvalidOperationException($"Existing internal topic {store.ChangeLogTopic} has invalid partitions: expected: {setting.Id.Partition + 1} at least; "
                    + $"actual: {changeLog.Partitions.Count}. The source topic got more partitions: delete the topology and deploy it again.");
            byStore[store] = new StoreSnapshot(setting.Settings, Path.Combine(setting.SnapshotDirectory, store.Name), ChangeLogOf(setting, store), changeLog.Id);
        }
        var counts = new Dictionary<string, int>();
        foreach (var output in sub.OutputTopics) counts[output.Topic] = (await setting.Cluster.TopicAsync(output.Topic, cancellation: cancellation)).Partitions.Count;
        var outputs = new TaskOutputs(setting.Id.Partition, counts, byStore.ToDictionary(s => s.Key, s => new StoreChanges(s.Value)), setting.Settings.Produce.MaxRequestSize);
        var task = new TopologyTask(sub, setting.Id.Partition, outputs);
        // Before the change-logs' ends are asked for: what another still commits meanwhile is then processed twice at most, and in no case left out.
        var committed = await setting.Member.CommittedAsync(setting.Sources, cancellation);
        await RestoreStoresAsync(setting, admin, task, byStore, cancellation);
        var start = setting.Sources.ToDictionary(p => p, p => committed.TryGetValue(p, out var from) ? from.Offset : LogicalOffset.Earliest);
        return new RestoredTask(setting, task, outputs, task.Stores.ToDictionary(s => s, s => byStore[s.Description]), start);
    }

    /// <summary>A snapshot to be taken, of the change-log below an offset.</summary>
    public readonly record struct DueSnapshot(TaskStore Store, StoreSnapshot Snapshot, long Offset);

    /// <summary>The snapshots that are due. All changes must be acknowledged.</summary>
    /// <param name="all">Those too that are not due, because the task ends.</param>
    /// <param name="cancellation">Gives up.</param>
    public async ValueTask<IReadOnlyList<DueSnapshot>> DueSnapshotsAsync(bool all, CancellationToken cancellation)
    {
        var due = _snapshots.Where(s => s.Value.IsDue || (all && s.Value.HasChanges)).ToList();
        if (due.Count == 0) return [];
        await using var admin = new Admin(_setting.Cluster);
        var ends = await admin.ListOffsetsAsync(due.ToDictionary(s => ChangeLogOf(_setting, s.Key.Description), _ => LogicalOffset.Latest), cancellation: cancellation);
        return due.ConvertAll(s => new DueSnapshot(s.Key, s.Value, ends[ChangeLogOf(_setting, s.Key.Description)].Offset));
    }

    /// <summary>Takes snapshots; gives why one could not be written, which is tried again later. All changes must be committed, and the task must have rested since they were found due.</summary>
    public static async ValueTask<Exception?> TakeSnapshotsAsync(IReadOnlyList<DueSnapshot> due, CancellationToken cancellation)
    {
        Exception? failure = null;
        foreach (var (store, snapshot, offset) in due)
        {
            try
            {
                await snapshot.TakeAsync(store, offset, cancellation);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                snapshot.Postpone();
                failure = error;
            }
        }
        return failure;
    }

    private static TopicPartition ChangeLogOf(TaskSetting setting, StoreDescription store) => new(store.ChangeLogTopic, setting.Id.Partition);

    private static async Task RestoreStoresAsync(TaskSetting setting, Admin admin, TopologyTask task, Dictionary<StoreDescription, StoreSnapshot> snapshots,
        CancellationToken cancellation)
    {
        if (task.Stores.Count == 0) return;
        var stores = task.Stores.ToDictionary(s => ChangeLogOf(setting, s.Description));
        var starts = await admin.ListOffsetsAsync(stores.Keys.ToDictionary(p => p, _ => LogicalOffset.Earliest), cancellation: cancellation);
        var ends = await admin.ListOffsetsAsync(stores.Keys.ToDictionary(p => p, _ => LogicalOffset.Latest), cancellation: cancellation);
        var left = new Dictionary<TopicPartition, long>();
        foreach (var (partition, store) in stores)
        {
            var end = ends[partition].Offset;
            var from = await snapshots[store.Description].LoadAsync(store, task.Restore, starts[partition].Offset, end, cancellation) ?? starts[partition].Offset;
            if (from < end) left[partition] = from;
        }
        if (left.Count == 0) return;
        await using var fetcher = new Fetcher(setting.Cluster, setting.Settings.Fetch with { Reset = OffsetReset.Fail });
        fetcher.Assign(left);
        while (left.Count > 0)
        {
            var chunk = await fetcher.ReadAsync(cancellation);
            var store = stores[chunk.Partition].Description;
            foreach (var batch in chunk.Batches) Restore(task, store, snapshots[store], batch.Bytes, chunk.Offset);
            if (chunk.NextOffset < ends[chunk.Partition].Offset) continue;
            left.Remove(chunk.Partition);
            fetcher.Unassign([chunk.Partition]);
        }
    }

    private static void Restore(TopologyTask task, StoreDescription store, StoreSnapshot snapshot, ReadOnlyMemory<byte> batch, long from)
    {
        using var records = new RecordBatchReader(batch);
        foreach (var record in records)
        {
            if (record.Offset < from) continue;
            var key = record.Key ?? throw new InvalidDataException($"a record without a key in the change-log {store.ChangeLogTopic} at offset {record.Offset}");
            var state = record.Value;
            task.Restore(store.Name, key.Span, state.GetValueOrDefault().Span, !state.HasValue, record.Timestamp);
            // What came after the snapshot belongs into the next one.
            snapshot.Changed(key.Span, state.GetValueOrDefault().Length);
        }
    }
}
