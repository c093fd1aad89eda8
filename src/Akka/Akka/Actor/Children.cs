namespace Akka.Actor.Internal;

/// <summary>A child and how often it was restarted.</summary>
public class ChildRestartStats(IInternalActorRef child, uint maxNrOfRetriesCount = 0, long restartTimeWindowStartTicks = 0)
{
    public IInternalActorRef Child { get; } = child;

    public long Uid => Child.Path.Uid;

    public uint MaxNrOfRetriesCount { get; private set; } = maxNrOfRetriesCount;

    /// <summary>When the current window began, in ticks of the scheduler's monotonic clock; 0 before the first restart.</summary>
    public long RestartTimeWindowStartTicks { get; private set; } = restartTimeWindowStartTicks;

    public bool RequestRestartPermission(int maxNrOfRetries, int withinTimeMilliseconds)
    {
        if (maxNrOfRetries == 0) return false;
        var retriesUnlimited = maxNrOfRetries < 0;
        var windowInfinite = withinTimeMilliseconds <= 0;
        if (retriesUnlimited && windowInfinite) return true;
        if (windowInfinite) return ++MaxNrOfRetriesCount <= maxNrOfRetries;
        var allowed = retriesUnlimited ? 1 : maxNrOfRetries;
        var now = Math.Max(1, ((LocalActorRef)Child).Cell.System.Scheduler.MonotonicClock.Ticks);
        if (RestartTimeWindowStartTicks == 0 || now - RestartTimeWindowStartTicks > withinTimeMilliseconds * TimeSpan.TicksPerMillisecond)
        {
            RestartTimeWindowStartTicks = now;
            MaxNrOfRetriesCount = 1;
            return true;
        }
        return ++MaxNrOfRetriesCount <= allowed;
    }
}

/// <summary>Why a cell waits for its children to stop.</summary>
public abstract class SuspendReason
{
    /// <summary>To be created again, after its first creation failed.</summary>
    public class Creation : SuspendReason;

    /// <summary>To be restarted.</summary>
    public class Recreation(Exception cause) : SuspendReason
    {
        public Exception Cause { get; } = cause;
    }

    /// <summary>To end.</summary>
    public class Termination : SuspendReason
    {
        private Termination() { }

        public static Termination Instance { get; } = new();
    }
}

/// <summary>
/// A cell's children by name. Names are reserved from other threads (ActorOf on a system), so every access takes the lock;
/// none of it is on a message's way.
/// </summary>
internal sealed class Children
{
    private readonly object _gate = new();
    private readonly Dictionary<string, ChildRestartStats> _byName = [];
    private readonly HashSet<IActorRef> _dying = [];
    private ChildRestartStats[] _all = [];
    private SuspendReason _reason;
    private bool _closed;
    private bool _ended;

    /// <summary>Children in the order of their names' insertion; an immutable snapshot.</summary>
    internal ChildRestartStats[] All
    {
        get
        {
            lock (_gate) return _all ??= _byName.Values.Where(s => s is not null).ToArray();
        }
    }

    /// <summary>What the cell will do when the last dying child has stopped; null if nothing.</summary>
    internal SuspendReason Waiting => _reason;

    internal void Reserve(string name)
    {
        lock (_gate)
        {
            if (_closed) throw new InvalidOperationException($"Cannot reserve actor name '{name}': {(_ended ? "terminated" : "terminating")}");
            if (!_byName.TryAdd(name, null)) throw new InvalidActorNameException($"Actor name \"{name}\" is not unique!");
        }
    }

    /// <summary>No new children from now on; one whose name was reserved before must be stopped by who makes it.</summary>
    internal void Close()
    {
        lock (_gate) _closed = true;
    }

    internal bool IsClosed
    {
        get { lock (_gate) return _closed; }
    }

    internal void Unreserve(string name)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(name, out var stats) && stats is null) _byName.Remove(name);
        }
    }

    internal bool TryGet(string name, out ChildRestartStats stats)
    {
        lock (_gate) return _byName.TryGetValue(name, out stats) && stats is not null;
    }

    internal ChildRestartStats Add(IInternalActorRef child)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(child.Path.Name, out var existing) && existing is not null) return existing;
            var stats = new ChildRestartStats(child);
            _byName[child.Path.Name] = stats;
            _all = null;
            // Made by an outsider while this cell was told to end: it ends with the others.
            if (_closed && !_ended) _dying.Add(child);
            return stats;
        }
    }

    internal void ShallDie(IActorRef child)
    {
        lock (_gate) _dying.Add(child);
    }

    /// <summary>True if children are dying and the reason will be acted upon when the last is gone.</summary>
    internal bool WaitFor(SuspendReason reason)
    {
        lock (_gate)
        {
            if (_dying.Count == 0)
            {
                if (reason is SuspendReason.Termination) _ended = true;
                return false;
            }
            _reason = reason;
            return true;
        }
    }

    internal void End()
    {
        lock (_gate) _closed = _ended = true;
    }

    internal bool Contains(IActorRef child)
    {
        lock (_gate) return _byName.TryGetValue(child.Path.Name, out var stats) && stats is not null && stats.Child.Equals(child);
    }

    /// <summary>The reason the cell waited for, if this was the last one.</summary>
    internal SuspendReason Remove(IActorRef child)
    {
        lock (_gate)
        {
            if (_byName.TryGetValue(child.Path.Name, out var stats) && stats is not null && stats.Child.Equals(child))
            {
                _byName.Remove(child.Path.Name);
                _all = null;
            }
            if (!_dying.Remove(child) || _dying.Count > 0) return null;
            var reason = _reason;
            _reason = null;
            if (reason is SuspendReason.Termination) _ended = true;
            return reason;
        }
    }
}
