using Akka.Actor;

namespace Akka.Streams.Stage;

/// <summary>A logic with timers. A timer's key names it: scheduling it again replaces it.</summary>
public abstract class TimerGraphStageLogic : GraphStageLogic
{
    private sealed record Timer(int Id, ICancelable Task, bool Repeating);

    private sealed record Fired(object Key, int Id);

    private readonly Dictionary<object, Timer> _timers = [];
    private Action<Fired>? _callback;
    private int _ids;

    protected TimerGraphStageLogic(Shape shape) : base(shape) { }

    protected abstract void OnTimer(object timerKey);

    protected internal void ScheduleOnce(object timerKey, TimeSpan delay)
    {
        CancelTimer(timerKey);
        var fired = new Fired(timerKey, ++_ids);
        var callback = Callback;
        _timers[timerKey] = new Timer(fired.Id, Materializer.ScheduleOnce(delay, () => callback(fired)), false);
    }

    protected internal void ScheduleRepeatedly(object timerKey, TimeSpan interval) => ScheduleRepeatedly(timerKey, interval, interval);

    protected internal void ScheduleRepeatedly(object timerKey, TimeSpan initialDelay, TimeSpan interval)
    {
        CancelTimer(timerKey);
        var fired = new Fired(timerKey, ++_ids);
        var callback = Callback;
        _timers[timerKey] = new Timer(fired.Id, Materializer.ScheduleRepeatedly(initialDelay, interval, () => callback(fired)), true);
    }

    protected internal void CancelTimer(object timerKey)
    {
        if (_timers.Remove(timerKey, out var timer))
            timer.Task.Cancel();
    }

    protected internal bool IsTimerActive(object timerKey) => _timers.ContainsKey(timerKey);

    protected override void AfterPostStop()
    {
        foreach (var timer in _timers.Values)
            timer.Task.Cancel();
        _timers.Clear();
        base.AfterPostStop();
    }

    private Action<Fired> Callback => _callback ??= GetAsyncCallback<Fired>(fired =>
    {
        // A timer cancelled or replaced while this was on its way is no longer meant.
        if (!_timers.TryGetValue(fired.Key, out var timer) || timer.Id != fired.Id)
            return;
        if (!timer.Repeating)
            _timers.Remove(fired.Key);
        OnTimer(fired.Key);
    });
}
