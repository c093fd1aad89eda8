using System.Text;
using Actors.Client;
using Actors.Expressions;

namespace Actors.Topology.Testing;

/// <summary>
/// Runs a topology without a node: records go in one at a time, and everything a record causes, through repartition topics too, is done
/// before the call returns. No clock runs; the wall clock is moved by hand.
/// </summary>
public sealed class TopologyTestDriver
{
    private readonly Dictionary<string, int> _partitions = [];
    private readonly Dictionary<TaskId, TopologyTask> _tasks = [];
    private readonly Dictionary<(string Store, int Partition), ChangeLog> _changeLogs = [];
    private readonly Dictionary<string, int> _readers = [];
    private readonly Dictionary<string, long> _offsets = [];
    private readonly Queue<(string Topic, int Partition, InputRecord Record)> _waiting = new();
    private readonly List<TestRecord> _outputs = [];
    private long _wallClock;

    /// <summary>Makes the topology's tasks.</summary>
    /// <param name="plan">The topology.</param>
    /// <param name="partitions">Partitions of source topics; those left out have one.</param>
    /// <param name="wallClock">The wall clock at first, epoch milliseconds.</param>
    public TopologyTestDriver(TopologyPlan plan, IReadOnlyDictionary<string, int>? partitions = null, long wallClock = 0)
    {
        Plan = plan;
        _wallClock = wallClock;
        foreach (var topic in plan.SourceTopics) _partitions[topic] = partitions?.GetValueOrDefault(topic, 1) ?? 1;
        foreach (var topic in plan.Partition(_partitions).InternalTopics.Where(t => t.Kind == InternalTopicKind.Repartition)) _partitions[topic.Name] = topic.Partitions;
        foreach (var sub in plan.SubTopologies)
            foreach (var topic in sub.SourceTopics)
                _readers[topic] = sub.Id;
        MakeTasks();
    }

    public TopologyPlan Plan { get; }

    /// <summary>The tasks, for their counters.</summary>
    public IReadOnlyDictionary<TaskId, TopologyTask> Tasks => _tasks;

    /// <summary>Gives a record of bytes to a source topic; without a partition its key chooses one, as Kafka's producer does.</summary>
    public void Pipe(string topic, byte[]? key, byte[]? value, long timestamp, int? partition = null, IReadOnlyList<RecordHeader>? headers = null)
    {
        if (!Plan.SourceTopics.Contains(topic)) throw new ArgumentException($"{topic} is no source topic of {Plan.Name}; they are {string.Join(", ", Plan.SourceTopics)}", nameof(topic));
        var count = _partitions[topic];
        var chosen = partition ?? (key is null ? 0 : Partitioner.ForKey(key, count));
        if (chosen < 0 || chosen >= count) throw new ArgumentOutOfRangeException(nameof(partition), $"{topic} has {count} partitions, not a partition {chosen}");
        Enqueue(topic, chosen, key, value, timestamp, headers ?? []);
        RunAll();
    }

    /// <summary>Gives a record to a source topic: key and value as text that stands in the topic as it is.</summary>
    public void Pipe(string topic, string? key, string? value, long timestamp) =>
        Pipe(topic, key is null ? null : Encoding.UTF8.GetBytes(key), value is null ? null : Encoding.UTF8.GetBytes(value), timestamp);

    /// <summary>The wall clock, epoch milliseconds.</summary>
    public long WallClock => _wallClock;

    /// <summary>Moves the wall clock.</summary>
    public void AdvanceWallClock(TimeSpan by)
    {
        _wallClock += (long)by.TotalMilliseconds;
        foreach (var task in _tasks.Values) task.WallClock = _wallClock;
    }

    /// <summary>What was written to <c>to</c> topics since the last call, in the order of production.</summary>
    public IReadOnlyList<TestRecord> ReadOutputs()
    {
        TestRecord[] outputs = [.. _outputs];
        _outputs.Clear();
        return outputs;
    }

    /// <summary>All rows of a store, of all tasks.</summary>
    public IReadOnlyList<StoreRow> Store(string name) => [.. _tasks.Values.SelectMany(t => t.Stores).Where(s => s.Description.Name == name).SelectMany(s => s.Rows())];

    /// <summary>Records left out for a reason, over all tasks.</summary>
    public long Dropped(DropReason reason) => _tasks.Values.Sum(t => t.Counters.Dropped(reason));

    /// <summary>Stops all tasks and makes them again, with their stores restored from the change-logs.</summary>
    public void Restart()
    {
        _tasks.Clear();
        MakeTasks();
        foreach (var ((store, partition), log) in _changeLogs)
        {
            var task = _tasks.Values.Single(t => t.Id.Partition == partition && t.Stores.Any(s => s.Description.Name == store));
            log.Replay((key, state, timestamp) => task.Restore(store, key, state, state is null, timestamp));
        }
    }

    private void MakeTasks()
    {
        foreach (var id in Plan.Partition(_partitions).Tasks)
            _tasks[id] = new TopologyTask(Plan.SubTopologies[id.SubTopology], id.Partition, new Sink(this, id.Partition)) { WallClock = _wallClock };
    }

    private void Enqueue(string topic, int partition, byte[]? key, byte[]? value, long timestamp, IReadOnlyList<RecordHeader> headers)
    {
        var place = $"{topic}/{partition}";
        var offset = _offsets.GetValueOrDefault(place);
        _offsets[place] = offset + 1;
        _waiting.Enqueue((topic, partition, InputRecord.Of(key, value, timestamp, offset) with { Headers = headers }));
    }

    private void RunAll()
    {
        while (_waiting.TryDequeue(out var next)) _tasks[new TaskId(_readers[next.Topic], next.Partition)].Process(next.Topic, next.Record);
    }

    private void Write(in OutputRecord record)
    {
        var topic = record.Target.Topic;
        var key = record.HasKey ? record.Key.ToArray() : null;
        var value = record.HasValue ? record.Value.ToArray() : null;
        if (_readers.ContainsKey(topic))
            Enqueue(topic, record.HasKey ? Partitioner.ForKey(record.PartitionKey, _partitions[topic]) : 0, key, value, record.Timestamp, record.Headers);
        if (Plan.SinkTopics.Contains(topic)) _outputs.Add(new TestRecord(record.Target, key, value, record.Timestamp, record.Headers));
    }

    private sealed class Sink(TopologyTestDriver driver, int partition) : ITaskSink
    {
        public void Output(in OutputRecord record) => driver.Write(record);

        public void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp)
        {
            if (!driver._changeLogs.TryGetValue((store.Name, partition), out var log)) driver._changeLogs[(store.Name, partition)] = log = new ChangeLog();
            log.Append(key.ToArray(), tombstone ? null : state.ToArray(), timestamp);
        }
    }

    /// <summary>A change-log topic's partition, compacted as it is written.</summary>
    private sealed class ChangeLog
    {
        private readonly Dictionary<string, (byte[] Key, byte[]? State, long Timestamp)> _latest = [];

        public void Append(byte[] key, byte[]? state, long timestamp) => _latest[Convert.ToHexString(key)] = (key, state, timestamp);

        public void Replay(Action<byte[], byte[]?, long> restore)
        {
            foreach (var (key, state, timestamp) in _latest.Values) restore(key, state, timestamp);
        }
    }
}
