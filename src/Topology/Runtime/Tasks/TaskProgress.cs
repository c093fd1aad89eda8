using System.Collections.Concurrent;
using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>How a task stands, written by its actor and its stream, read by anyone.</summary>
internal sealed class TaskProgress(TaskId id, TimeProvider time)
{
    private readonly ConcurrentDictionary<TopicPartition, long> _positions = new();
    private volatile string? _reason;
    private volatile TopologyState _state = TopologyState.Restoring;
    private volatile bool _uncommitted;
    private volatile TopologyFailure? _lastError;
    private long _runsSince;
    private (Exception Error, TimeSpan Ran)? _end;
    private TopologyCounts _before = TopologyCounts.None;
    private TaskCounters? _counters;

    public TaskId Id => id;

    public TopologyState State => _state;

    /// <summary>Why it is not running.</summary>
    public string? Reason => _reason;

    /// <summary>Whether records have been processed that no commit covers.</summary>
    public bool Uncommitted
    {
        get => _uncommitted;
        set => _uncommitted = value;
    }

    /// <summary>What it last failed with.</summary>
    public TopologyFailure? LastError => _lastError;

    public void Set(TopologyState state, string? reason = null)
    {
        if (state == TopologyState.Running) _runsSince = time.GetTimestamp();
        _reason = reason;
        _state = state;
    }

    /// <summary>For how long it has run by now; zero where it did not come so far.</summary>
    private TimeSpan Ran => _state == TopologyState.Running ? time.GetElapsedTime(_runsSince) : TimeSpan.Zero;

    /// <summary>What the task ended with and how long it had run by then; null where it ended as it was to, or somebody has taken this already.</summary>
    public (Exception Error, TimeSpan Ran)? TakeEnd()
    {
        var end = _end;
        _end = null;
        return end;
    }

    /// <summary>The task fails: it ends soon.</summary>
    public void Fail(Exception error)
    {
        _end = (error, Ran);
        Set(TopologyState.Failed, $"task {id}: {error.GetBaseException().Message}");
    }

    /// <summary>It is known when the task is tried again.</summary>
    public void WillRetry(TopologyFailure failure) => _lastError = failure;

    /// <summary>The task has been made anew: its counts go on from those before.</summary>
    public void Begin(TaskCounters counters)
    {
        lock (_positions)
        {
            _before = Counts;
            _counters = counters;
        }
    }

    /// <summary>What it has done on this node, since the node started.</summary>
    public TopologyCounts Counts
    {
        get
        {
            lock (_positions) return _counters is null ? _before : _before.Plus(TopologyCounts.Of(_counters));
        }
    }

    public void Processed(TopicPartition partition, long next) => _positions[partition] = next;

    /// <summary>Records that its sources hold beyond what it has processed.</summary>
    public long Lag(Func<TopicPartition, long> highWatermark) => _positions.Sum(p => Math.Max(0, highWatermark(p.Key) - p.Value));

    /// <summary>Gives the high watermarks of the sources, while the task runs.</summary>
    public Func<TopicPartition, long>? HighWatermark { get; set; }

    public long CurrentLag => HighWatermark is { } known ? Lag(known) : 0;
}
