#nullable enable
using System.Collections.Immutable;
using System.Diagnostics;
using Akka.Actor;

namespace Akka.Cluster.Membership;

/// <summary>What the thread tells its node; each call comes from the thread and must not wait.</summary>
internal interface IMembershipListener
{
    void Observed(Observation observation);

    /// <summary>The database failed (and had not before), or answers again (null).</summary>
    void DatabaseChanged(Exception? failure);

    void Probe(UniqueAddress node);

    /// <summary>A mistake of ours: the thread ends, and with it this node's membership.</summary>
    void Failed(Exception cause);
}

/// <summary>
/// Renews this node's membership and reads everybody's, on a thread of its own, so that it goes on while the thread pool is
/// starved. Each round renews if it is time, reads all rows, and makes the changes that are due until none is.
/// </summary>
internal sealed class MembershipThread : IDisposable
{
    private const int MostPassesARound = 8;
    private static readonly TimeSpan StopWait = TimeSpan.FromSeconds(2);

    private readonly object _gate = new();
    private readonly List<Command> _commands = [];
    private readonly HashSet<UniqueAddress> _refused = [];
    private readonly MembershipTable _table;
    private readonly UniqueAddress _self;
    private readonly ImmutableHashSet<string> _roles;
    private readonly MembershipRules _rules;
    private readonly TimeSpan _pollEvery;
    private readonly IMembershipListener _listener;
    private readonly MembershipMachine _machine;
    private readonly Thread _thread;
    private bool _joinAsked;
    private bool _readAsked;
    private bool _suspended;
    private bool _stopped;
    private bool _joined;
    private bool _failing;
    private bool _readSoon;
    private long _nextRenewal;
    private IDisposable? _notifications;

    public MembershipThread(MembershipTable table, UniqueAddress self, ImmutableHashSet<string> roles, MembershipRules rules, TimeSpan pollEvery, IMembershipListener listener)
    {
        _table = table;
        _self = self;
        _roles = roles;
        _rules = rules;
        _pollEvery = pollEvery;
        _listener = listener;
        _machine = new MembershipMachine(self, rules);
        _thread = new Thread(Run) { IsBackground = true, Name = "cluster membership" };
    }

    /// <summary>Joins as soon as the database answers, and goes on until the node is removed or stops.</summary>
    public void Join()
    {
        lock (_gate)
        {
            if (_joinAsked || _stopped) return;
            _joinAsked = true;
        }
        _thread.Start();
    }

    /// <summary>Does something with the table at the next round, and again until the database took it. Ends canceled if the thread ends first.</summary>
    public Task<T> Ask<T>(Func<MembershipTable, T> command)
    {
        var asked = new Command<T>(command);
        lock (_gate)
        {
            if (_stopped) asked.Cancel();
            else _commands.Add(asked);
            Monitor.Pulse(_gate);
        }
        return asked.Done;
    }

