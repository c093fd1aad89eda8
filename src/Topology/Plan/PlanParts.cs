using System.Globalization;

namespace Actors.Topology;

/// <summary>A task: one sub-topology on one partition number; written as Kafka Streams does, <c>0_3</c>.</summary>
public readonly record struct TaskId(int SubTopology, int Partition) : IComparable<TaskId>
{
    public int CompareTo(TaskId other) => SubTopology != other.SubTopology ? SubTopology.CompareTo(other.SubTopology) : Partition.CompareTo(other.Partition);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{SubTopology}_{Partition}");

    public static bool TryParse(string text, out TaskId id)
    {
        id = default;
        var parts = text.Split('_');
        if (parts.Length != 2 || !int.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out var sub)) return false;
        if (!int.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out var partition)) return false;
        id = new TaskId(sub, partition);
        return true;
    }
}

/// <summary>A store that each task of a sub-topology has one of.</summary>
/// <param name="Name">Its name, unique in the topology.</param>
/// <param name="ChangeLogTopic">The compacted topic that holds its changes, a partition a task.</param>
/// <param name="Windowed">Whether keys end in a window's start, 8 bytes, big-endian.</param>
public sealed record StoreDescription(string Name, string ChangeLogTopic, bool Windowed);

/// <summary>A topic that tasks write records to.</summary>
/// <param name="Topic">Its name.</param>
/// <param name="Key">The key's format; of a windowed key, of the part before the window.</param>
/// <param name="Value">The value's format.</param>
/// <param name="WindowSize">Where the key is a windowed one, the windows' length in milliseconds; else 0.</param>
public sealed record OutputTopic(string Topic, Format Key, Format Value, long WindowSize)
{
    /// <summary>Whether the key is followed by the window's start, 8 bytes, big-endian.</summary>
    public bool IsWindowed => WindowSize > 0;

    /// <summary>A topic for records that failed: their keys and values are the sources' bytes, shown as text.</summary>
    public static OutputTopic DeadLetters(string topic) => new(topic, Format.String, Format.String, 0);
}

/// <summary>What an internal topic is for.</summary>
public enum InternalTopicKind
{
    /// <summary>Holds a store's changes: compacted, a partition a task.</summary>
    ChangeLog,

    /// <summary>Carries records to the task of their new key; they may be deleted once they are processed.</summary>
    Repartition,
}

/// <summary>A topic that a topology has for itself, and how many partitions it needs.</summary>
public sealed record InternalTopic(string Name, InternalTopicKind Kind, int Partitions);

/// <summary>A sub-topology: what can run on one partition alone, from its source topics to the topics it writes.</summary>
public sealed class SubTopology
{
    internal SubTopology(int id, PlanNode root, string sourceTopic, bool isRepartition)
    {
        (Id, Root, IsRepartition) = (id, root, isRepartition);
        SourceTopics = [sourceTopic];
    }

    public int Id { get; }

    /// <summary>The topics it reads, internal ones included; each task reads its own partition of every one that has it.</summary>
    public IReadOnlyList<string> SourceTopics { get; }

    /// <summary>Whether what it reads is a repartition topic of this topology.</summary>
    public bool IsRepartition { get; }

    /// <summary>Its stores; each task has one of each.</summary>
    public IReadOnlyList<StoreDescription> Stores { get; internal set; } = [];

    /// <summary>The topics it writes, repartition topics included, change-logs not.</summary>
    public IReadOnlyList<OutputTopic> OutputTopics { get; internal set; } = [];

    internal PlanNode Root { get; }
}

/// <summary>A stage in the plan: how to make its operator, and what follows it.</summary>
internal sealed class PlanNode(string name, SubTopologyDraft draft, Func<TaskServices, Operator> create)
{
    public string Name { get; } = name;
    public SubTopologyDraft Draft { get; } = draft;
    public List<PlanNode> Children { get; } = [];

    public PlanNode Then(string name, Func<TaskServices, Operator> create)
    {
        var child = new PlanNode(name, Draft, create);
        Children.Add(child);
        return child;
    }

    /// <summary>The operators of one task from here on.</summary>
    public Operator Build(TaskServices services)
    {
        var built = create(services);
        built.Link([.. Children.Select(c => c.Build(services))]);
        return built;
    }
}

/// <summary>A sub-topology while it is put together.</summary>
internal sealed class SubTopologyDraft(string sourceTopic, bool isRepartition)
{
    public string SourceTopic { get; } = sourceTopic;
    public bool IsRepartition { get; } = isRepartition;
    public PlanNode Root { get; set; } = null!;
    public List<StoreDescription> Stores { get; } = [];
    public List<OutputTopic> Outputs { get; } = [];
}

/// <summary>What a task gives its operators.</summary>
internal sealed class TaskServices
{
    private readonly IReadOnlyDictionary<StoreDescription, TaskStore> _stores;

    public TaskServices(TaskId id, ITaskSink sink, IReadOnlyDictionary<StoreDescription, TaskStore> stores)
    {
        (Id, Sink, _stores) = (id, sink, stores);
        Failures = new Failures(this);
    }

    public TaskId Id { get; }
    public int Partition => Id.Partition;
    public Failures Failures { get; }
    public ITaskSink Sink { get; }
    public TaskCounters Counters { get; } = new();

    /// <summary>Epoch milliseconds, as the task was last told.</summary>
    public long WallClock { get; set; }

    /// <summary>Aggregations, whose stream time can be moved.</summary>
    public List<AggregateOperator> Aggregations { get; } = [];

    public TaskStore Store(StoreDescription description) => _stores[description];
}
