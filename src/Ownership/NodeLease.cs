using System.Diagnostics;
using Actors.Machines;
using Akka.Actor;

namespace Actors.Ownership;

/// <summary>Whether this node may acknowledge, and serve as leader or coordinator, at this moment.</summary>
public interface INodeLease
{
    /// <summary>Asks nobody and waits for nothing, so that every reply can ask.</summary>
    bool Holds { get; }

    /// <summary>For how long it has held without a break; zero while it does not.</summary>
    TimeSpan HeldFor { get; }
}

/// <summary>The lease of a node that has its journal for itself: the lock on the data directory decides, and it is never lost.</summary>
public sealed class SoleNodeLease : INodeLease
{
    public static SoleNodeLease Instance { get; } = new();

    public bool Holds => true;

    public TimeSpan HeldFor => TimeSpan.MaxValue;
}

/// <summary>What a node's lease is started with.</summary>
/// <param name="Database">The journal's database, as the node's plugins are configured with it: <see cref="JournalDatabase.For"/>.</param>
/// <param name="Node">This start of the node.</param>
/// <param name="Endpoint">HOST:PORT at which peers reach this node's actor system. It must be listening already, and until the process ends.</param>
/// <param name="WriterUuid">This start's journal writer: <see cref="JournalWriter.LearnUuidAsync"/>.</param>
/// <param name="Times">The same on all nodes.</param>
/// <param name="Log">Told what failed and is tried again, and what was taken over; on threads of the lease, so it must not wait.</param>
public sealed record NodeLeaseSettings(
    JournalDatabase Database, NodeIdentity Node, string Endpoint, string WriterUuid, OwnershipSettings Times, Action<string, Exception?>? Log = null);

/// <summary>A peer's lease as this node sees it.</summary>
/// <param name="Counter">Its renewals so far.</param>
/// <param name="UnchangedFor">How long every look showed this counter.</param>
/// <param name="Expired">That was a whole lease: what it owns may be taken.</param>
/// <param name="Refused">Its process has ended: what it owns may be taken.</param>
public sealed record PeerLease(int NodeId, long Uid, string Endpoint, long Counter, LeaseState State, TimeSpan UnchangedFor, bool Expired, bool Refused);

/// <summary>
/// A node's lease: one row in the database, renewed by a thread and a connection of its own. While it holds, no peer takes
/// over what the node owns; once it does not, the node acknowledges and serves nothing.
/// </summary>
public sealed class NodeLease : INodeLease, IDisposable
{
    private readonly object _gate = new();
    private readonly NodeLeaseSettings _settings;
    private readonly OwnershipMachine _machine;
    private readonly IRenewals _renewals;
    private readonly OwnedLeases _owned;
    private readonly PeerProbe _probe;
    private readonly Thread _renewing;
    private readonly Thread _watching;
    private IReadOnlyList<NodeRow> _nodes = [];
    private long _deadline;
    private long _heldSince;
    private bool _closing;
    private string? _renewalTrouble;
    private string? _readTrouble;

    private NodeLease(NodeLeaseSettings settings, OwnershipMachine machine, IRenewals renewals)
    {
        _settings = settings;
        _machine = machine;
        _renewals = renewals;
        _deadline = machine.Deadline.Ticks;
        _heldSince = Now.Ticks;
        _owned = new OwnedLeases(this, settings, NewSession(settings, awaitDisk: true));
        _probe = new PeerProbe(settings.Times, () => Now, Refused);
        _renewing = new Thread(Renew) { IsBackground = true, Name = "node lease", Priority = ThreadPriority.AboveNormal };
        _watching = new Thread(Watch) { IsBackground = true, Name = "node lease events" };
    }

    /// <summary>The lease ran out: nothing may be acknowledged or served, but everything may stay as it is. Events come in order, on a thread of their own, a moment after <see cref="Holds"/> shows it.</summary>
    public event Action? Lost;

    /// <summary>The lease holds again; nobody took over meanwhile.</summary>
    public event Action? Regained;

    /// <summary>A peer, or a later start of this node, has taken over. This start is over: its journal writer stores nothing any more. The last event.</summary>
    public event Action? Fenced;

    /// <summary>This start of the node.</summary>
    public NodeIdentity Node => _settings.Node;

    /// <summary>Whether the node's own deadline has not passed, by the monotonic clock.</summary>
    public bool Holds => Now.Ticks < Volatile.Read(ref _deadline);

    /// <summary>For how long it has held without a break; zero while it does not.</summary>
    public TimeSpan HeldFor => Holds ? Now - TimeSpan.FromTicks(Volatile.Read(ref _heldSince)) : TimeSpan.Zero;

    /// <summary>A renewal was refused, for good.</summary>
    public bool IsFenced
    {
        get
        {
            lock (_gate) return _machine.IsFenced;
        }
    }

