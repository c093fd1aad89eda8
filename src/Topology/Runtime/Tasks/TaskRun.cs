using Actors.Client;
using Akka;
using Akka.Event;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Actors.Topology.Runtime;

/// <summary>
/// A task's stream: fetch, process, and write or commit, one chunk at a time. It runs until it is drained or fails; what it has processed when it
/// is drained is committed.
/// </summary>
internal sealed class TaskRun : IAsyncDisposable
{
    /// <summary>Reasons that say that something is wrong with the records or the topology; late ones and nulls are a topology's daily bread.</summary>
    private static readonly DropReason[] Told = [DropReason.Unreadable, DropReason.BadTimestamp, DropReason.Unwritable, DropReason.Failed];

    private readonly TaskSetting _setting;
    private readonly RestoredTask _restored;
    private readonly TaskProgress _progress;
    private readonly Fetcher _fetcher;
    private readonly ITaskCommit _commit;
    private readonly RepartitionPurge _purge;
    private readonly Dictionary<TopicPartition, OffsetAndMetadata> _positions = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly UniqueKillSwitch _drain;
    private readonly string _name;
    private readonly ILoggingAdapter _log;
    private bool _draining;
    private long _told;
    private bool _toldOfSnapshots;

    private TaskRun(TaskSetting setting, RestoredTask restored, ITaskCommit commit, TaskProgress progress, ILoggingAdapter log, IMaterializer materializer)
    {
        (_setting, _restored, _commit, _progress) = (setting, restored, commit, progress);
        (_name, _log) = ($"{setting.Id} of topology {setting.Plan.Name}", log);
        _fetcher = new Fetcher(setting.Cluster, setting.Settings.Fetch);
        _fetcher.Assign(restored.Start);
        _purge = new RepartitionPurge(setting, log);
        progress.Begin(restored.Task.Counters);
        progress.HighWatermark = _fetcher.HighWatermark;
        (_drain, Completion) = Source.FromGraph(new FetchSource(_fetcher))
            .ViaMaterialized(KillSwitches.Single<FetchedChunk>(), Keep.Right)
            .Via(new ProcessStage(restored.Task, progress, setting.Plan.Description.CommitInterval, setting.Settings.Time))
            .SelectAsync(1, StepAsync)
            .ToMaterialized(Sink.Ignore<NotUsed>(), Keep.Both)
            .Run(materializer);
    }

    /// <summary>Ends with the stream, and fails with it.</summary>
    public Task Completion { get; }

    /// <summary>Starts the stream; the commit is disposed of with it.</summary>
    public static TaskRun Start(TaskSetting setting, RestoredTask restored, ITaskCommit commit, TaskProgress progress, ILoggingAdapter log, IMaterializer materializer) =>
        new(setting, restored, commit, progress, log, materializer);

    /// <summary>Takes no more chunks, commits what has been processed, and ends.</summary>
    public void Drain()
    {
        Volatile.Write(ref _draining, true);
        _drain.Shutdown();
    }

    private async Task<NotUsed> StepAsync(TaskStep step)
    {
        // Each step leaves the stream's actor, so that under load too its timers and the end that it is asked for are not kept waiting.
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        var takesChanges = (step.IsCommit || _restored.Outputs.HasManyChanges) && _commit.MayWrite;
        if (takesChanges) _restored.Outputs.AddChanges(_restored.Task.Stores, _restored.Task.StreamTime);
        await _commit.WriteAsync(_restored.Outputs, _stop.Token);
        if (!step.IsCommit) _positions[step.Partition] = new OffsetAndMetadata(step.NextOffset);
        // Without the changes a commit would leave their records out of every count, though it may be written by now.
        else if (takesChanges && _commit.MayWrite) await CommitAsync();
        return NotUsed.Instance;
    }

    private async Task CommitAsync()
    {
        using var span = CommitTraces.Start(_setting);
        try
        {
            await CommitOnceAsync();
        }
        catch (Exception error)
        {
            span?.SetTag("error.type", error.GetType().FullName).SetStatus(System.Diagnostics.ActivityStatusCode.Error);
            throw;
        }
    }

    private async Task CommitOnceAsync()
    {
        await _commit.FlushAsync(_stop.Token);
        // Its place is asked for before the commit, which then proves that nobody else had written to the change-log by then.
        var due = await _restored.DueSnapshotsAsync(Volatile.Read(ref _draining), _stop.Token);
        // Refused while the group rebalances: still uncommitted, so the next interval asks again.
        if (!await _commit.CommitAsync(_positions, _stop.Token)) return;
        _purge.Committed(_positions);
        _positions.Clear();
        _progress.Uncommitted = false;
        TellOfDropped();
        if (await RestoredTask.TakeSnapshotsAsync(due, _stop.Token) is { } failure) TellOfSnapshots(failure);
    }

    /// <summary>Once: its change-logs have everything, and the next start only takes longer.</summary>
    private void TellOfSnapshots(Exception failure)
    {
        if (_toldOfSnapshots) return;
        _toldOfSnapshots = true;
        _log.Warning("Task {0} cannot write its snapshots and goes on without: {1}", _name, failure.Message);
    }

    /// <summary>At most once a commit, and without the records' content.</summary>
    private void TellOfDropped()
    {
        var counters = _restored.Task.Counters;
        var dropped = Told.Sum(counters.Dropped);
        if (dropped == _told) return;
        _told = dropped;
        _log.Warning("Task {0} has left out {1} records since it started: {2}", _name, dropped,
            string.Join(", ", Told.Where(r => counters.Dropped(r) > 0).Select(r => $"{r} {counters.Dropped(r)}")));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _progress.HighWatermark = null;
        await _fetcher.DisposeAsync();
        await _commit.DisposeAsync();
        await _purge.DisposeAsync();
    }
}
