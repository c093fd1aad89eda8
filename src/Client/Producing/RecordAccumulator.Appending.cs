using Actors.Protocol;
using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>How records get in: at once, or in turn where metadata or memory is waited for.</summary>
internal sealed partial class RecordAccumulator
{
    private enum Append
    {
        Done,
        Behind,
        UnknownTopic,
        Full,
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
                    var batch = new ProducerBatch(partition, builder, cluster.Time.GetTimestamp()) { Closed = true, IsWhole = true, Reserved = builder.UncompressedSize };
                    _reserved += batch.Reserved;
                    Activate(topic[partition.Partition]).Add(batch);
                    return batch;
                }
            }
            await WaitAsync(partition.Topic, partition.Partition, freed, deadline, cancellation);
        }
    }

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
}
