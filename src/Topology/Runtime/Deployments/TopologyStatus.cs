using System.Text.Json.Serialization;

namespace Actors.Topology.Runtime;

/// <summary>How a topology or a task stands.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<TopologyState>))]
public enum TopologyState
{
    /// <summary>Records are processed.</summary>
    [JsonStringEnumMemberName("running")]
    Running,

    /// <summary>Somebody paused it.</summary>
    [JsonStringEnumMemberName("paused")]
    Paused,

    /// <summary>It met an error; it is tried again after a pause.</summary>
    [JsonStringEnumMemberName("failed")]
    Failed,

    /// <summary>It waits for a topic, for its partitions, or for its stores to be filled again.</summary>
    [JsonStringEnumMemberName("restoring")]
    Restoring,
}

/// <summary>A task of a topology.</summary>
/// <param name="Id">Sub-topology and partition.</param>
/// <param name="Node">The node it runs on.</param>
/// <param name="State">How it stands; of another node's task: running while it is assigned.</param>
/// <param name="Lag">Records that its sources hold beyond those it has processed, or committed where it is another node's; 0 while it is not running.</param>
public sealed record TaskStatus(TaskId Id, int Node, TopologyState State, long Lag)
{
    /// <summary>What it last failed with on the node asked, since that node started; null where it did not, or is another node's.</summary>
    public TopologyFailure? LastError { get; init; }
}

/// <summary>What a topology or a task failed with. Has no record's content.</summary>
/// <param name="Message">What went wrong.</param>
/// <param name="At">When.</param>
/// <param name="InARow">How often it has failed without having run well in between, this time included.</param>
/// <param name="RetryAt">When it is tried again; it stays what it was once that has come.</param>
public sealed record TopologyFailure(string Message, DateTimeOffset At, int InARow, DateTimeOffset RetryAt);

/// <summary>A deployed topology as this node sees it.</summary>
/// <param name="Name">Its name, which is its consumer group's.</param>
/// <param name="State">How it stands on the node asked: failed if any of its tasks is, else restoring if any is.</param>
/// <param name="Reason">Why it is not running; the topic's name where it waits for one. Null while it runs.</param>
/// <param name="Guarantee">At least once, or exactly once.</param>
/// <param name="Tasks">All nodes' tasks, in order; those that are moving are nobody's.</param>
public sealed record TopologyStatus(string Name, TopologyState State, string? Reason, Guarantee Guarantee, IReadOnlyList<TaskStatus> Tasks)
{
    /// <summary>The newest error of the topology itself or of one of its tasks on the node asked; it stays when the topology runs again. Null where there was none.</summary>
    public TopologyFailure? LastError { get; init; }

    /// <summary>What the topology's tasks have done on the node asked.</summary>
    public TopologyCounts Counts { get; init; } = TopologyCounts.None;
}

/// <summary>Records that tasks have processed, and those that they have left out.</summary>
public sealed record TopologyCounts(long Processed, IReadOnlyDictionary<DropReason, long> Dropped)
{
    private static readonly DropReason[] Reasons = Enum.GetValues<DropReason>();

    public static TopologyCounts None { get; } = new(0, Reasons.ToDictionary(r => r, _ => 0L));

    internal static TopologyCounts Of(TaskCounters counters) => new(counters.Processed, Reasons.ToDictionary(r => r, counters.Dropped));

    internal TopologyCounts Plus(TopologyCounts other) => new(Processed + other.Processed, Reasons.ToDictionary(r => r, r => Dropped[r] + other.Dropped[r]));
}

/// <summary>What became of a deployment.</summary>
public enum PutOutcome
{
    /// <summary>It is new: 201.</summary>
    Created,

    /// <summary>The same text was deployed already: 200.</summary>
    Unchanged,

    /// <summary>Another text is deployed under the name: 409.</summary>
    Conflict,

    /// <summary>The text makes no topology of that name: 400.</summary>
    Invalid,
}

/// <summary>What became of a deployment; where it is invalid, every error.</summary>
public sealed record PutResult(PutOutcome Outcome, IReadOnlyList<TopologyError> Errors);
