namespace Actors.Topology;

/// <summary>
/// One sub-topology on one partition: records in, records and change-log records out to a sink, all within the call, on one thread at a time.
/// It knows no clock, no threads and no network; a node and the test driver run the same.
/// </summary>
public sealed class TopologyTask
{
    private readonly Dictionary<string, SourceOperator> _sources;
    private readonly Dictionary<string, TaskStore> _stores;
    private readonly TaskServices _services;

    /// <summary>Makes the task with empty stores; <see cref="Restore"/> fills them.</summary>
    public TopologyTask(SubTopology subTopology, int partition, ITaskSink sink)
    {
        Id = new TaskId(subTopology.Id, partition);
        var stores = subTopology.Stores.ToDictionary(s => s, s => new TaskStore(s));
        _stores = stores.Values.ToDictionary(s => s.Description.Name);
        _services = new TaskServices(Id, sink, stores);
        var source = (SourceOperator)subTopology.Root.Build(_services);
        _sources = subTopology.SourceTopics.ToDictionary(t => t, _ => source);
    }

    public TaskId Id { get; }

    public IReadOnlyCollection<TaskStore> Stores => _stores.Values;

    public TaskCounters Counters => _services.Counters;

    /// <summary>The wall clock for UNIX_TIMESTAMP(), epoch milliseconds; whoever runs the task keeps it going.</summary>
    public long WallClock
    {
        get => _services.WallClock;
        set => _services.WallClock = value;
    }

    /// <summary>The largest stream time of the task's aggregations; -1 before the first record, or without any.</summary>
    public long StreamTime => _services.Aggregations.Count == 0 ? -1 : _services.Aggregations.Max(a => a.StreamTime);

    /// <summary>Processes one record of a source topic to the end.</summary>
    /// <exception cref="KeyNotFoundException">The topic is none of this task's.</exception>
    public void Process(string topic, in InputRecord record) => _sources[topic].Process(record);

    /// <summary>Processes a chunk of records of a source topic, in order.</summary>
    /// <exception cref="KeyNotFoundException">The topic is none of this task's.</exception>
    public void Process(string topic, ReadOnlySpan<InputRecord> chunk)
    {
        var source = _sources[topic];
        foreach (ref readonly var record in chunk) source.Process(record);
    }

    /// <summary>Takes back a record of a store's change-log, before the first record is processed.</summary>
    /// <exception cref="KeyNotFoundException">There is no such store.</exception>
    /// <exception cref="InvalidDataException">The record is none of the store's.</exception>
    public void Restore(string store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp) =>
        _stores[store].Restore(key, state, tombstone, timestamp);

    /// <summary>Moves stream time on as a record would and removes what has expired; for a task that starts again at a known stream time.</summary>
    public void AdvanceStreamTime(long streamTime)
    {
        foreach (var aggregation in _services.Aggregations) aggregation.Advance(streamTime, int.MaxValue);
    }
}