    /// <summary>Why the last renewal or look at the peers failed; null when it did not.</summary>
    public string? Trouble => Volatile.Read(ref _renewalTrouble) ?? Volatile.Read(ref _readTrouble);

    /// <summary>The other nodes' leases, former starts included until their node starts again.</summary>
    public IReadOnlyList<PeerLease> Peers
    {
        get
        {
            lock (_gate)
            {
                var endpoints = _nodes.ToDictionary(node => node.Lease.Uid, node => node.Endpoint);
                return [.. _machine.Peers.Select(peer => new PeerLease(peer.Row.NodeId, peer.Row.Uid, endpoints.GetValueOrDefault(peer.Row.Uid, ""),
                    peer.Row.Counter, peer.Row.State, Now - peer.Since, peer.Expired, peer.Refused))];
            }
        }
    }

    private static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>
    /// Puts the node's earlier starts out, whatever they do, and takes a lease for this one. The journal's tables and the fence exist, for
    /// <see cref="JournalWriter.LearnUuidAsync"/> comes first.
    /// </summary>
    /// <exception cref="ArgumentException">The times are out of bounds.</exception>
    /// <exception cref="JournalUnavailableException">The database does not answer, or an earlier start's transaction keeps it locked.</exception>
    public static Task<NodeLease> StartAsync(NodeLeaseSettings settings, CancellationToken cancellation = default) =>
        StartAsync(settings, NewSession(settings, awaitDisk: false), cancellation);

    internal static async Task<NodeLease> StartAsync(NodeLeaseSettings settings, IRenewals renewals, CancellationToken cancellation = default)
    {
        if (settings.Times.Fault is { } fault) throw new ArgumentException(fault, nameof(settings));
        var lease = await Task.Run(() => Begin(settings, renewals), cancellation).ConfigureAwait(false);
        lease._renewing.Start();
        lease._watching.Start();
        return lease;
    }

    /// <summary>Has the leases of an actor system (<see cref="SqlLease"/>) stand on this one.</summary>
    public void BindTo(ActorSystem system) => NodeLeaseOfSystem.Get(system).Lease = this;

    /// <summary>
    /// To be told when the connection to a peer's actor system closed. The lease then tries the address itself: if it refuses, the peer's
    /// process has ended and what it owned may be taken at once.
    /// </summary>
    /// <param name="endpoint">HOST:PORT, as the peer's lease was started with.</param>
    public void ConnectionClosed(string endpoint)
    {
        lock (_gate)
        {
            foreach (var node in _nodes)
                if (node.Endpoint == endpoint && node.Lease.State == LeaseState.Live && node.Lease.Uid != Node.Uid)
                    _probe.Start(node.Lease.Uid, endpoint);
        }
    }

    /// <summary>
    /// Gives the lease and all it owns back, so that peers need not wait. To be called once nothing of this start writes to the journal
    /// any more, after the actor system's end: its writer is fenced by it. Then <see cref="Dispose"/>.
    /// </summary>
    public async Task LeaveAsync()
    {
        Stop();
        await _owned.LeaveAsync().ConfigureAwait(false);
    }

    /// <summary>Stops renewing, as a crash would: peers wait for the lease to run out.</summary>
    public void Dispose()
    {
        Stop();
        _probe.Dispose();
        _owned.Dispose();
        _renewals.Dispose();
    }

    internal Task<bool> AcquireAsync(SqlLease lease, Action<Exception> lost) => _owned.AcquireAsync(lease, lost);

    internal Task<bool> ReleaseAsync(SqlLease lease) => _owned.ReleaseAsync(lease);

    internal Takeability MayTakeFrom(long owner)
    {
        lock (_gate) return _machine.MayTakeFrom(owner, Now);
    }

    internal NodeRow? RowOf(long uid)
    {
        lock (_gate) return _nodes.FirstOrDefault(node => node.Lease.Uid == uid);
    }

    private static LeaseSession NewSession(NodeLeaseSettings settings, bool awaitDisk) =>
        new(settings.Database, settings.Node.SessionName, settings.Times.Tenure - settings.Times.Renewal, awaitDisk);

    private static NodeLease Begin(NodeLeaseSettings settings, IRenewals renewals)
    {
        try
        {
            using var session = NewSession(settings, awaitDisk: true);
            session.CreateTables();
            foreach (var former in session.ReadNodes().Where(node => node.Lease.NodeId == settings.Node.NodeId && node.Lease.Uid != settings.Node.Uid))
                new PutOut(session, settings.Database, settings.Log).Former(former, settings.Times.Lease);
            new Fence(settings.Database).AddFormerAsync(settings.Node.Name, settings.WriterUuid).GetAwaiter().GetResult();
            session.DeleteFormer(settings.Node);
            var inserted = Now;
            session.InsertNode(settings.Node, settings.Endpoint, settings.WriterUuid);
            return new NodeLease(settings, new OwnershipMachine(settings.Times, settings.Node.Uid, inserted), renewals);
        }
        catch (Exception e) when (e is System.Data.Common.DbException or TimeoutException)
        {
            throw new JournalUnavailableException($"The node's lease could not be taken: {e.Message}", e);
        }
    }

