using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence.Journal;

/// <summary>Too many calls of a plugin failed; until its breaker has cooled down, calls fail at once.</summary>
internal sealed class OpenCircuitException() : Exception("Circuit Breaker is open; calls are failing fast");

/// <summary>
/// The circuit breaker of a journal or a snapshot store. One timer looks after all calls, at a quarter of the time-out, and it
/// is the scheduler's: simulations run under a virtual clock and on one thread.
/// </summary>
internal sealed class PluginBreaker
{
    private const int TicksATimeout = 4;

    private readonly object _gate = new();
    private readonly LinkedList<Call> _pending = new();
    private readonly IScheduler _scheduler;
    private readonly int _maxFailures;
    private readonly TimeSpan _callTimeout;
    private readonly TimeSpan _resetTimeout;
    private long _tick;
    private bool _ticking;
    private int _failures;
    private State _state;

    private PluginBreaker(IScheduler scheduler, int maxFailures, TimeSpan callTimeout, TimeSpan resetTimeout) =>
        (_scheduler, _maxFailures, _callTimeout, _resetTimeout) = (scheduler, maxFailures, callTimeout, resetTimeout);

    private enum State
    {
        Closed,
        Open,
        HalfOpen,
        Trying,
    }

    public static PluginBreaker Of(IActorContext context, Config config) =>
        new(
            context.System.Scheduler,
            config.GetInt("circuit-breaker.max-failures", 10),
            config.GetTimeSpan("circuit-breaker.call-timeout", TimeSpan.FromSeconds(10)),
            config.GetTimeSpan("circuit-breaker.reset-timeout", TimeSpan.FromSeconds(30)));

    /// <summary>Runs the body; its outcome is passed on by the thread that ends it. A late outcome is ignored.</summary>
    public Task<T> Run<TState, T>(TState state, Func<TState, Task<T>> body)
    {
        lock (_gate)
        {
            if (_state is State.Open or State.Trying) return Task.FromException<T>(new OpenCircuitException());
            if (_state == State.HalfOpen) _state = State.Trying;
        }
        Task<T> task;
        try
        {
            task = body(state);
        }
        catch (Exception e)
        {
            task = Task.FromException<T>(e);
        }
        if (task.IsCompleted)
        {
            Ended(task.IsCompletedSuccessfully);
            return task;
        }
        var call = new Call<T>();
        Watch(call);
        task.Then((breaker: this, call), static (done, s) =>
        {
            if (!s.breaker.Unwatch(s.call)) return;
            s.breaker.Ended(done.IsCompletedSuccessfully);
            s.call.Pass(done);
        });
        return call.Task;
    }

    public Task Run<TState>(TState state, Func<TState, Task> body) =>
        Run((state, body), static s => AsResult(s.body(s.state)));

    private static Task<bool> AsResult(Task task)
    {
        var result = new TaskCompletionSource<bool>();
        task.Then(result, static (done, r) =>
        {
            if (done.IsCompletedSuccessfully) r.SetResult(true);
            else r.SetException(done.Exception?.InnerExceptions ?? [new TaskCanceledException(done)]);
        });
        return result.Task;
    }

    private void Watch(Call call)
    {
        lock (_gate)
        {
            call.Deadline = _tick + TicksATimeout + 1;
            call.Node = _pending.AddLast(call);
            if (_ticking) return;
            _ticking = true;
        }
        ScheduleTick();
    }

    private bool Unwatch(Call call)
    {
        lock (_gate)
        {
            if (call.Node is null) return false;
            _pending.Remove(call.Node);
            call.Node = null;
            return true;
        }
    }

    private void ScheduleTick() => _scheduler.Advanced.ScheduleOnce(_callTimeout / TicksATimeout, Tick);

    private void Tick()
    {
        List<Call> overdue = [];
        bool more;
        lock (_gate)
        {
            _tick++;
            while (_pending.First is { } first && first.Value.Deadline <= _tick)
            {
                overdue.Add(first.Value);
                first.Value.Node = null;
                _pending.RemoveFirst();
            }
            more = _ticking = _pending.Count > 0;
        }
        if (more) ScheduleTick();
        foreach (var call in overdue)
        {
            Ended(success: false);
            call.TimeOut(_callTimeout);
        }
    }

    private void Ended(bool success)
    {
        lock (_gate)
        {
            if (success)
            {
                _failures = 0;
                if (_state == State.Trying) _state = State.Closed;
                return;
            }
            _failures++;
            if (_state != State.Trying && (_state != State.Closed || _failures < _maxFailures)) return;
            _state = State.Open;
        }
        _scheduler.Advanced.ScheduleOnce(_resetTimeout, () =>
        {
            lock (_gate) _state = State.HalfOpen;
        });
    }

    private abstract class Call
    {
        public long Deadline { get; set; }

        public LinkedListNode<Call>? Node { get; set; }

        public abstract void TimeOut(TimeSpan after);
    }

    private sealed class Call<T> : Call
    {
        private readonly TaskCompletionSource<T> _outcome = new();

        public Task<T> Task => _outcome.Task;

        public void Pass(Task<T> done)
        {
            if (done.IsCompletedSuccessfully) _outcome.TrySetResult(done.Result);
            else _outcome.TrySetException(done.Exception?.InnerExceptions ?? [new TaskCanceledException(done)]);
        }

        public override void TimeOut(TimeSpan after) => _outcome.TrySetException(new TimeoutException($"Execution did not complete within the time allotted {after.TotalMilliseconds} ms"));
    }
}

internal static class TaskContinuations
{
    /// <summary>Unlike an await it never moves to the pool, whatever context the completing thread has.</summary>
    public static void Then<TTask, TState>(this TTask task, TState state, Action<TTask, TState> next)
        where TTask : Task
    {
        if (task.IsCompleted) next(task, state);
        else task.ContinueWith((done, s) => next((TTask)done, (TState)s!), state, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
    }
}
