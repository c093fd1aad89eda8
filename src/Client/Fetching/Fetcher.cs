using System.Threading.Channels;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client;

/// <summary>
/// Reads assigned partitions from given offsets: one long poll at a time to each leader, ahead of the reader up to a bound a partition.
/// Chunks of a partition come in order. Safe for one reader and any number of callers of the rest.
/// </summary>
public sealed class Fetcher : IAsyncDisposable
{
    /// <summary>How long a broker may hold an answer back while a partition waits for its reader: it must be asked for soon again.</summary>
    private static readonly TimeSpan ShortWait = TimeSpan.FromMilliseconds(20);

    private readonly ClusterClient _cluster;
    private readonly FetcherOptions _options;
    private readonly BrokerConnections _connections;
    private readonly Dictionary<TopicPartition, FetchPosition> _positions = [];
    private readonly HashSet<int> _busyBrokers = [];
    private readonly Channel<Item> _items = Channel.CreateUnbounded<Item>();
    private readonly Signal _signal;
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Task _loop;
    private bool _refreshing;

    public Fetcher(ClusterClient cluster, FetcherOptions? options = null)
    {
        _cluster = cluster;
        _options = options ?? new FetcherOptions();
        _connections = cluster.OpenConnections();
        _signal = new Signal(cluster.Time);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>A chunk, or an error that a partition met; never both.</summary>
    private readonly record struct Item(FetchedChunk? Chunk, KafkaException? Error, FetchPosition Position);

    /// <summary>The partitions assigned at the moment.</summary>
    public IReadOnlyCollection<TopicPartition> Assigned
    {
        get
        {
            lock (_gate) return [.. _positions.Keys];
        }
    }

    /// <summary>Reads these partitions too, from these offsets (or <see cref="LogicalOffset"/>s). One that is assigned already starts again from there; what was read ahead is dropped.</summary>
    public void Assign(IEnumerable<KeyValuePair<TopicPartition, long>> partitions)
    {
        lock (_gate)
        {
            foreach (var (partition, offset) in partitions) _positions[partition] = new FetchPosition(partition, offset);
        }
        _signal.Set();
    }

    /// <summary>Reads a partition from an offset or a <see cref="LogicalOffset"/>.</summary>
    public void Assign(TopicPartition partition, long offset) => Assign([new(partition, offset)]);

    /// <summary>Goes to another offset, keeping whether the partition is paused.</summary>
    /// <exception cref="InvalidOperationException">The partition is not assigned.</exception>
    public void Seek(TopicPartition partition, long offset)
    {
        lock (_gate) _positions[partition] = new FetchPosition(partition, offset) { Paused = Position(partition).Paused };
        _signal.Set();
    }

    /// <summary>Reads these partitions no more; what was read ahead of them is dropped.</summary>
    public void Unassign(IEnumerable<TopicPartition> partitions)
    {
        lock (_gate)
        {
            foreach (var partition in partitions) _positions.Remove(partition);
        }
    }

    /// <summary>Asks for no more of these partitions until resumed; what was read ahead still comes.</summary>
    public void Pause(IEnumerable<TopicPartition> partitions) => SetPaused(partitions, true);

    /// <summary>Goes on with these partitions where they were paused.</summary>
    public void Resume(IEnumerable<TopicPartition> partitions) => SetPaused(partitions, false);

    /// <summary>The partition's high watermark as its leader last said; -1 before the first answer.</summary>
    public long HighWatermark(TopicPartition partition)
    {
        lock (_gate) return _positions.TryGetValue(partition, out var position) ? position.HighWatermark : -1;
    }

    /// <summary>Waits for the next chunk of any partition.</summary>
    /// <exception cref="KafkaException">What a partition met that is not retried: OFFSET_OUT_OF_RANGE under <see cref="OffsetReset.Fail"/>, no authorisation, corrupt data.</exception>
    public async ValueTask<FetchedChunk> ReadAsync(CancellationToken cancellation = default)
    {
        while (true)
        {
            if (TryRead(out var chunk)) return chunk;
            if (!await _items.Reader.WaitToReadAsync(cancellation)) throw new ObjectDisposedException(nameof(Fetcher));
        }
    }

    /// <summary>Takes the next chunk if one has been read ahead.</summary>
    /// <exception cref="KafkaException">As for <see cref="ReadAsync"/>.</exception>
    public bool TryRead(out FetchedChunk chunk)
    {
        while (_items.Reader.TryRead(out var item))
        {
            lock (_gate)
            {
                if (!IsCurrent(item.Position)) continue;
                item.Position.BufferedBytes -= item.Chunk?.Bytes ?? 0;
            }
            _signal.Set();
            if (item.Error is not null) throw item.Error;
            chunk = item.Chunk!;
            return true;
        }
        chunk = null!;
        return false;
    }

    private bool IsCurrent(FetchPosition position) => _positions.TryGetValue(position.Partition, out var current) && ReferenceEquals(current, position);

    private FetchPosition Position(TopicPartition partition) =>
        _positions.TryGetValue(partition, out var position) ? position : throw new InvalidOperationException($"partition {partition} is not assigned");

    private void SetPaused(IEnumerable<TopicPartition> partitions, bool paused)
    {
        lock (_gate)
        {
            foreach (var partition in partitions)
                if (_positions.TryGetValue(partition, out var position)) position.Paused = paused;
        }
        _signal.Set();
    }

    private async Task RunAsync()
    {
        try
        {
            while (!_stop.IsCancellationRequested) await _signal.WaitAsync(Step(), _stop.Token);
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Disposed.
        }
        catch (Exception error)
        {
            _items.Writer.TryComplete(error);
        }
    }

    /// <summary>Starts what can be started, and says how long nothing will change by itself.</summary>
    private TimeSpan Step()
    {
        var fetches = new Dictionary<BrokerInfo, List<FetchPosition>>();
        var unresolved = new List<FetchPosition>();
        var held = new HashSet<int>();
        var wait = Timeout.InfiniteTimeSpan;
        lock (_gate)
        {
            var now = _cluster.Time.GetTimestamp();
            foreach (var position in _positions.Values)
            {
                if (position.Busy || position.Paused || position.Halted) continue;
                if (position.NotBefore > now)
                {
                    var left = _cluster.Time.GetElapsedTime(now, position.NotBefore);
                    wait = wait < TimeSpan.Zero || left < wait ? left : wait;
                    continue;
                }
                if (position.Offset < 0) unresolved.Add(position);
                else if (!_cluster.TryLeader(position.Partition, out var leader)) RefreshOnce();
                else if (position.BufferedBytes >= _options.MaxBufferedBytes) held.Add(leader.Id);
                else if (!_busyBrokers.Contains(leader.Id)) (fetches.TryGetValue(leader, out var of) ? of : fetches[leader] = []).Add(position);
            }
            foreach (var position in unresolved.Concat(fetches.Values.SelectMany(p => p))) position.Busy = true;
            foreach (var broker in fetches.Keys) _busyBrokers.Add(broker.Id);
        }
        if (unresolved.Count > 0) _ = ResolveAsync(unresolved);
        foreach (var (broker, positions) in fetches) _ = FetchAsync(broker, positions, held.Contains(broker.Id) ? ShortWait : _options.MaxWait);
        return wait;
    }

    private void RefreshOnce()
    {
        if (_refreshing) return;
        _refreshing = true;
        _ = RefreshAsync();
    }

    private async Task RefreshAsync()
    {
        List<TopicPartition> leaderless;
        lock (_gate) leaderless = [.. _positions.Keys.Where(p => !_cluster.TryLeader(p, out _))];
        var found = false;
        try
        {
            await _cluster.ByLeaderAsync(leaderless, _stop.Token);
            found = true;
        }
        catch (KafkaException error)
        {
            lock (_gate)
            {
                foreach (var partition in leaderless)
                    if (_positions.TryGetValue(partition, out var position) && !_cluster.TryLeader(partition, out _)) Fail(position, error);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        lock (_gate)
        {
            _refreshing = false;
            foreach (var partition in leaderless)
                if (found && _positions.TryGetValue(partition, out var position)) position.Failures = 0;
        }
        _signal.Set();
    }

    private async Task ResolveAsync(List<FetchPosition> positions)
    {
        var wanted = positions.ToDictionary(p => p.Partition, p => p.Offset);
        await AttemptAsync(positions, async () =>
        {
            var found = await OffsetLookup.OnceAsync(_cluster, _connections, wanted, _options.Isolation, _stop.Token);
            lock (_gate)
            {
                foreach (var position in positions) (position.Offset, position.Failures) = (found[position.Partition].Offset, 0);
            }
        });
    }

    private async Task FetchAsync(BrokerInfo broker, List<FetchPosition> positions, TimeSpan maxWait)
    {
        await AttemptAsync(positions, async () =>
        {
            var response = await _cluster.SendAsync(
                _connections, broker, Apis.Fetch, Request(positions, maxWait), _cluster.Options.RequestTimeout + maxWait, _stop.Token);
            if ((ErrorCode)response.ErrorCode != ErrorCode.None) throw new KafkaException((ErrorCode)response.ErrorCode, $"fetch from broker {broker}");
            Take(positions, response);
        }, broker);
    }

    /// <summary>Whatever becomes of an attempt, its partitions are free for the next one.</summary>
    private async Task AttemptAsync(List<FetchPosition> positions, Func<Task> attempt, BrokerInfo? broker = null)
    {
        try
        {
            await attempt();
        }
        catch (KafkaException error)
        {
            lock (_gate)
            {
                foreach (var position in positions) Fail(position, error);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (ObjectDisposedException) when (_stop.IsCancellationRequested)
        {
            return;
        }
        catch (Exception error)
        {
            _items.Writer.TryComplete(error);
            return;
        }
        lock (_gate)
        {
            foreach (var position in positions) position.Busy = false;
            if (broker is not null) _busyBrokers.Remove(broker.Id);
        }
        _signal.Set();
    }

    private FetchRequest Request(List<FetchPosition> positions, TimeSpan maxWait)
    {
        var request = new FetchRequest
        {
            ReplicaId = -1,
            MaxWaitMs = (int)maxWait.TotalMilliseconds,
            MinBytes = _options.MinBytes,
            MaxBytes = _options.MaxBytes,
            IsolationLevel = (sbyte)_options.Isolation,
        };
        lock (_gate)
        {
            foreach (var topic in positions.GroupBy(p => p.Partition.Topic))
            {
                request.Topics.Add(new FetchRequest.FetchTopic
                {
                    Topic = topic.Key,
                    Partitions = [.. topic.Select(p => new FetchRequest.FetchPartition
                    {
                        Partition = p.Partition.Partition, FetchOffset = p.Offset, PartitionMaxBytes = _options.MaxPartitionBytes,
                    })],
                });
            }
        }
        return request;
    }

    private void Take(List<FetchPosition> positions, FetchResponse response)
    {
        var asked = positions.ToDictionary(p => p.Partition);
        foreach (var topic in response.Responses)
        {
            foreach (var answer in topic.Partitions)
            {
                if (!asked.TryGetValue(new TopicPartition(topic.Topic, answer.PartitionIndex), out var position)) continue;
                lock (_gate)
                {
                    if (IsCurrent(position)) Take(position, answer);
                }
            }
        }
    }

    private void Take(FetchPosition position, FetchResponse.PartitionData answer)
    {
        var error = (ErrorCode)answer.ErrorCode;
        if (error == ErrorCode.OffsetOutOfRange && _options.Reset != OffsetReset.Fail)
        {
            position.Offset = _options.Reset == OffsetReset.Earliest ? LogicalOffset.Earliest : LogicalOffset.Latest;
            return;
        }
        if (error != ErrorCode.None)
        {
            Fail(position, new KafkaException(error, $"fetch of partition {position.Partition} at offset {position.Offset}"));
            return;
        }
        position.HighWatermark = answer.HighWatermark;
        position.Failures = 0;
        if (answer.Records is not { Length: > 0 } records) return;
        List<FetchedBatch> batches;
        long next;
        try
        {
            batches = BatchFilter.Take(position.Partition, records.ToMemory(), position.Offset, answer.AbortedTransactions, _options.CheckCrcs, out next);
        }
        catch (KafkaException corrupt)
        {
            // Told to the reader and read again after a pause: the damage may lie on the way.
            _items.Writer.TryWrite(new Item(null, corrupt, position));
            Fail(position, corrupt);
            return;
        }
        if (next == position.Offset) return;
        var chunk = new FetchedChunk(position.Partition, position.Offset, next, answer.HighWatermark, answer.LastStableOffset, batches, records.Length);
        position.Offset = next;
        position.BufferedBytes += chunk.Bytes;
        _items.Writer.TryWrite(new Item(chunk, null, position));
    }

    /// <summary>A retriable error is tried again after a pause, without end, as Kafka's consumer does; another is the reader's.</summary>
    private void Fail(FetchPosition position, KafkaException error)
    {
        if (error.Error.RefreshesMetadata()) _cluster.Invalidate();
        if (error.IsRetriable)
        {
            var pause = _cluster.Backoff.Delay(position.Failures++, Random.Shared.NextDouble());
            position.NotBefore = _cluster.Time.GetTimestamp() + (long)(pause.TotalSeconds * _cluster.Time.TimestampFrequency);
            return;
        }
        position.Halted = true;
        if (IsCurrent(position)) _items.Writer.TryWrite(new Item(null, error, position));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _loop;
        _items.Writer.TryComplete();
        await _connections.DisposeAsync();
        _signal.Dispose();
    }
}
