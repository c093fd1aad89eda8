using Actors.Client;
using Akka.Actor;
using Akka.Event;

namespace Actors.Topology.Runtime;

/// <summary>What the group gives and takes, and the tasks that run for it.</summary>
internal sealed partial class TopologyActor
{
    private void Change(Changed change)
    {
        if (change.Kind == ChangeKind.Assigned && _leaving)
        {
            change.Done.TrySetResult();
            return;
        }
        if (change.Kind == ChangeKind.Assigned)
        {
            _assigned.UnionWith(change.Partitions);
            _assignedSince ??= _settings.Time.GetTimestamp();
            _progress.Set(TopologyState.Running);
            foreach (var id in AssignedTasks().Where(t => !_tasks.ContainsKey(t)).ToList()) BeginTask(id);
            change.Done.TrySetResult();
            return;
        }
        _assigned.ExceptWith(change.Partitions);
        var ending = _tasks.Keys.Where(t => !SourcesOf(t).All(_assigned.Contains)).ToHashSet();
        foreach (var id in ending) _tasks[id].Tell(new TaskActor.End(Commit: change.Kind == ChangeKind.Revoked));
        if (ending.Count == 0) change.Done.TrySetResult();
        else _endings.Add((ending, change.Done));
    }

    private IEnumerable<TopicPartition> SourcesOf(TaskId id) => _plan.SubTopologies[id.SubTopology].SourceTopics.Select(t => new TopicPartition(t, id.Partition));

    /// <summary>By the assignment alone, for a source may have got more partitions since the preparation.</summary>
    private IEnumerable<TaskId> AssignedTasks() => _plan.SubTopologies
        .SelectMany(sub => _assigned.Where(p => sub.SourceTopics.Contains(p.Topic)).Select(p => new TaskId(sub.Id, p.Partition)))
        .Distinct().Where(id => SourcesOf(id).All(_assigned.Contains)).Order();

    private void BeginTask(TaskId id)
    {
        if (_tasks.ContainsKey(id) || _member is not { } member || !SourcesOf(id).All(_assigned.Contains)) return;
        var setting = new TaskSetting(_plan, id, _cluster, member, _settings);
        var progress = _progress.Task(id);
        _tasks[id] = Context.Watch(Context.ActorOf(Props.Create(() => new TaskActor(setting, progress))));
    }

    private void TaskEnded(IActorRef task)
    {
        var id = _tasks.First(t => t.Value.Equals(task)).Key;
        _tasks.Remove(id);
        foreach (var (waiting, done) in _endings)
            if (waiting.Remove(id) && waiting.Count == 0)
                done.TrySetResult();
        _endings.RemoveAll(e => e.Waiting.Count == 0);
        var progress = _progress.Task(id);
        var end = progress.TakeEnd();
        if (!SourcesOf(id).All(_assigned.Contains))
        {
            _pauses.Remove(id);
            _progress.Forget(id);
            return;
        }
        if (!_pauses.TryGetValue(id, out var backoff)) _pauses[id] = backoff = NewPause();
        if (end is not var (error, ran))
        {
            Timers.StartSingleTimer(id, new StartTask(id), _settings.RestartPause);
            return;
        }
        var failure = backoff.Fail(error, ran, _settings.Time, out var pause);
        _log.Error(error, "Task {0} of topology {1} failed, {2}", id, _plan.Name, Told(failure.InARow, pause));
        Timers.StartSingleTimer(id, new StartTask(id), pause);
        progress.WillRetry(failure);
    }

    /// <summary>The group's changes, as messages; the membership waits until they are carried out.</summary>
    private sealed class Listener(IActorRef topology) : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) =>
            TellAsync(partitions, ChangeKind.Assigned, cancellation);

        public ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) =>
            TellAsync(partitions, ChangeKind.Revoked, cancellation);

        public ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) =>
            TellAsync(partitions, ChangeKind.Lost, cancellation);

        private async ValueTask TellAsync(IReadOnlyCollection<TopicPartition> partitions, ChangeKind kind, CancellationToken cancellation)
        {
            var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            topology.Tell(new Changed(partitions, kind, done));
            await done.Task.WaitAsync(cancellation);
        }
    }
}
