namespace Akka.TestKit;

public abstract partial class TestKitBase
{
    private static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(10);

    private async ValueTask<bool> Until(Func<Task<bool>> condition, TimeSpan max, TimeSpan? interval, bool blocking, CancellationToken token)
    {
        var stop = Now + max;
        while (true)
        {
            token.ThrowIfCancellationRequested();
            if (await condition().ConfigureAwait(false)) return true;
            var left = stop - Now;
            if (left <= TimeSpan.Zero) return false;
            var pause = interval ?? Poll;
            if (left < pause) pause = left;
            if (blocking) token.WaitHandle.WaitOne(pause);
            else await Task.Delay(pause, token).ConfigureAwait(false);
        }
    }

    private async ValueTask<bool> AwaitTrue(Func<Task<bool>> condition, TimeSpan? max, TimeSpan? interval, string message, bool blocking, CancellationToken token)
    {
        var limit = RemainingOrDilated(max);
        if (!await Until(condition, limit, interval, blocking, token).ConfigureAwait(false)) Fail($"Timeout {limit} expired while waiting for condition.{(message is null ? "" : " " + message)}");
        return true;
    }

    private static Func<Task<bool>> Wrapped(Func<bool> condition) => () => Task.FromResult(condition());

    /// <summary>Polls until the condition holds.</summary>
    public void AwaitCondition(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) => Done(AwaitTrue(Wrapped(conditionIsFulfilled), null, null, null, true, cancellationToken));

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        Done(AwaitTrue(Wrapped(conditionIsFulfilled), max, null, null, true, cancellationToken));

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, string message, CancellationToken cancellationToken = default) =>
        Done(AwaitTrue(Wrapped(conditionIsFulfilled), max, null, message, true, cancellationToken));

    public void AwaitCondition(Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string message = null, CancellationToken cancellationToken = default) =>
        Done(AwaitTrue(Wrapped(conditionIsFulfilled), max, interval, message, true, cancellationToken));

    public async Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        await AwaitTrue(Wrapped(conditionIsFulfilled), null, null, null, false, cancellationToken).ConfigureAwait(false);

    public async Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, CancellationToken cancellationToken = default) =>
        await AwaitTrue(conditionIsFulfilled, null, null, null, false, cancellationToken).ConfigureAwait(false);

    public async Task AwaitConditionAsync(Func<Task<bool>> conditionIsFulfilled, TimeSpan? max, CancellationToken cancellationToken = default) =>
        await AwaitTrue(conditionIsFulfilled, max, null, null, false, cancellationToken).ConfigureAwait(false);

    public async Task AwaitConditionAsync(Func<bool> conditionIsFulfilled, TimeSpan? max, TimeSpan? interval, string message = null, CancellationToken cancellationToken = default) =>
        await AwaitTrue(Wrapped(conditionIsFulfilled), max, interval, message, false, cancellationToken).ConfigureAwait(false);

    public bool AwaitConditionNoThrow(Func<bool> conditionIsFulfilled, TimeSpan max, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        Done(Until(Wrapped(conditionIsFulfilled), Dilated(max), interval, true, cancellationToken));

    /// <summary>Polls until the assertion passes; after the time its last failure is thrown.</summary>
    public void AwaitAssert(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        Done(Passes(() => { assertion(); return Task.CompletedTask; }, duration, interval, true, cancellationToken));

    public async Task AwaitAssertAsync(Action assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        await Passes(() => { assertion(); return Task.CompletedTask; }, duration, interval, false, cancellationToken).ConfigureAwait(false);

    public async Task AwaitAssertAsync(Func<Task> assertion, TimeSpan? duration = null, TimeSpan? interval = null, CancellationToken cancellationToken = default) =>
        await Passes(assertion, duration, interval, false, cancellationToken).ConfigureAwait(false);

    private async ValueTask<bool> Passes(Func<Task> assertion, TimeSpan? duration, TimeSpan? interval, bool blocking, CancellationToken token)
    {
        Exception last = null;
        var passed = await Until(
            async () =>
            {
                try
                {
                    await assertion().ConfigureAwait(false);
                    return true;
                }
                catch (Exception e)
                {
                    last = e;
                    return false;
                }
            },
            RemainingOrDilated(duration),
            interval,
            blocking,
            token).ConfigureAwait(false);
        if (!passed) System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(last!);
        return true;
    }

    /// <summary>What runs in it must end in the time given; expectations in it wait no longer than that.</summary>
    public void Within(TimeSpan max, Action action, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, action, null, epsilonValue, cancellationToken);

    public void Within(TimeSpan min, TimeSpan max, Action action, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within<object>(min, max, () => { action(); return null; }, hint, epsilonValue, cancellationToken);

    public T Within<T>(TimeSpan max, Func<T> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Within(TimeSpan.Zero, max, function, null, epsilonValue, cancellationToken);

    public T Within<T>(TimeSpan min, TimeSpan max, Func<T> function, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Done(Inside(min, max, () => Task.FromResult(function()), hint, epsilonValue));

    public Task WithinAsync(TimeSpan max, Func<Task> actionAsync, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        WithinAsync(TimeSpan.Zero, max, actionAsync, null, epsilonValue, cancellationToken);

    public Task WithinAsync(TimeSpan min, TimeSpan max, Func<Task> actionAsync, string hint = null, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Inside(min, max, async () => { await actionAsync().ConfigureAwait(false); return true; }, hint, epsilonValue).AsTask();

    public Task<T> WithinAsync<T>(TimeSpan max, Func<Task<T>> function, TimeSpan? epsilonValue = null, CancellationToken cancellationToken = default) =>
        Inside(TimeSpan.Zero, max, function, null, epsilonValue).AsTask();

    private async ValueTask<T> Inside<T>(TimeSpan min, TimeSpan max, Func<Task<T>> function, string hint, TimeSpan? epsilon)
    {
        var start = Now;
        var limit = Dilated(max);
        var left = RemainingOr(limit);
        if (left < min) Fail($"Required min time {min} not possible, only {left} left. {hint}");
        var before = _end;
        _end = start + (limit < left ? limit : left);
        T result;
        try { result = await function().ConfigureAwait(false); }
        finally { _end = before; }
        var elapsed = Now - start;
        if (elapsed < min - (epsilon ?? TimeSpan.Zero)) Fail($"Failed: Block took {elapsed}, should have at least been {min}. {hint}");
        // The clock ran out only if the last expectation did not notice; a message received in time is enough.
        if (elapsed > limit + (epsilon ?? TimeSpan.Zero) && ReferenceEquals(_last, NullMessageEnvelope.Instance)) Fail($"Failed: Block took {elapsed}, exceeding {limit}. {hint}");
        return result;
    }
}
