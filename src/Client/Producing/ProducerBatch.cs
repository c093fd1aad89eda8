using System.Threading.Tasks.Sources;
using Actors.Protocol.Records;

namespace Actors.Client;

/// <summary>
/// Records of one partition that are written together. Each record's outcome is awaited through the batch itself, the record's number
/// in it as token, so that a record needs no object of its own.
/// </summary>
internal sealed class ProducerBatch(TopicPartition partition, RecordBatchBuilder builder, long createdAt) : IValueTaskSource<RecordMetadata>
{
    /// <summary>A token is 16 bits wide.</summary>
    public const int MaxRecords = ushort.MaxValue;

    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lock _gate = new();
    private List<Continuation>? _continuations;
    private ProducerBatch? _first;
    private ProducerBatch? _second;
    private int _secondFrom;
    private ProducerBatch? _halfOf;
    private int _halvesLeft;
    private bool _completed;
    private long _baseOffset = -1;
    private long _appendTime = -1;

    public TopicPartition Partition { get; } = partition;

    public RecordBatchBuilder Builder { get; } = builder;

    /// <summary>A timestamp of the clock: when the first record came.</summary>
    public long CreatedAt { get; } = createdAt;

    /// <summary>Bytes of the buffer memory that the batch holds.</summary>
    public long Reserved { get; set; }

    /// <summary>No more records are added.</summary>
    public bool Closed { get; set; }

    /// <summary>The batch's place in its partition, given when it is first taken to be sent; -1 before. Between two are as many as a batch may have records.</summary>
    public long Order { get; set; } = -1;

    public ProducerIdentity Identity { get; set; } = ProducerIdentity.None;

    /// <summary>The first record's sequence number under <see cref="Identity"/>; -1 for none.</summary>
    public int Sequence { get; set; } = -1;

    public int Attempts { get; set; }

    /// <summary>A timestamp of the clock before which it is not sent again.</summary>
    public long NotBefore { get; set; }

    /// <summary>The bytes as sent, kept for a retry under the same identity.</summary>
    public byte[]? Encoded { get; set; }

    /// <summary>Ends with the batch, whatever became of it; never faults.</summary>
    public Task Done => _done.Task;

    /// <summary>Why it is lost; set before it fails.</summary>
    public KafkaException? Error { get; set; }

    /// <summary>The caller made it, to be written as one.</summary>
    public bool IsWhole { get; init; }

    public bool CanSplit => !IsWhole && Builder.Count > 1;

    /// <summary>Two batches to be sent in its place, under the same sequence numbers; it ends when both have.</summary>
    public (ProducerBatch First, ProducerBatch Second) Split()
    {
        _secondFrom = Builder.Count / 2;
        var (first, second) = (Half(0, Reserved / 2), Half(_secondFrom, Reserved - Reserved / 2));
        using (var reader = new RecordBatchReader(Encode()))
        {
            foreach (var record in reader) (record.Offset < _secondFrom ? first : second).Builder.Append(record.Timestamp, record.Key, record.Value, record.Headers.ToArray());
        }
        (_first, _second, _halvesLeft, Reserved, Encoded) = (first, second, 2, 0, null);
        return (first, second);
    }

    private ProducerBatch Half(int from, long reserved) => new(Partition, new RecordBatchBuilder(Builder.Compression, Builder.Level), CreatedAt)
    {
        _halfOf = this,
        Closed = true,
        Reserved = reserved,
        Order = Order + from,
        Identity = Identity,
        Sequence = Sequence < 0 ? -1 : (int)(((long)Sequence + from) & int.MaxValue),
        Attempts = Attempts,
    };

    public ValueTask<RecordMetadata> Delivery(int index) => new(this, (short)index);

    public byte[] Encode()
    {
        if (Encoded is not null) return Encoded;
        (Builder.ProducerId, Builder.ProducerEpoch, Builder.BaseSequence) = (Identity.Id, Identity.Epoch, Sequence);
        return Encoded = Builder.Build();
    }

    /// <summary>Ends it with <see cref="Error"/>.</summary>
    public void Fail() => Complete(-1, -1);

    public RecordMetadata GetResult(short token)
    {
        var (batch, index) = Carrier((ushort)token);
        if (batch.Error is { } error) throw new KafkaException(error.Error, error.Message, error);
        return new RecordMetadata(Partition, batch._baseOffset < 0 ? -1 : batch._baseOffset + index, batch._appendTime);
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        lock (_gate)
        {
            if (!_completed) return ValueTaskSourceStatus.Pending;
        }
        return Carrier((ushort)token).Batch.Error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
    }

    public void OnCompleted(Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags)
    {
        var next = new Continuation(
            continuation, state,
            (flags & ValueTaskSourceOnCompletedFlags.UseSchedulingContext) != 0 ? SynchronizationContext.Current : null,
            (flags & ValueTaskSourceOnCompletedFlags.FlowExecutionContext) != 0 ? ExecutionContext.Capture() : null);
        lock (_gate)
        {
            if (!_completed)
            {
                (_continuations ??= []).Add(next);
                return;
            }
        }
        next.Schedule();
    }

    public void Complete(long baseOffset, long appendTime)
    {
        List<Continuation>? continuations;
        lock (_gate)
        {
            if (_completed) throw new InvalidOperationException($"a batch of partition {Partition} was completed twice");
            (_completed, _baseOffset, _appendTime) = (true, baseOffset, appendTime);
            continuations = _continuations;
        }
        Builder.Dispose();
        Encoded = null;
        if (continuations is not null)
            foreach (var continuation in continuations) continuation.Schedule();
        _done.SetResult();
        if (_halfOf is { } whole && Interlocked.Decrement(ref whole._halvesLeft) == 0) whole.Complete(-1, -1);
    }

    /// <summary>The batch in which a record of this one was sent at last, and its index there.</summary>
    private (ProducerBatch Batch, int Index) Carrier(int index) =>
        _first is null ? (this, index) : index < _secondFrom ? _first.Carrier(index) : _second!.Carrier(index - _secondFrom);

    private sealed record Continuation(Action<object?> Action, object? State, SynchronizationContext? Scheduling, ExecutionContext? Execution)
    {
        /// <summary>Never runs on the caller's stack: the caller is the sender, and may hold a lock.</summary>
        public void Schedule()
        {
            if (Scheduling is not null) Scheduling.Post(static self => ((Continuation)self!).Run(), this);
            else ThreadPool.UnsafeQueueUserWorkItem(static self => self.Run(), this, preferLocal: false);
        }

        private void Run()
        {
            if (Execution is null) Action(State);
            else ExecutionContext.Run(Execution, static self => ((Continuation)self!).Action(((Continuation)self).State), this);
        }
    }
}
