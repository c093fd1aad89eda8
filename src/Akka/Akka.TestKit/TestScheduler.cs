using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.TestKit;

/// <summary>
/// A scheduler whose clock moves only when told to. Advancing stops at every timer on the way, in the order of their times
/// and, at one time, of their scheduling; the clock shows a timer's own time while it fires.
/// </summary>
public class TestScheduler : IScheduler, IAdvancedScheduler
{
    private static readonly DateTimeOffset Start = new(2020, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly object _gate = new();
    private readonly PriorityQueue<Entry, (DateTimeOffset Due, long Order)> _entries = new();
    private DateTimeOffset _now = Start;
    private long _order;

    public TestScheduler(Config schedulerConfig, ILoggingAdapter log)
    {
        _ = schedulerConfig;
        _ = log;
    }

    public DateTimeOffset Now => TimeNow;

    protected DateTimeOffset TimeNow
    {
        get { lock (_gate) return _now; }
    }

    public TimeSpan MonotonicClock => TimeNow - Start;

    public TimeSpan HighResMonotonicClock => MonotonicClock;

    public IAdvancedScheduler Advanced => this;

    public void Advance(TimeSpan offset) => AdvanceTo(TimeNow + offset);

    public void AdvanceTo(DateTimeOffset when)
    {
        if (when < TimeNow) throw new InvalidOperationException("You can not time travel!");
        using var _ = Internal.OnThisThread.Begin();
        while (true)
        {
            Entry due;
            lock (_gate)
            {
                if (!_entries.TryPeek(out due, out var at) || at.Due > when)
                {
                    _now = when;
                    return;
                }
                _entries.Dequeue();
                if (due.IsCanceled) continue;
                _now = at.Due;
            }
            due.Run();
            if (due.Interval is { } interval && !due.IsCanceled) Add(interval, due);
        }
    }

    private void Add(TimeSpan delay, Entry entry)
    {
        if (delay < TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(delay), $"Time must be >=0, was {delay}");
        if (entry.Interval <= TimeSpan.Zero) throw new ArgumentOutOfRangeException(nameof(entry), $"Time must be >0, was {entry.Interval}");
        lock (_gate) _entries.Enqueue(entry, (_now + delay, _order++));
    }

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender) => ScheduleTellOnce(delay, receiver, message, sender, null);

    public void ScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, new Entry(() => receiver.Tell(message, sender), cancelable, null));

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender) =>
        ScheduleTellRepeatedly(initialDelay, interval, receiver, message, sender, null);

    public void ScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, new Entry(() => receiver.Tell(message, sender), cancelable, interval));

    public void ScheduleOnce(TimeSpan delay, Action action) => ScheduleOnce(delay, action, null);

    public void ScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, new Entry(action, cancelable, null));

    public void ScheduleOnce(TimeSpan delay, IRunnable action) => ScheduleOnce(delay, action.Run, null);

    public void ScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => ScheduleOnce(delay, action.Run, cancelable);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) => ScheduleRepeatedly(initialDelay, interval, action, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) => Add(initialDelay, new Entry(action, cancelable, interval));

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action) => ScheduleRepeatedly(initialDelay, interval, action.Run, null);

    public void ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) => ScheduleRepeatedly(initialDelay, interval, action.Run, cancelable);

    private sealed class Entry(Action run, ICancelable cancelable, TimeSpan? interval)
    {
        internal TimeSpan? Interval => interval;

        internal bool IsCanceled => cancelable is { IsCancellationRequested: true };

        internal void Run() => run();
    }
}
