using System.Diagnostics;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor;

/// <summary>
/// The default scheduler: one thread that sleeps until the next timer is due. The name is Akka.NET's; here it is a heap,
/// so that an idle system does not tick.
/// </summary>
public class HashedWheelTimerScheduler : SchedulerBase, IDateTimeOffsetNowTimeProvider, IDisposable
{
    private readonly object _gate = new();
    private readonly PriorityQueue<Entry, (long Due, long Order)> _entries = new();
    private readonly TimeSpan _shutdownTimeout;
    private Thread _thread;
    private long _order;
    private int _sweepAt = 1024;
    private bool _stopped;

    public HashedWheelTimerScheduler(Config scheduler, ILoggingAdapter log) : base(scheduler, log) =>
        _shutdownTimeout = scheduler.GetTimeSpan("akka.scheduler.shutdown-timeout", TimeSpan.FromSeconds(5));

    protected override DateTimeOffset TimeNow => DateTimeOffset.UtcNow;

    public override TimeSpan MonotonicClock => Stopwatch.GetElapsedTime(0);

    public override TimeSpan HighResMonotonicClock => Stopwatch.GetElapsedTime(0);

    private static long NowTicks => Stopwatch.GetElapsedTime(0).Ticks;

    private void Add(TimeSpan delay, Entry entry)
    {
        lock (_gate)
        {
            if (_stopped) throw new SchedulerException("cannot enqueue after timer shutdown");
            if (_thread is null)
            {
                _thread = new Thread(Work) { Name = "akka.scheduler", IsBackground = true };
                _thread.Start();
            }
            if (_entries.Count >= _sweepAt) Sweep();
            Enqueue(entry, NowTicks + delay.Ticks);
        }
    }

    private void Enqueue(Entry entry, long due)
    {
        entry.Due = due;
        _entries.Enqueue(entry, (due, _order++));
        if (ReferenceEquals(_entries.Peek(), entry)) Monitor.Pulse(_gate);
    }

    // Canceled timers would otherwise stay until they are due: thousands of long ones, where every request sets one.
    private void Sweep()
    {
        var live = _entries.UnorderedItems.Where(i => !i.Element.IsCanceled).ToArray();
        _entries.Clear();
        _entries.EnqueueRange(live);
        _sweepAt = Math.Max(1024, live.Length * 2);
    }

    private void Work()
    {
        var due = new List<Entry>();
        while (true)
        {
            lock (_gate)
            {
                while (true)
                {
                    if (_stopped) return;
                    var now = NowTicks;
                    while (_entries.TryPeek(out var first, out _) && first.Due <= now) due.Add(_entries.Dequeue());
                    if (due.Count > 0) break;
                    if (_entries.TryPeek(out var next, out _)) Monitor.Wait(_gate, TimeSpan.FromMilliseconds(Math.Min(int.MaxValue, Math.Ceiling((next.Due - now) / (double)TimeSpan.TicksPerMillisecond))));
                    else Monitor.Wait(_gate);
                }
            }
            foreach (var entry in due) Fire(entry);
            due.Clear();
        }
    }

    private void Fire(Entry entry)
    {
        if (entry.IsCanceled) return;
        try
        {
            entry.Run();
        }
        catch (Exception e)
        {
            Log?.Log(LogLevel.ErrorLevel, e, "Error while executing scheduled task");
            // Akka.NET's wheel drops a repeated action that throws.
            return;
        }
        if (entry.Interval <= 0 || entry.IsCanceled) return;
        lock (_gate)
        {
            if (!_stopped) Enqueue(entry, Math.Max(entry.Due + entry.Interval, NowTicks - entry.Interval));
        }
    }

    protected override void InternalScheduleTellOnce(TimeSpan delay, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(delay, new TellEntry(receiver, message, sender, cancelable));

    protected override void InternalScheduleTellRepeatedly(TimeSpan initialDelay, TimeSpan interval, ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) =>
        Add(initialDelay, new TellEntry(receiver, message, sender, cancelable) { Interval = interval.Ticks });

    protected override void InternalScheduleOnce(TimeSpan delay, Action action, ICancelable cancelable) => Add(delay, new ActionEntry(action, cancelable));

    protected override void InternalScheduleOnce(TimeSpan delay, IRunnable action, ICancelable cancelable) => Add(delay, new ActionEntry(action.Run, cancelable));

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action, ICancelable cancelable) =>
        Add(initialDelay, new ActionEntry(action, cancelable) { Interval = interval.Ticks });

    protected override void InternalScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, IRunnable action, ICancelable cancelable) =>
        Add(initialDelay, new ActionEntry(action.Run, cancelable) { Interval = interval.Ticks });

    public void Dispose()
    {
        Thread thread;
        lock (_gate)
        {
            _stopped = true;
            _entries.Clear();
            thread = _thread;
            Monitor.PulseAll(_gate);
        }
        if (thread is not null && thread != Thread.CurrentThread) thread.Join(_shutdownTimeout);
        GC.SuppressFinalize(this);
    }

    private abstract class Entry(ICancelable cancelable)
    {
        internal long Due;

        internal long Interval { get; init; }

        internal bool IsCanceled => cancelable is { IsCancellationRequested: true };

        internal abstract void Run();
    }

    private sealed class TellEntry(ICanTell receiver, object message, IActorRef sender, ICancelable cancelable) : Entry(cancelable)
    {
        internal override void Run() => receiver.Tell(message, sender);
    }

    private sealed class ActionEntry(Action action, ICancelable cancelable) : Entry(cancelable)
    {
        internal override void Run() => action();
    }
}
