using Akka.Actor;

namespace Akka.Pattern;

/// <summary>A call was refused because too many before it failed.</summary>
public class OpenCircuitException : AkkaException
{
    public OpenCircuitException() : base("Circuit Breaker is open; calls are failing fast") { }

    public OpenCircuitException(string message) : base(message) { }

    public OpenCircuitException(string message, TimeSpan remainingDuration) : base(message) => RemainingDuration = remainingDuration;

    public OpenCircuitException(string message, Exception cause) : base(message, cause) { }

    public OpenCircuitException(string message, Exception cause, TimeSpan remainingDuration) : base(message, cause) => RemainingDuration = remainingDuration;

    /// <summary>How long calls go on being refused.</summary>
    public TimeSpan RemainingDuration { get; }
}

/// <summary>The failure that <see cref="CircuitBreaker.Fail"/> stands for.</summary>
public class UserCalledFailException() : AkkaException("User code caused CircuitBreaker to fail because it calls the CircuitBreaker.Fail() method.");

/// <summary>
/// Lets calls through while it is closed; after a number of failures in a row it is open and refuses them; after a time it is
/// half open and lets one through, which closes or opens it. A call that takes longer than the call time-out has failed.
/// </summary>
public class CircuitBreaker
{
    private enum State
    {
        Closed,
        HalfOpen,
        Open,
    }

    private readonly object _gate = new();
    private Action _onOpen;
    private Action _onHalfOpen;
    private Action _onClose;
    private State _state;
    private bool _probing;
    private int _failures;
    private TimeSpan _pause;
    private TimeSpan _openedAt;
    // Tells a time-out of an earlier opening from the current one's.
    private long _generation;

    public CircuitBreaker(IScheduler scheduler, int maxFailures, TimeSpan callTimeout, TimeSpan resetTimeout)
        : this(scheduler, maxFailures, callTimeout, resetTimeout, TimeSpan.FromDays(36500), 1.0, 0.0) { }

    public CircuitBreaker(IScheduler scheduler, int maxFailures, TimeSpan callTimeout, TimeSpan resetTimeout, TimeSpan maxResetTimeout, double exponentialBackoffFactor)
        : this(scheduler, maxFailures, callTimeout, resetTimeout, maxResetTimeout, exponentialBackoffFactor, 0.0) { }

    public CircuitBreaker(IScheduler scheduler, int maxFailures, TimeSpan callTimeout, TimeSpan resetTimeout, TimeSpan maxResetTimeout, double exponentialBackoffFactor, double randomFactor)
    {
        if (exponentialBackoffFactor < 1.0) throw new ArgumentException("factor must be >= 1.0", nameof(exponentialBackoffFactor));
        if (randomFactor is < 0.0 or > 1.0) throw new ArgumentException("randomFactor must be between 0.0 and 1.0", nameof(randomFactor));
        Scheduler = scheduler;
        MaxFailures = maxFailures;
        CallTimeout = callTimeout;
        ResetTimeout = resetTimeout;
        MaxResetTimeout = maxResetTimeout;
        ExponentialBackoffFactor = exponentialBackoffFactor;
        RandomFactor = randomFactor;
        _pause = resetTimeout;
    }

    public static CircuitBreaker Create(IScheduler scheduler, int maxFailures, TimeSpan callTimeout, TimeSpan resetTimeout) => new(scheduler, maxFailures, callTimeout, resetTimeout);

    public IScheduler Scheduler { get; }

    public int MaxFailures { get; }

    public TimeSpan CallTimeout { get; }

    public TimeSpan ResetTimeout { get; }

    public TimeSpan MaxResetTimeout { get; }

    public double ExponentialBackoffFactor { get; }

    public double RandomFactor { get; }

    public long CurrentFailureCount => Read(() => _failures);

    public bool IsClosed => Read(() => _state == State.Closed);

    public bool IsOpen => Read(() => _state == State.Open);

    public bool IsHalfOpen => Read(() => _state == State.HalfOpen);

    public Exception LastCaughtException { get; private set; }

    private T Read<T>(Func<T> read)
    {
        lock (_gate) return read();
    }

    public CircuitBreaker WithExponentialBackoff(TimeSpan maxResetTimeout) => new(Scheduler, MaxFailures, CallTimeout, ResetTimeout, maxResetTimeout, 2.0, RandomFactor);

    public CircuitBreaker WithRandomFactor(double randomFactor) => new(Scheduler, MaxFailures, CallTimeout, ResetTimeout, MaxResetTimeout, ExponentialBackoffFactor, randomFactor);

    public CircuitBreaker OnOpen(Action callback)
    {
        lock (_gate) _onOpen += callback;
        return this;
    }

