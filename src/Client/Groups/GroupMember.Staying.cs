using Actors.Protocol;

namespace Actors.Client;

/// <summary>Between two rebalances: heartbeats, and what ends the stay.</summary>
public sealed partial class GroupMember
{
    /// <summary>Sends heartbeats until the group rebalances or <see cref="Rejoin"/> is called.</summary>
    private async ValueTask StayAsync()
    {
        using var rejoin = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        lock (_gate)
        {
            _rejoin = rejoin;
            if (_rejoinWanted || _refused?.Of == Current) rejoin.Cancel();
        }
        try
        {
            await HeartbeatsAsync(throughRebalances: false, rejoin.Token);
        }
        catch (OperationCanceledException) when (!_stop.IsCancellationRequested)
        {
            // Asked to join again.
        }
        catch (KafkaException error) when (error.Error == ErrorCode.RebalanceInProgress)
        {
            // The group rebalances.
        }
        finally
        {
            lock (_gate) (_rejoin, _rejoinWanted) = (null, false);
        }
        if (TakeRefusal() is { } refused) throw refused;
        // The listener may take its time to let go, and commit meanwhile.
        if (!_cooperative) await WithHeartbeatsAsync(() => GiveUpAsync(_listener.OnRevokedAsync, _stop.Token).AsTask());
    }

    /// <summary>What was refused of an earlier membership says nothing of this one.</summary>
    private KafkaException? TakeRefusal()
    {
        lock (_gate)
        {
            var refused = _refused;
            _refused = null;
            return refused is { } known && known.Of == Current ? known.Error : null;
        }
    }

    /// <summary>Runs callbacks while heartbeats go on, whatever these hear: it is heard again afterwards.</summary>
    private async ValueTask WithHeartbeatsAsync(Func<Task> callbacks)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var heartbeats = HeartbeatsAsync(throughRebalances: true, over.Token);
        try
        {
            await callbacks();
        }
        finally
        {
            await over.CancelAsync();
            await heartbeats.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task HeartbeatsAsync(bool throughRebalances, CancellationToken until)
    {
        var failures = 0;
        var checkedAt = _cluster.Time.GetTimestamp();
        // A coordinator may keep a heartbeat until there is news: the sooner it has one, the sooner this member hears.
        var pause = throughRebalances ? _options.HeartbeatInterval : TimeSpan.Zero;
        while (true)
        {
            await Task.Delay(failures == 0 ? pause : _cluster.Backoff.Delay(failures - 1, Random.Shared.NextDouble()), _cluster.Time, until);
            var sentAt = _cluster.Time.GetTimestamp();
            try
            {
                await _coordinator.HeartbeatAsync(Current, _options.SessionTimeout, until);
                HeardOf(sentAt);
                failures = 0;
                pause = Later(sentAt);
                var every = _groupTopics.Count > _assignedOver.Count ? MissingTopicCheck : _cluster.Options.MetadataMaxAge;
                if (throughRebalances || _groupTopics.Count == 0 || _cluster.Time.GetElapsedTime(checkedAt) < every) continue;
                checkedAt = _cluster.Time.GetTimestamp();
                if (await TopicsChangedAsync(until)) return;
            }
            catch (KafkaException error) when (error.IsRetriable)
            {
                failures++;
            }
            catch (KafkaException error) when (throughRebalances && error.Error == ErrorCode.RebalanceInProgress)
            {
                HeardOf(sentAt);
                failures = 0;
                pause = Later(sentAt);
            }
            catch (KafkaException error) when (error.Error != ErrorCode.RebalanceInProgress)
            {
                Volatile.Write(ref _heardOf, long.MinValue);
                throw;
            }
        }
    }

    /// <summary>Until the next heartbeat: the interval counts from when the last one was sent.</summary>
    private TimeSpan Later(long sentAt)
    {
        var rest = _options.HeartbeatInterval - _cluster.Time.GetElapsedTime(sentAt);
        return rest > TimeSpan.Zero ? rest : TimeSpan.Zero;
    }

    private async ValueTask<bool> TopicsChangedAsync(CancellationToken cancellation)
    {
        var now = await _cluster.PartitionCountsAsync(_groupTopics, cancellation);
        return now.Count != _assignedOver.Count || now.Any(t => _assignedOver.GetValueOrDefault(t.Key) != t.Value);
    }
}
