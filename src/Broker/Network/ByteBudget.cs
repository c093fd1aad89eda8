namespace Actors.Broker.Network;

/// <summary>Bounds the bytes of requests being worked on. Who finds it spent waits, in order, until enough came back.</summary>
internal sealed class ByteBudget(long limit)
{
    private readonly object _gate = new();
    private readonly LinkedList<(long Bytes, TaskCompletionSource Granted)> _waiting = new();
    private long _used;

    public long Used => Interlocked.Read(ref _used);

    /// <summary>Takes the bytes, waiting if the budget is spent. A request larger than the whole budget is let in alone.</summary>
    public ValueTask AcquireAsync(long bytes, CancellationToken cancellation)
    {
        LinkedListNode<(long, TaskCompletionSource)> node;
        lock (_gate)
        {
            if (_waiting.Count == 0 && Fits(bytes))
            {
                _used += bytes;
                return ValueTask.CompletedTask;
            }
            node = _waiting.AddLast((bytes, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)));
        }
        return new ValueTask(WaitAsync(node, cancellation));
    }

    public void Release(long bytes)
    {
        lock (_gate)
        {
            _used -= bytes;
            while (_waiting.First is { } first && Fits(first.Value.Bytes))
            {
                _waiting.RemoveFirst();
                _used += first.Value.Bytes;
                first.Value.Granted.SetResult();
            }
        }
    }

    private bool Fits(long bytes) => _used == 0 || _used + bytes <= limit;

    private async Task WaitAsync(LinkedListNode<(long Bytes, TaskCompletionSource Granted)> node, CancellationToken cancellation)
    {
        await using var registration = cancellation.Register(() =>
        {
            lock (_gate)
            {
                if (node.List is null)
                    return;
                _waiting.Remove(node);
            }
            node.Value.Granted.SetCanceled(cancellation);
        });
        await node.Value.Granted.Task;
    }
}