    public CircuitBreaker OnHalfOpen(Action callback)
    {
        lock (_gate) _onHalfOpen += callback;
        return this;
    }

    public CircuitBreaker OnClose(Action callback)
    {
        lock (_gate) _onClose += callback;
        return this;
    }

    public Task<T> WithCircuitBreaker<T>(Func<Task<T>> body) => Call(body);

    public Task<T> WithCircuitBreaker<T, TState>(TState state, Func<TState, Task<T>> body) => Call(() => body(state));

    public Task WithCircuitBreaker(Func<Task> body) => Call(async () =>
    {
        await body().ConfigureAwait(false);
        return true;
    });

    public Task WithCircuitBreaker<TState>(TState state, Func<TState, Task> body) => WithCircuitBreaker(() => body(state));

    public void WithSyncCircuitBreaker(Action body) => WithSyncCircuitBreaker(() =>
    {
        body();
        return true;
    });

    /// <summary>Runs the body on this thread; it cannot be interrupted, but counts as failed if it took too long.</summary>
    public T WithSyncCircuitBreaker<T>(Func<T> body)
    {
        Enter();
        var start = Scheduler.MonotonicClock;
        try
        {
            var result = body();
            if (Scheduler.MonotonicClock - start > CallTimeout) Failed(new TimeoutException($"Execution did not complete within the time allotted {CallTimeout}"));
            else Succeed();
            return result;
        }
        catch (Exception e)
        {
            Failed(e);
            throw;
        }
    }

    private async Task<T> Call<T>(Func<Task<T>> body)
    {
        Enter();
        using var timer = new Cancelable(Scheduler.Advanced);
        try
        {
            var call = body();
            if (!call.IsCompleted)
            {
                // No asynchronous continuation: under a virtual clock everything stays on its thread.
                var expired = new TaskCompletionSource<T>();
                Scheduler.Advanced.ScheduleOnce(CallTimeout, () => expired.TrySetException(new TimeoutException($"Execution did not complete within the time allotted {CallTimeout}")), timer);
                call = await Task.WhenAny(call, expired.Task).ConfigureAwait(false);
            }
            var result = await call.ConfigureAwait(false);
            Succeed();
            return result;
        }
        catch (Exception e)
        {
            Failed(e);
            throw;
        }
        finally
        {
            timer.Cancel();
        }
    }

    private void Enter()
    {
        lock (_gate)
        {
            switch (_state)
            {
                case State.Open:
                    var left = _openedAt + _pause - Scheduler.MonotonicClock;
                    throw new OpenCircuitException("Circuit Breaker is open; calls are failing fast", LastCaughtException, left < TimeSpan.Zero ? TimeSpan.Zero : left);
                case State.HalfOpen when _probing:
                    throw new OpenCircuitException("Circuit breaker is half open, only one call is allowed; this call is failing fast.", LastCaughtException, TimeSpan.Zero);
                case State.HalfOpen: _probing = true; break;
            }
        }
    }

    /// <summary>Counts as a call that succeeded.</summary>
    public void Succeed()
    {
        Action tell = null;
        lock (_gate)
        {
            switch (_state)
            {
                case State.Closed: _failures = 0; break;
                case State.HalfOpen:
                    _state = State.Closed;
                    _failures = 0;
                    _pause = ResetTimeout;
                    LastCaughtException = null;
                    tell = _onClose;
                    break;
            }
        }
        tell?.Invoke();
    }

    /// <summary>Counts as a call that failed.</summary>
    public void Fail() => Failed(new UserCalledFailException());

    private void Failed(Exception cause)
    {
        Action tell = null;
        lock (_gate)
        {
            if (_state == State.Open) return;
            LastCaughtException = cause;
            if (_state == State.Closed && ++_failures < MaxFailures) return;
            _state = State.Open;
            _openedAt = Scheduler.MonotonicClock;
            var generation = ++_generation;
            var pause = _pause * (1.0 + Random.Shared.NextDouble() * RandomFactor);
            Scheduler.Advanced.ScheduleOnce(pause, () => TryReset(generation));
            tell = _onOpen;
        }
        tell?.Invoke();
    }

    private void TryReset(long generation)
    {
        Action tell;
        lock (_gate)
        {
            if (_state != State.Open || generation != _generation) return;
            _state = State.HalfOpen;
            _probing = false;
            // The next pause, should the probing call fail.
            var next = _pause * ExponentialBackoffFactor;
            _pause = next < MaxResetTimeout ? next : MaxResetTimeout;
            tell = _onHalfOpen;
        }
        tell?.Invoke();
    }
}
