using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>
/// Writes records, in batches, to the partitions' leaders. Idempotent unless told otherwise: each record is written once and in the order of the calls
/// a partition, whatever is lost on the way. Safe for any number of callers.
/// </summary>
public sealed class Producer : IAsyncDisposable
{
    /// <summary>How often a producer that may not send asks whether it may.</summary>
    private static readonly TimeSpan MaySendInterval = TimeSpan.FromMilliseconds(20);

    private readonly ClusterClient _cluster;
    private readonly ProducerOptions _options;
    private readonly BrokerConnections _connections;
    private readonly RecordAccumulator _accumulator;
    private readonly Signal _signal;
    private readonly Action _wake;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _loop;

    /// <summary>By broker, the end of the latest request's way to its connection: the next goes after it, also while the connection is being opened.</summary>
    private readonly Dictionary<int, Task> _handedOver = [];
    private bool _hasIdentity;
    private int _refreshing;
    private int _leaderlessTries;
    private int _closing;

    /// <exception cref="ArgumentException">Options that contradict each other or are out of bounds.</exception>
    public Producer(ClusterClient cluster, ProducerOptions? options = null)
    {
        _cluster = cluster;
        _options = options ?? new ProducerOptions();
        _options.Check();
        _connections = cluster.OpenConnections();
        _accumulator = new RecordAccumulator(cluster, _options);
        _signal = new Signal(cluster.Time);
        _wake = _signal.Set;
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The first loss since the last flush; null: none is known.</summary>
    public KafkaException? Failure => _accumulator.Loss;

    /// <summary>Writes a record; the result is there once it is acknowledged as <see cref="ProducerOptions.Acks"/> says. May be awaited once.</summary>
    /// <exception cref="KafkaException">It was refused, or not acknowledged within <see cref="ProducerOptions.DeliveryTimeout"/>.</exception>
    public ValueTask<RecordMetadata> SendAsync(in ProducerRecord record, CancellationToken cancellation = default)
    {
        var appended = _accumulator.AppendAsync(record, _wake, cancellation);
        if (!appended.IsCompletedSuccessfully) return Slow(appended);
        var (batch, index) = appended.Result;
        return batch.Delivery(index);

        static async ValueTask<RecordMetadata> Slow(ValueTask<(ProducerBatch Batch, int Index)> appending)
        {
            var (batch, index) = await appending;
            return await batch.Delivery(index);
        }
    }

    /// <summary>Hands a record over without waiting for its acknowledgement; waits only while memory is full. <see cref="FlushAsync"/> says what became of it.</summary>
    /// <exception cref="KafkaException">It was not accepted.</exception>
    public ValueTask PostAsync(in ProducerRecord record, CancellationToken cancellation = default)
    {
        var appended = _accumulator.AppendAsync(record, _wake, cancellation);
        return appended.IsCompletedSuccessfully ? ValueTask.CompletedTask : Slow(appended);

        static async ValueTask Slow(ValueTask<(ProducerBatch, int)> appending) => await appending;
    }

    /// <summary>Writes a batch made by the caller, as one batch; the result is its first record's. The producer disposes the builder.</summary>
    /// <param name="topic">The topic.</param>
    /// <param name="partition">The partition.</param>
    /// <param name="builder">1 to 65,535 records; its producer fields are set here.</param>
    /// <param name="cancellation">Gives up while the batch waits to be accepted.</param>
    /// <exception cref="KafkaException">It was refused, or not acknowledged in time.</exception>
    public async ValueTask<RecordMetadata> SendBatchAsync(string topic, int partition, RecordBatchBuilder builder, CancellationToken cancellation = default)
    {
        var batch = await _accumulator.AddAsync(new TopicPartition(topic, partition), builder, cancellation);
        _wake();
        return await batch.Delivery(0);
    }

    /// <summary>Sends what is gathered without lingering, and waits until everything handed over before is settled.</summary>
    /// <exception cref="KafkaException">The first loss since the last flush.</exception>
    public async ValueTask FlushAsync(CancellationToken cancellation = default)
    {
        await _accumulator.AcceptedAsync().WaitAsync(cancellation);
        var unsettled = _accumulator.CloseBatches();
        _wake();
        foreach (var batch in unsettled) await batch.Done.WaitAsync(cancellation);
        if (_accumulator.TakeLoss() is { } failure) throw new KafkaException(failure.Error, failure.Message, failure);
    }

    /// <summary>Flushes for at most <paramref name="within"/>, gives up what is not settled then, and ends. Losses are told by the sends.</summary>
    public async ValueTask CloseAsync(TimeSpan within)
    {
        if (Interlocked.Exchange(ref _closing, 1) != 0) return;
        if (within > TimeSpan.Zero) await Task.WhenAny(_accumulator.AcceptedAsync(), Task.Delay(within, _cluster.Time));
        var unsettled = _accumulator.CloseBatches();
        _wake();
        if (within > TimeSpan.Zero) await Task.WhenAny(Task.WhenAll(unsettled.Select(b => b.Done)), Task.Delay(within, _cluster.Time));
        var closed = new KafkaException(ErrorCode.NetworkException, "this producer is closed");
        _accumulator.LoseWaiting(closed, closing: true);
        await _stop.CancelAsync();
        await _loop;
        // Answers still awaited fail with their connections, and are not repeated.
        await _connections.DisposeAsync();
        _signal.Dispose();
    }

    /// <summary>Closes within <see cref="ClusterOptions.RequestTimeout"/>.</summary>
    public ValueTask DisposeAsync() => CloseAsync(_cluster.Options.RequestTimeout);

    private async Task RunAsync()
    {
        for (var failures = 0; !_stop.IsCancellationRequested;)
        {
            try
            {
                if (_options.Idempotent && !_hasIdentity && _accumulator.HasWaiting) await TakeIdentityAsync();
                failures = 0;
                await _signal.WaitAsync(Step(), _stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (KafkaException error)
            {
                if (error.IsRetriable) Expire(_accumulator.Plan(canSend: false));
                else _accumulator.LoseWaiting(error, closing: false);
                var pause = _cluster.Backoff.Delay(failures++, Random.Shared.NextDouble());
                await Task.Delay(pause, _cluster.Time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
            }
            catch (Exception error)
            {
                var broken = new KafkaException(ErrorCode.UnknownServerError, $"this producer is broken ({error.Message})", error);
                _accumulator.LoseWaiting(broken, closing: true);
                return;
            }
        }
    }

    private async ValueTask TakeIdentityAsync()
    {
        var request = new InitProducerIdRequest { TransactionalId = null, TransactionTimeoutMs = int.MaxValue };
        var response = await _cluster.SendToAnyAsync(Apis.InitProducerId, request, _cluster.Options.RequestTimeout, _stop.Token);
        if ((ErrorCode)response.ErrorCode != ErrorCode.None) throw new KafkaException((ErrorCode)response.ErrorCode, "a producer id");
        _accumulator.Identity = new ProducerIdentity(response.ProducerId, response.ProducerEpoch);
        _hasIdentity = true;
    }

    /// <summary>Sends what may be sent, and says how long nothing will change by itself.</summary>
    private TimeSpan Step()
    {
        if (_options.Idempotent && !_hasIdentity) return Timeout.InfiniteTimeSpan;
        if (_options.MaySend is { } maySend && !maySend())
        {
            Expire(_accumulator.Plan(canSend: false));
            return _accumulator.HasWaiting ? MaySendInterval : Timeout.InfiniteTimeSpan;
        }
        var plan = _accumulator.Plan(canSend: true);
        Expire(plan);
        foreach (var (broker, batches) in plan.Requests)
        {
            var handedOver = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _ = SendAsync(broker, batches, _handedOver.GetValueOrDefault(broker.Id, Task.CompletedTask), handedOver);
            _handedOver[broker.Id] = handedOver.Task;
        }
        if (plan.Leaderless.Count > 0 && Interlocked.Exchange(ref _refreshing, 1) == 0) _ = FindLeadersAsync(plan.Leaderless);
        if (plan.NeedsProducerId)
        {
            _hasIdentity = false;
            _wake();
        }
        if (plan.NotBefore == long.MaxValue) return Timeout.InfiniteTimeSpan;
        var wait = _cluster.Time.GetElapsedTime(_cluster.Time.GetTimestamp(), plan.NotBefore);
        return wait > TimeSpan.Zero ? wait : TimeSpan.Zero;
    }

    private void Expire(SendPlan plan)
    {
        foreach (var batch in plan.Expired) _accumulator.Lose(batch);
    }

    private async Task SendAsync(BrokerInfo broker, List<ProducerBatch> batches, Task before, TaskCompletionSource handedOver)
    {
        try
        {
            await ProduceAsync(broker, batches, before, handedOver);
        }
        catch (Exception error)
        {
            var told = error as KafkaException ?? new KafkaException(
                error is ObjectDisposedException or OperationCanceledException ? ErrorCode.NetworkException : ErrorCode.UnknownServerError,
                $"produce to broker {broker}", error);
            foreach (var batch in batches.Where(b => !b.Done.IsCompleted)) Settle(batch, told);
        }
        finally
        {
            handedOver.TrySetResult();
        }
        _accumulator.RequestEnded(broker);
        _wake();
    }

    private async ValueTask ProduceAsync(BrokerInfo broker, List<ProducerBatch> batches, Task before, TaskCompletionSource handedOver)
    {
        var request = new ProduceRequest { Acks = _options.Acks, TimeoutMs = (int)_cluster.Options.RequestTimeout.TotalMilliseconds };
        foreach (var topic in batches.GroupBy(b => b.Partition.Topic))
        {
            request.TopicData.Add(new ProduceRequest.TopicProduceData
            {
                Name = topic.Key,
                PartitionData = [.. topic.Select(b => new ProduceRequest.PartitionProduceData { Index = b.Partition.Partition, Records = RecordSet.Of(b.Encode()) })],
            });
        }
        var connection = await _connections.ToAsync(new BrokerAddress(broker.Host, broker.Port), _stop.Token);
        await before;
        // It may have taken long to open the connection.
        if (_options.MaySend is { } maySend && !maySend()) throw new KafkaException(ErrorCode.RequestTimedOut, $"produce to broker {broker}: it may not send any more");
        if (_options.Acks == 0)
        {
            var writing = connection.SendOneWayAsync(Apis.Produce, request, _cluster.Options.RequestTimeout, _stop.Token);
            handedOver.SetResult();
            await writing;
            foreach (var batch in batches) _accumulator.Succeed(batch, -1, -1);
            return;
        }
        var answering = connection.SendAsync(Apis.Produce, request, _cluster.Options.RequestTimeout, _stop.Token);
        handedOver.SetResult();
        var response = await answering;
        var answers = response.Responses
            .SelectMany(t => t.PartitionResponses.Select(p => KeyValuePair.Create(new TopicPartition(t.Name, p.Index), p)))
            .ToDictionary();
        foreach (var batch in batches)
        {
            if (!answers.TryGetValue(batch.Partition, out var answer))
                Settle(batch, new KafkaException(ErrorCode.UnknownServerError, $"broker {broker} said nothing of partition {batch.Partition}"));
            else if ((ErrorCode)answer.ErrorCode == ErrorCode.None)
                _accumulator.Succeed(batch, answer.BaseOffset, answer.LogAppendTimeMs);
            else
                Settle(batch, new KafkaException((ErrorCode)answer.ErrorCode, Refused(batch, answer)));
        }
    }

    private static string Refused(ProducerBatch batch, ProduceResponse.PartitionProduceResponse answer) =>
        $"{batch.Builder.Count} records for partition {batch.Partition}{(answer.ErrorMessage is { } why ? $" ({why})" : "")}";

    private void Settle(ProducerBatch batch, KafkaException error)
    {
        if (error.Error.RefreshesMetadata()) _cluster.Invalidate();
        _accumulator.Fail(batch, error);
    }

    /// <summary>One try; while a leader is missing the next step makes another.</summary>
    private async Task FindLeadersAsync(List<TopicPartition> leaderless)
    {
        try
        {
            var metadata = await _cluster.RefreshAsync(_stop.Token);
            foreach (var partition in leaderless)
            {
                if (metadata.Topics.GetValueOrDefault(partition.Topic) is not { } topic || topic.Error == ErrorCode.None || topic.Error.IsRetriable()) continue;
                var refused = new KafkaException(topic.Error, $"topic {partition.Topic}");
                _accumulator.LoseWaiting(partition, refused);
            }
            _leaderlessTries = leaderless.Exists(p => !_cluster.TryLeader(p, out _)) ? _leaderlessTries + 1 : 0;
        }
        catch (KafkaException)
        {
            // No broker answers. The batches stay where they are until they expire.
            _leaderlessTries++;
        }
        catch (OperationCanceledException)
        {
            return;
        }
        if (_leaderlessTries > 0)
        {
            var pause = _cluster.Backoff.Delay(_leaderlessTries - 1, Random.Shared.NextDouble());
            await Task.Delay(pause, _cluster.Time, _stop.Token).ContinueWith(static _ => { }, TaskScheduler.Default);
        }
        Volatile.Write(ref _refreshing, 0);
        _wake();
    }
}
