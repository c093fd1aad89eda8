using Actors.Client;
using Actors.Protocol;
using Akka.Actor;
using Akka.Event;
using Akka.Streams;

namespace Actors.Topology.Runtime;

/// <summary>One task: restores its stores, runs its stream, and stops when told to or when the stream fails. Whoever started it starts it again.</summary>
internal sealed class TaskActor : ReceiveActor
{
    /// <summary>End: after a commit of what has been processed, or at once.</summary>
    public sealed record End(bool Commit);

    private sealed record Restored(RestoredTask Task) : IDeadLetterSuppression;

    private sealed record Failed(Exception Error) : IDeadLetterSuppression;

    private sealed record StreamEnded : IDeadLetterSuppression;

    private sealed record Cleaned : IDeadLetterSuppression;

    private readonly TaskSetting _setting;
    private readonly TaskProgress _progress;
    private readonly CancellationTokenSource _stop = new();
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private TaskRun? _run;
    private bool _ending;
    private bool _cleaning;

    public TaskActor(TaskSetting setting, TaskProgress progress)
    {
        (_setting, _progress) = (setting, progress);
        Receive<Restored>(restored => Run(restored.Task));
        Receive<StreamEnded>(_ => Clean());
        Receive<Failed>(failed => Fail(failed.Error));
        Receive<End>(end => Finish(end.Commit));
        Receive<Cleaned>(_ => Context.Stop(Self));
    }

    protected override void PreStart()
    {
        _progress.Set(TopologyState.Restoring);
        RestoredTask.RestoreAsync(_setting, _stop.Token).PipeTo(Self, success: task => new Restored(task), failure: error => new Failed(error));
    }

    private void Run(RestoredTask task)
    {
        if (_ending)
        {
            Clean();
            return;
        }
        var commit = new AtLeastOnceCommit(_setting.Cluster, _setting.Settings.Produce, _setting.Member);
        _run = TaskRun.Start(_setting, task, commit, _progress, _log, Context.Materializer());
        _run.Completion.PipeTo(Self, success: () => new StreamEnded(), failure: error => new Failed(error));
        _progress.Set(TopologyState.Running);
    }

    private void Fail(Exception error)
    {
        if (_ending)
        {
            Clean();
            return;
        }
        if (error is KafkaException { Error: ErrorCode.IllegalGeneration or ErrorCode.UnknownMemberId or ErrorCode.FencedInstanceId })
        {
            // The membership hears of it too, and says what becomes of the task.
            _progress.Set(TopologyState.Restoring, $"task {_setting.Id} was given to another member");
            _log.Warning("Task {0} of topology {1} was given to another member: {2}", _setting.Id, _setting.Plan.Name, error.Message);
            Clean();
            return;
        }
        _progress.Fail(error);
        Clean();
    }

    private void Finish(bool commit)
    {
        if (_ending) return;
        _ending = true;
        if (_run is null) _stop.Cancel();
        else if (commit) _run.Drain();
        else Clean();
    }

    /// <summary>The producer and the fetcher end before the actor does, so that a successor never meets their late writes.</summary>
    private void Clean()
    {
        // Closing fails the stream, which then reports here too.
        if (_cleaning) return;
        (_ending, _cleaning) = (true, true);
        if (_run is null) Context.Stop(Self);
        else _run.DisposeAsync().AsTask().PipeTo(Self, success: () => new Cleaned(), failure: error => LogAndEnd(error));
    }

    private object LogAndEnd(Exception error)
    {
        _log.Warning("Task {0} of topology {1} did not end cleanly: {2}", _setting.Id, _setting.Plan.Name, error.Message);
        return new Cleaned();
    }

    protected override void PostStop()
    {
        _stop.Cancel();
        // Stopped from above, with the system: what is open is closed behind it.
        if (!_cleaning) _ = _run?.DisposeAsync().AsTask();
    }
}
