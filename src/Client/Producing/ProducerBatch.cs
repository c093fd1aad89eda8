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

    /// <summary>The batch's place in its partition, given when it is first taken to be sent; -1 before.</summary>
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
        if (Error is { } error) throw new KafkaException(error.Error, error.Message, error);
        return new RecordMetadata(Partition, _baseOffset < 0 ? -1 : _baseOffset + (ushort)token, _appendTime);
    }

    public ValueTaskSourceStatus GetStatus(short token)
    {
        lock (_gate) return !_completed ? ValueTaskSourceStatus.Pending : Error is null ? ValueTaskSourceStatus.Succeeded : ValueTaskSourceStatus.Faulted;
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
    }

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
