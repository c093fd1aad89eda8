using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>What the sender does next.</summary>
internal sealed record SendPlan(
    Dictionary<BrokerInfo, List<ProducerBatch>> Requests, List<ProducerBatch> Expired, List<TopicPartition> Leaderless, bool NeedsProducerId, long NotBefore);

/// <summary>A producer's records that are not acknowledged yet, in batches by partition, under one bound of memory. Kafka's word for it.</summary>
internal sealed partial class RecordAccumulator(ClusterClient cluster, ProducerOptions options)
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
    private KafkaException? _loss;

    public bool HasWaiting
    {
        get
        {
            lock (_gate) return _active.Exists(q => q.HasWaiting);
        }
    }

    /// <summary>The first loss since <see cref="TakeLoss"/>; null: there is none. A batch that is lost is told here before it is no longer among those unsettled.</summary>
    public KafkaException? Loss
    {
        get
        {
            lock (_gate) return _loss;
        }
    }

    public ProducerIdentity Identity
    {
        set
        {
            lock (_gate) _identity = value;
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
                foreach (var late in queue.TakeExpired(now - _deliveryTimeout)) expired.Add(Losing(late, Late(late)));
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

    /// <summary>Settles a batch after an error, unless it is to be sent again: as it is, or in halves where the topic's <c>max.message.bytes</c> is smaller.</summary>
    public void Fail(ProducerBatch batch, KafkaException error)
    {
        PartitionQueue.Outcome outcome;
        lock (_gate)
        {
            var now = cluster.Time.GetTimestamp();
            if (error.Error == ErrorCode.MessageTooLarge && batch.CanSplit && _closed is null)
            {
                QueueOf(batch).Split(batch);
                return;
            }
            var pause = Ticks(cluster.Time, cluster.Backoff.Delay(batch.Attempts - 1, Random.Shared.NextDouble()));
            outcome = QueueOf(batch).Fail(batch, error.Error, now + pause, _closed is not null || now - batch.CreatedAt >= _deliveryTimeout);
            if (outcome == PartitionQueue.Outcome.Failed) Losing(batch, error);
        }
        if (outcome == PartitionQueue.Outcome.Retry) return;
        if (outcome == PartitionQueue.Outcome.Failed)
        {
            Lose(batch);
            return;
        }
        Release(batch);
        batch.Complete(-1, -1);
    }

    /// <summary>Settles a batch that waits no more, with the error under which it was taken off.</summary>
    public void Lose(ProducerBatch batch)
    {
        Release(batch);
        batch.Fail();
    }

    /// <summary>The first loss since the last call; null: there is none.</summary>
    public KafkaException? TakeLoss()
    {
        lock (_gate)
        {
            var loss = _loss;
            _loss = null;
            return loss;
        }
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

    /// <summary>Loses what waits for one partition.</summary>
    public void LoseWaiting(TopicPartition partition, KafkaException error)
    {
        List<ProducerBatch> lost;
        lock (_gate) lost = _topics[partition.Topic][partition.Partition].TakeWaiting().ConvertAll(batch => Losing(batch, error));
        lost.ForEach(Lose);
    }

    /// <summary>Loses everything that waits; with <paramref name="closing"/> nothing is accepted or repeated from now on.</summary>
    public void LoseWaiting(KafkaException error, bool closing)
    {
        List<ProducerBatch> lost;
        lock (_gate)
        {
            if (closing) _closed ??= error;
            _freed?.TrySetResult();
            lost = [.. _active.SelectMany(q => q.TakeWaiting()).Select(batch => Losing(batch, error))];
        }
        lost.ForEach(Lose);
    }

    private ProducerBatch Losing(ProducerBatch batch, KafkaException error)
    {
        batch.Error = error;
        _loss ??= error;
        return batch;
    }

    private KafkaException Late(ProducerBatch batch) => new(ErrorCode.RequestTimedOut,
        $"{batch.Builder.Count} records for partition {batch.Partition} were not acknowledged in {options.DeliveryTimeout.TotalMilliseconds:0} ms");

    private static long Ticks(TimeProvider time, TimeSpan span) => (long)(span.TotalSeconds * time.TimestampFrequency);

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
        var count = metadata.Topics.GetValueOrDefault(topic) is { Error: ErrorCode.None } known ? known.Partitions.Count : 0;
        if (queues is null && count == 0) return null;
        if (queues is null) _topics.Add(topic, queues = new TopicQueues(topic, options));
        queues.Follow(count, metadata);
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
