using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>What the sender does next.</summary>
internal sealed record SendPlan(
    Dictionary<BrokerInfo, List<ProducerBatch>> Requests, List<ProducerBatch> Expired, List<TopicPartition> Leaderless, bool NeedsProducerId, long NotBefore);

/// <summary>A producer's records that are not acknowledged yet, in batches by partition, under one bound of memory. Kafka's word for it.</summary>
internal sealed class RecordAccumulator(ClusterClient cluster, ProducerOptions options)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, TopicQueues> _topics = [];
    private readonly List<PartitionQueue> _active = [];

    /// <summary>By topic, the last of the records that wait to be accepted: whoever comes later waits behind it, so that the calls' order is kept.</summary>
    private readonly Dictionary<string, Task> _lastInTurn = [];
    private readonly Dictionary<int, int> _requestsInFlight = [];
    private readonly long _linger = Ticks(cluster.Time, options.Linger);
    private readonly long _deliveryTimeout = Ticks(cluster.Time, options.DeliveryTimeout);
    private ProducerIdentity _identity = ProducerIdentity.None;
    private long _reserved;
    private long _planned;
    private TaskCompletionSource? _freed;
    private KafkaException? _closed;

    private enum Append
    {
        Done,
        Behind,
        UnknownTopic,
        Full,
    }

    public bool HasWaiting
    {
        get
        {
            lock (_gate) return _active.Exists(q => q.HasWaiting);
        }
    }

    public ProducerIdentity Identity
    {
        set
        {
            lock (_gate) _identity = value;
        }
    }

    /// <summary>Adds a record to its partition's batch, waiting for metadata and memory where it must.</summary>
    /// <param name="wake">Called when the sender has something to look at.</param>
    public ValueTask<(ProducerBatch Batch, int Index)> AppendAsync(ProducerRecord record, Action wake, CancellationToken cancellation)
    {
        var size = SizeOf(record);
        return TryAppend(record, size, wake, inTurn: false, out var added, out _) == Append.Done
            ? ValueTask.FromResult(added)
            : AppendInTurnAsync(record, size, wake, cancellation);
    }

    /// <summary>Ends when every record that waits to be accepted now has been, or was given up.</summary>
    public Task AcceptedAsync()
    {
        lock (_gate) return Task.WhenAll(_lastInTurn.Values);
    }

    /// <summary>Adds a batch that the caller has made.</summary>
    public async ValueTask<ProducerBatch> AddAsync(TopicPartition partition, RecordBatchBuilder builder, CancellationToken cancellation)
    {
        if (builder.Count is 0 or > ProducerBatch.MaxRecords) throw new ArgumentException($"a batch of {builder.Count} records; 1 to {ProducerBatch.MaxRecords} are possible", nameof(builder));
        var deadline = cluster.Time.GetTimestamp() + Ticks(cluster.Time, options.MaxBlock);
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (_closed is not null) throw _closed;
                if (TryReserve(builder.UncompressedSize, out freed!) && QueuesOf(partition.Topic) is { } topic && (uint)partition.Partition < (uint)topic.Count)
                {
                    var batch = new ProducerBatch(partition, builder, cluster.Time.GetTimestamp()) { Closed = true, Reserved = builder.UncompressedSize };
                    _reserved += batch.Reserved;
                    Activate(topic[partition.Partition]).Add(batch);
                    return batch;
                }
            }
            await WaitAsync(partition.Topic, partition.Partition, freed, deadline, cancellation);
        }
    }

    /// <summary>Decides what is sent now. Each batch given is on its way until it is settled.</summary>
    /// <param name="canSend">False while there is no producer id: then only what has expired is given.</param>
    public SendPlan Plan(bool canSend)
    {
        var requests = new Dictionary<BrokerInfo, List<ProducerBatch>>();
        var bytes = new Dictionary<BrokerInfo, long>();
        var expired = new List<ProducerBatch>();
        var leaderless = new List<TopicPartition>();
        var (needsProducerId, wakeAt) = (false, long.MaxValue);
        lock (_gate)
        {
            var now = cluster.Time.GetTimestamp();
            // Each plan begins with another partition, so that none is always left over.
            var start = _planned++;
            for (var i = 0; i < _active.Count; i++)
            {
                var queue = _active[(int)((start + i) % _active.Count)];
                expired.AddRange(queue.TakeExpired(now - _deliveryTimeout));
                if (!canSend) continue;
                if (queue.CanTakeNewIdentity && !TryRenew(queue)) needsProducerId = true;
                if (!queue.HasWaiting) continue;
                if (!cluster.TryLeader(queue.Partition, out var leader))
                {
                    leaderless.Add(queue.Partition);
                    continue;
                }
                if (_requestsInFlight.GetValueOrDefault(leader.Id) >= options.MaxInFlight) continue;
                if (bytes.GetValueOrDefault(leader) >= options.MaxRequestSize)
                {
                    wakeAt = now;
                    continue;
                }
                if (queue.Take(now, _linger, _identity, out var notBefore) is not { } batch)
                {
                    wakeAt = Math.Min(wakeAt, notBefore);
                    continue;
                }
                (requests.TryGetValue(leader, out var batches) ? batches : requests[leader] = []).Add(batch);
                bytes[leader] = bytes.GetValueOrDefault(leader) + batch.Builder.UncompressedSize;
            }
            foreach (var leader in requests.Keys) _requestsInFlight[leader.Id] = _requestsInFlight.GetValueOrDefault(leader.Id) + 1;
            _active.RemoveAll(q => q.IsIdle);
        }
        return new SendPlan(requests, expired, leaderless, needsProducerId, wakeAt);
    }

    public void RequestEnded(BrokerInfo broker)
    {
        lock (_gate) _requestsInFlight[broker.Id]--;
    }

    public void Succeed(ProducerBatch batch, long baseOffset, long appendTime)
    {
        lock (_gate) QueueOf(batch).Succeed(batch);
        Release(batch);
        batch.Complete(baseOffset, appendTime);
    }

    /// <summary>Settles a batch after an error, unless it is to be sent again. Gives the error when the batch is lost.</summary>
    public KafkaException? Fail(ProducerBatch batch, KafkaException error)
    {
        PartitionQueue.Outcome outcome;
        lock (_gate)
        {
            var now = cluster.Time.GetTimestamp();
            var pause = Ticks(cluster.Time, cluster.Backoff.Delay(batch.Attempts - 1, Random.Shared.NextDouble()));
            outcome = QueueOf(batch).Fail(batch, error.Error, now + pause, _closed is not null || now - batch.CreatedAt >= _deliveryTimeout);
        }
        if (outcome == PartitionQueue.Outcome.Retry) return null;
        if (outcome == PartitionQueue.Outcome.Failed) return Lose(batch, error);
        Release(batch);
        batch.Complete(-1, -1);
        return null;
    }

    /// <summary>Settles a batch that waits no more.</summary>
    public KafkaException Lose(ProducerBatch batch, KafkaException error)
    {
        Release(batch);
        batch.Fail(error);
        return error;
    }

    /// <summary>Everything not settled yet; no batch of it takes records any more, so that none waits for company.</summary>
    public List<ProducerBatch> CloseBatches()
    {
        lock (_gate)
        {
            foreach (var queue in _active)
                if (queue.Open is { } open) open.Closed = true;
            return [.. _active.SelectMany(q => q.All)];
        }
    }

    /// <summary>Takes off what waits for one partition.</summary>
    public List<ProducerBatch> TakeWaiting(TopicPartition partition)
    {
        lock (_gate) return _topics[partition.Topic][partition.Partition].TakeWaiting();
    }

    /// <summary>Takes off everything that waits; with <paramref name="closing"/> nothing is accepted or repeated from now on.</summary>
    public List<ProducerBatch> TakeWaiting(KafkaException? closing)
    {
        lock (_gate)
        {
            _closed ??= closing;
            _freed?.TrySetResult();
            return [.. _active.SelectMany(q => q.TakeWaiting())];
        }
    }

    private static long Ticks(TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

    private int SizeOf(in ProducerRecord record)
    {
        var size = RecordBatchBuilder.MaxRecordSize(record.Key?.Length ?? -1, record.Value?.Length ?? -1, record.Headers);
        return size <= options.MaxRequestSize
            ? size
            : throw new KafkaException(ErrorCode.MessageTooLarge, $"a record of {size} bytes for topic {record.Topic}, of which {options.MaxRequestSize} may be sent at most");
    }

    private async ValueTask<(ProducerBatch, int)> AppendInTurnAsync(ProducerRecord record, int size, Action wake, CancellationToken cancellation)
    {
        var deadline = cluster.Time.GetTimestamp() + Ticks(cluster.Time, options.MaxBlock);
        var mine = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task? before;
        lock (_gate)
        {
            before = _lastInTurn.GetValueOrDefault(record.Topic);
            _lastInTurn[record.Topic] = mine.Task;
        }
        try
        {
            if (before is not null) await before.WaitAsync(cancellation);
            while (true)
            {
                if (TryAppend(record, size, wake, inTurn: true, out var added, out var freed) == Append.Done) return added;
                await WaitAsync(record.Topic, record.Partition, freed, deadline, cancellation);
            }
        }
        finally
        {
            // One who gives up early still holds the place of those before.
            if (before is { IsCompleted: false }) _ = before.ContinueWith(_ => EndTurn(record.Topic, mine), TaskScheduler.Default);
            else EndTurn(record.Topic, mine);
        }
    }

    private void EndTurn(string topic, TaskCompletionSource mine)
    {
        lock (_gate)
        {
            if (_lastInTurn.GetValueOrDefault(topic) == mine.Task) _lastInTurn.Remove(topic);
        }
        mine.SetResult();
    }

    private async ValueTask WaitAsync(string topic, int? partition, Task? freed, long deadline, CancellationToken cancellation)
    {
        var left = cluster.Time.GetElapsedTime(cluster.Time.GetTimestamp(), deadline);
        if (left < TimeSpan.Zero) left = TimeSpan.Zero;
        try
        {
            if (freed is not null)
            {
                await freed.WaitAsync(left, cluster.Time, cancellation);
                return;
            }
            // The partition may have been added since.
            if (partition is { } asked && cluster.Metadata.Topics.TryGetValue(topic, out var stale) && asked >= stale.Partitions.Count) cluster.Invalidate();
            var known = await cluster.TopicAsync(topic, create: true, cancellation).AsTask().WaitAsync(left, cluster.Time, cancellation);
            if (partition is { } wanted && (uint)wanted >= (uint)known.Partitions.Count)
                throw new KafkaException(ErrorCode.UnknownTopicOrPartition, $"partition {topic}-{wanted}: the topic has {known.Partitions.Count}");
        }
        catch (TimeoutException)
        {
            var what = freed is null ? "no metadata" : $"more than {options.BufferMemory} bytes wait to be acknowledged";
            throw new KafkaException(ErrorCode.RequestTimedOut, $"a record for topic {topic} was not accepted in {options.MaxBlock.TotalMilliseconds:0} ms ({what})");
        }
    }

    private Append TryAppend(in ProducerRecord record, int size, Action wake, bool inTurn, out (ProducerBatch, int) added, out Task? freed)
    {
        added = default;
        freed = null;
        var changed = false;
        lock (_gate)
        {
            if (_closed is not null) throw _closed;
            if (!inTurn && _lastInTurn.Count > 0 && _lastInTurn.ContainsKey(record.Topic)) return Append.Behind;
            if (QueuesOf(record.Topic) is not { } topic || record.Partition is < 0 || record.Partition >= topic.Count) return Append.UnknownTopic;
            if (!TryReserve(size, out freed)) return Append.Full;
            var queue = Activate(topic[topic.Choose(record, size, options.BatchSize)]);
            var batch = queue.Open;
            if (batch is null || batch.Builder.UncompressedSize + size > options.BatchSize || batch.Builder.Count == ProducerBatch.MaxRecords)
            {
                batch = new ProducerBatch(queue.Partition, new RecordBatchBuilder(options.Compression, options.CompressionLevel), cluster.Time.GetTimestamp());
                queue.Add(batch);
                changed = true;
            }
            added = (batch, batch.Builder.Count);
            batch.Builder.Append(record.Timestamp ?? cluster.Time.GetUtcNow().ToUnixTimeMilliseconds(), record.Key, record.Value, record.Headers);
            batch.Reserved += size;
            _reserved += size;
            if (batch.Builder.UncompressedSize >= options.BatchSize) changed = batch.Closed = true;
        }
        if (changed) wake();
        return Append.Done;
    }

    private bool TryReserve(int size, out Task? freed)
    {
        var fits = _reserved == 0 || _reserved + size <= options.BufferMemory;
        freed = fits ? null : (_freed ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).Task;
        return fits;
    }

    private void Release(ProducerBatch batch)
    {
        lock (_gate)
        {
            _reserved -= batch.Reserved;
            _freed?.TrySetResult();
            _freed = null;
        }
    }

    private TopicQueues? QueuesOf(string topic)
    {
        var metadata = cluster.Metadata;
        if (_topics.TryGetValue(topic, out var queues) && ReferenceEquals(queues.Seen, metadata)) return queues;
        // Partitions only ever become more; a topic that metadata does not show for a while keeps its queues.
        var count = metadata.Topics.GetValueOrDefault(topic) is { Error: ErrorCode.None } known ? known.Partitions.Count : 0;
        if (queues is null && count == 0) return null;
        if (queues is null) _topics.Add(topic, queues = new TopicQueues(topic, options));
        queues.Grow(count, metadata);
        return queues;
    }

    private PartitionQueue QueueOf(ProducerBatch batch) => _topics[batch.Partition.Topic][batch.Partition.Partition];

    private PartitionQueue Activate(PartitionQueue queue)
    {
        if (queue.IsIdle && !_active.Contains(queue)) _active.Add(queue);
        return queue;
    }

    private bool TryRenew(PartitionQueue queue)
    {
        if (queue.Identity == _identity)
        {
            if (!_identity.CanBump) return false;
            _identity = _identity.Bump();
        }
        queue.Renew(_identity);
        return true;
    }
}