    private void Renew()
    {
        while (true)
        {
            OwnershipDue due;
            lock (_gate)
            {
                due = _machine.Next(Now);
                if (_closing || _machine.IsFenced) return;
                if (due.Task == OwnershipTask.Wait)
                {
                    Monitor.Wait(_gate, Max(due.At - Now, TimeSpan.Zero));
                    continue;
                }
            }
            if (due.Task == OwnershipTask.Renew) RenewOnce();
            else ReadOnce();
        }
    }

    private void RenewOnce()
    {
        var started = Now;
        try
        {
            var kept = _renewals.Renew(Node.Uid);
            Volatile.Write(ref _renewalTrouble, null);
            Change(machine => machine.Renewed(started, Now, kept));
        }
        catch (Exception e)
        {
            Failed("The node's lease could not be renewed; trying again", e, ref _renewalTrouble);
            Change(machine => machine.RenewalFailed(Now));
        }
    }

    private void ReadOnce()
    {
        var started = Now;
        try
        {
            var nodes = _renewals.ReadNodes();
            var ended = Now;
            Change(machine =>
            {
                _nodes = nodes;
                machine.Read(started, ended, [.. nodes.Select(node => node.Lease)]);
            });
            Volatile.Write(ref _readTrouble, null);
        }
        catch (Exception e)
        {
            Failed("The other nodes' leases could not be read; trying again", e, ref _readTrouble);
            Change(machine => machine.ReadFailed(Now));
        }
    }

    /// <summary>Logs the first failure of a row of them.</summary>
    private void Failed(string what, Exception cause, ref string? trouble)
    {
        if (trouble is null) _settings.Log?.Invoke(what, cause);
        Volatile.Write(ref trouble, cause.Message);
    }

    private void Change(Action<OwnershipMachine> change)
    {
        lock (_gate)
        {
            change(_machine);
            // Before the deadline: who sees that the lease holds again must not see how long it held before.
            if (!Holds) Volatile.Write(ref _heldSince, Now.Ticks);
            Volatile.Write(ref _deadline, _closing || _machine.IsFenced ? 0 : _machine.Deadline.Ticks);
            Monitor.PulseAll(_gate);
        }
    }

    private void Refused(long uid, TimeSpan attempted)
    {
        lock (_gate)
        {
            _machine.ConnectionRefused(uid, attempted);
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Tells of what <see cref="Holds"/> shows anyway; the renewal may be stuck meanwhile.</summary>
    private void Watch()
    {
        var held = true;
        while (true)
        {
            bool fenced, holds;
            lock (_gate)
            {
                while (true)
                {
                    if (_closing) return;
                    fenced = _machine.IsFenced;
                    holds = _machine.Holds(Now);
                    if (fenced || holds != held) break;
                    if (holds) Monitor.Wait(_gate, Max(_machine.Deadline - Now, TimeSpan.FromMilliseconds(1)));
                    else Monitor.Wait(_gate);
                }
            }
            if (held && !holds) Lost?.Invoke();
            if (!held && holds) Regained?.Invoke();
            held = holds;
            if (!fenced) continue;
            _owned.Fenced();
            Fenced?.Invoke();
            return;
        }
    }

    private void Stop()
    {
        lock (_gate)
        {
            _closing = true;
            Volatile.Write(ref _deadline, 0);
            Monitor.PulseAll(_gate);
        }
        if (Thread.CurrentThread != _renewing && _renewing.ThreadState != System.Threading.ThreadState.Unstarted) _renewing.Join(_settings.Times.Lease);
        if (Thread.CurrentThread != _watching && _watching.ThreadState != System.Threading.ThreadState.Unstarted) _watching.Join(_settings.Times.Lease);
    }

    private static TimeSpan Max(TimeSpan a, TimeSpan b) => a > b ? a : b;
}

/// <summary>Which node's lease an actor system's leases stand on.</summary>
internal sealed class NodeLeaseOfSystem : IExtension
{
    private NodeLease? _lease;

    public NodeLease? Lease
    {
        get => Volatile.Read(ref _lease);
        set => Volatile.Write(ref _lease, value);
    }

    public static NodeLeaseOfSystem Get(ActorSystem system) => system.WithExtension<NodeLeaseOfSystem, Id>();

    private sealed class Id : ExtensionIdProvider<NodeLeaseOfSystem>
    {
        public override NodeLeaseOfSystem CreateExtension(ExtendedActorSystem system) => new();
    }
}
