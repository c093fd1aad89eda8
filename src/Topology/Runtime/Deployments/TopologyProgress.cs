using System.Collections.Concurrent;

namespace Actors.Topology.Runtime;

/// <summary>How a topology stands on this node, written by its actors, read by anyone.</summary>
internal sealed class TopologyProgress(string name, int node, TimeProvider time)
{
    private readonly ConcurrentDictionary<TaskId, TaskProgress> _tasks = new();
    private TopologyCounts _gone = TopologyCounts.None;
    private volatile Standing _standing = new(TopologyState.Restoring, null);
    private volatile TopologyFailure? _lastError;

    /// <summary>Known once the text is read.</summary>
    public Guarantee Guarantee { get; set; }

    /// <summary>How many tasks the topology has on all nodes; -1 while that is not known.</summary>
    public int TaskCount { get; set; } = -1;

    private sealed record Standing(TopologyState State, string? Reason);

    public TaskProgress Task(TaskId id) => _tasks.GetOrAdd(id, static (id, time) => new TaskProgress(id, time), time);

    public void Forget(TaskId id)
    {
        if (!_tasks.TryRemove(id, out var gone)) return;
        lock (_tasks) _gone = _gone.Plus(gone.Counts);
    }

    /// <summary>How the topology itself stands; its tasks are looked at beside it.</summary>
    public void Set(TopologyState state, string? reason = null) => _standing = new Standing(state, reason);

    /// <summary>The topology itself failed.</summary>
    public void Fail(TopologyFailure failure)
    {
        _lastError = failure;
        Set(TopologyState.Failed, failure.Message);
    }

    private TopologyCounts Counts()
    {
        lock (_tasks) return _tasks.Values.Aggregate(_gone, (sum, task) => sum.Plus(task.Counts));
    }

    public TopologyStatus Status()
    {
        var tasks = _tasks.Values.OrderBy(t => t.Id).ToList();
        var own = _standing;
        var worst = tasks.Find(t => t.State == TopologyState.Failed) ?? tasks.Find(t => t.State == TopologyState.Restoring);
        var (state, reason) = own.State == TopologyState.Running && worst is not null ? (worst.State, worst.Reason) : (own.State, own.Reason);
        return new TopologyStatus(name, state, reason, Guarantee, [.. tasks.Select(t => new TaskStatus(t.Id, node, t.State, t.CurrentLag) { LastError = t.LastError })])
        {
            LastError = tasks.Select(t => t.LastError).Append(_lastError).MaxBy(e => e?.At),
            Counts = Counts(),
        };
    }
}
