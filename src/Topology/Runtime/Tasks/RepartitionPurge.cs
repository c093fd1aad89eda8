using Actors.Client;
using Akka.Event;

namespace Actors.Topology.Runtime;

/// <summary>
/// Deletes a repartition topic's records once they are committed, for nobody else reads them: once an interval, beside the task's work.
/// One that fails is made up for by the next. Source: Kafka Streams' <c>repartition.purge.interval.ms</c> and <c>TaskManager.maybePurgeCommittedRecords</c>.
/// </summary>
internal sealed class RepartitionPurge : IAsyncDisposable
{
    private readonly TaskSetting _setting;
    private readonly ILoggingAdapter _log;
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicPartition, long> _committed = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _purging;

    public RepartitionPurge(TaskSetting setting, ILoggingAdapter log)
    {
        (_setting, _log) = (setting, log);
        _purging = setting.SubTopology.IsRepartition ? PurgeAsync() : Task.CompletedTask;
    }

    /// <summary>These offsets are committed.</summary>
    public void Committed(IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> offsets)
    {
        lock (_gate)
        {
            foreach (var (partition, at) in offsets) _committed[partition] = at.Offset;
        }
    }

    private async Task PurgeAsync()
    {
        await using var admin = new Admin(_setting.Cluster);
        try
        {
            while (true)
            {
                await Task.Delay(_setting.Settings.RepartitionPurgeInterval, _setting.Settings.Time, _stop.Token);
                if (TakeCommitted() is { Count: > 0 } committed) await PurgeAsync(admin, committed);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The task ends.
        }
    }

    private Dictionary<TopicPartition, long> TakeCommitted()
    {
        lock (_gate)
        {
            var taken = new Dictionary<TopicPartition, long>(_committed);
            _committed.Clear();
            return taken;
        }
    }

    private async Task PurgeAsync(Admin admin, Dictionary<TopicPartition, long> before)
    {
        try
        {
            await admin.DeleteRecordsAsync(before, _stop.Token);
        }
        catch (KafkaException error)
        {
            _log.Warning("Task {0} of topology {1} could not delete the records it has dealt with: {2}", _setting.Id, _setting.Plan.Name, error.Message);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _purging;
    }
}