    /// <summary>The node's port refuses connections.</summary>
    public void Refused(UniqueAddress node)
    {
        lock (_gate)
        {
            _refused.Add(node);
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Something changed that the next reading will show.</summary>
    public void Wake()
    {
        lock (_gate)
        {
            _readAsked = true;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>As a stopped process would stop: nothing is renewed or read until told to go on.</summary>
    public void Suspend(bool suspended)
    {
        lock (_gate)
        {
            _suspended = suspended;
            Monitor.Pulse(_gate);
        }
    }

    /// <summary>Ends without leaving.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _stopped = true;
            Monitor.Pulse(_gate);
        }
        if (_thread.ThreadState.HasFlag(System.Threading.ThreadState.Unstarted)) Ended();
        else if (Thread.CurrentThread != _thread) _thread.Join(StopWait);
    }

    private void Run()
    {
        try
        {
            while (Wait())
            {
                try
                {
                    Round();
                    if (_failing) _listener.DatabaseChanged(null);
                    _failing = false;
                }
                catch (Exception e) when (MembershipTable.IsUnavailable(e))
                {
                    _table.Close();
                    if (!_failing) _listener.DatabaseChanged(e);
                    _failing = true;
                    // The next try is at the next turn; a renewal that failed is still due.
                    _nextRenewal = Stopwatch.GetTimestamp();
                }
            }
        }
        catch (Exception e)
        {
            _listener.Failed(e);
        }
        finally
        {
            Ended();
        }
    }

    private void Ended()
    {
        List<Command> left;
        lock (_gate)
        {
            _stopped = true;
            left = [.. _commands];
            _commands.Clear();
        }
        foreach (var command in left) command.Cancel();
        _notifications?.Dispose();
        _table.Dispose();
    }

    private void Round()
    {
        _table.Open();
        _notifications ??= _table.Listen(Wake);
        if (!_joined)
        {
            _table.Join(_self, _roles);
            _joined = true;
        }
        RunCommands();
        if (Stopwatch.GetTimestamp() >= _nextRenewal)
        {
            _table.Renew(_self);
            _nextRenewal = Stopwatch.GetTimestamp() + Ticks(_rules.RenewEvery);
        }
        for (var pass = 0; pass < MostPassesARound; pass++)
        {
            if (!Observe()) return;
        }
    }

    /// <summary>True if this node changed something, so that it should look again.</summary>
    private bool Observe()
    {
        _table.HasChanged();
        var observation = _machine.Observe(_table.Read(), Stopwatch.GetElapsedTime(0));
        _readSoon = observation.ReadSoon;
        _listener.Observed(observation);
        foreach (var node in observation.Probes) _listener.Probe(node);
        if (observation.RemovedFrom is not null)
        {
            lock (_gate) _stopped = true;
            return false;
        }
        var changed = false;
        foreach (var change in observation.Changes) changed |= _table.Apply(change);
        return changed;
    }

    private void RunCommands()
    {
        while (true)
        {
            Command command;
            lock (_gate)
            {
                if (_commands.Count == 0) return;
                command = _commands[0];
            }
            command.Run(_table);
            lock (_gate) _commands.Remove(command);
        }
    }

    /// <summary>Waits until there is something to do; false at the end.</summary>
    private bool Wait()
    {
        var soon = Stopwatch.GetTimestamp() + Ticks(_rules.RenewEvery) / 4;
        var due = _failing ? soon : _readSoon ? Math.Min(soon, _nextRenewal) : _nextRenewal;
        while (true)
        {
            lock (_gate)
            {
                if (_stopped) return false;
                var now = Stopwatch.GetTimestamp();
                if (!_suspended && (now >= due || !_failing && (_readAsked || _refused.Count > 0 || _commands.Count > 0)))
                {
                    foreach (var node in _refused) _machine.Refused(node);
                    _refused.Clear();
                    _readAsked = false;
                    return true;
                }
                var rest = _suspended ? _pollEvery : Stopwatch.GetElapsedTime(now, due) + TimeSpan.FromMilliseconds(1);
                Monitor.Wait(_gate, rest < _pollEvery ? rest : _pollEvery);
                if (_suspended || _stopped) continue;
            }
            if (_joined && !_failing && HasChanged()) return true;
        }
    }

    private bool HasChanged()
    {
        try
        {
            return _table.HasChanged();
        }
        catch (Exception e) when (MembershipTable.IsUnavailable(e))
        {
            // The round that follows fails in the same way, and is told of.
            return true;
        }
    }

    private static long Ticks(TimeSpan time) => (long)(time.TotalSeconds * Stopwatch.Frequency);

    private abstract class Command
    {
        public abstract void Run(MembershipTable table);

        public abstract void Cancel();
    }

    private sealed class Command<T>(Func<MembershipTable, T> command) : Command
    {
        private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<T> Done => _done.Task;

        public override void Run(MembershipTable table) => _done.TrySetResult(command(table));

        public override void Cancel() => _done.TrySetCanceled();
    }
}
