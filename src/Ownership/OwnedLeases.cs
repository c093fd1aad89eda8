using System.Data.Common;
using Actors.Machines;
using Akka.Coordination;

namespace Actors.Ownership;

/// <summary>
/// The leases of shards and singletons that this node owns or wants. A thread with a connection of its own takes and returns
/// them in the order asked for, as many in one transaction as wait.
/// </summary>
internal sealed class OwnedLeases : IDisposable
{
    private const int Most = 256;
    private static readonly TimeSpan CheckpointEvery = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan UpkeepEvery = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UntidyFor = TimeSpan.FromSeconds(10);

    private readonly object _gate = new();
    private readonly Queue<Request> _waiting = new();
    private readonly Dictionary<string, (long Term, SqlLease Holder)> _held = [];
    private readonly NodeLease _node;
    private readonly NodeLeaseSettings _settings;
    private readonly LeaseSession _session;
    private readonly Thread _thread;
    private long _terms;
    private long _nextUpkeep;
    private long _nextCheckpoint;
    private bool _closing;

    /// <summary>Until then rows may appear for which nobody holds a lease here: a statement failed, and may be carried out all the same.</summary>
    private long _untidyUntil;

    public OwnedLeases(NodeLease node, NodeLeaseSettings settings, LeaseSession session)
    {
        _node = node;
        _settings = settings;
        _session = session;
        _thread = new Thread(Run) { IsBackground = true, Name = "shard leases" };
        _thread.Start();
    }

    private enum Kind
    {
        Acquire,
        Release,
        Leave,
    }

    public Task<bool> AcquireAsync(SqlLease lease, Action<Exception> lost) => _node.Holds ? Ask(Kind.Acquire, lease, lost) : Task.FromResult(false);

    public Task<bool> ReleaseAsync(SqlLease lease) => Ask(Kind.Release, lease);

    public Task<bool> LeaveAsync() => Ask(Kind.Leave, null);

    /// <summary>Tells all that hold a lease that it is lost.</summary>
    public void Fenced()
    {
        SqlLease[] lost;
        lock (_gate)
        {
            lost = [.. _held.Values.Select(held => held.Holder)];
            _held.Clear();
        }
        foreach (var lease in lost) lease.LoseTo(new LeaseException($"Node {_settings.Node.NodeId} was put out: another node may own {lease.Settings.LeaseName} now."));
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }
        if (Thread.CurrentThread != _thread) _thread.Join(_settings.Times.Lease);
    }

    private Task<bool> Ask(Kind kind, SqlLease? lease, Action<Exception>? lost = null)
    {
        var request = new Request(kind, lease, lost);
        lock (_gate)
        {
            if (_closing) return Task.FromException<bool>(new LeaseException("The node has ended."));
            _waiting.Enqueue(request);
            Monitor.PulseAll(_gate);
        }
        return request.Done.Task;
    }

    private void Run()
    {
        var batch = new List<Request>();
        while (Next(batch))
        {
            try
            {
                switch (batch)
                {
                    case []: Upkeep(); break;
                    case [{ Kind: Kind.Acquire }, ..]: Acquire(batch); break;
                    case [{ Kind: Kind.Release }, ..]: Release(batch); break;
                    default: Leave(batch); break;
                }
            }
            catch (Exception e)
            {
                if (batch.Count == 0) _settings.Log?.Invoke("The upkeep of the leases failed; trying again", e);
                else Untidy();
                foreach (var request in batch) request.Done.TrySetException(new LeaseException($"{request.Kind} of {request.Lease?.Settings.LeaseName ?? "the node's leases"} failed: {e.Message}", e));
            }
        }
        lock (_gate)
            while (_waiting.TryDequeue(out var request))
                request.Done.TrySetException(new LeaseException("The node has ended."));
        _session.Dispose();
    }

    /// <summary>The first requests of one kind, each lease at most once; none when it is time for upkeep; false when it is over.</summary>
    private bool Next(List<Request> batch)
    {
        batch.Clear();
        lock (_gate)
        {
            while (_waiting.Count == 0 && !_closing && Environment.TickCount64 < _nextUpkeep)
                Monitor.Wait(_gate, (int)Math.Max(1, _nextUpkeep - Environment.TickCount64));
            if (_closing) return false;
            if (Environment.TickCount64 >= _nextUpkeep) return true;
            var names = new HashSet<string?>();
            while (batch.Count < Most && _waiting.TryPeek(out var request) && (batch.Count == 0 || request.Kind == batch[0].Kind) && names.Add(request.Lease?.Settings.LeaseName))
                batch.Add(_waiting.Dequeue());
            return true;
        }
    }

    private void Acquire(List<Request> batch)
    {
        var owners = batch.ConvertAll(request => _session.OwnerOf(request.Lease!.Settings.LeaseName));
        // Each owner is put out once, however many of its leases are wanted.
        var free = owners.OfType<(long Uid, LeaseState State)>().GroupBy(owner => owner.Uid).ToDictionary(owner => owner.Key, owner => IsOut(owner.Key, owner.Max(seen => seen.State)));
        var wanted = new List<(string Name, long Term, long? Owner)>();
        var asking = new List<Request>();
        var taken = new HashSet<Request>();
        foreach (var (request, owner) in batch.Zip(owners))
        {
            var name = request.Lease!.Settings.LeaseName;
            if (owner is { } found && found.Uid == _node.Node.Uid && TermOf(name) is { } term)
            {
                // Held already: its row stays as it is.
                if (Hold(request, term)) taken.Add(request);
            }
            else if (owner is null || free[owner.Value.Uid])
            {
                wanted.Add((name, ++_terms, owner?.Uid));
                asking.Add(request);
            }
        }
        if (wanted.Count > 0)
        {
            var had = _session.Take(wanted, _node.Node.Uid, _settings.WriterUuid);
            for (var i = 0; i < had.Length; i++)
                if (had[i] && Hold(asking[i], wanted[i].Term))
                    taken.Add(asking[i]);
        }
        foreach (var request in batch) request.Done.TrySetResult(taken.Contains(request));
    }

    /// <summary>Whether the owner is this node or out, having been put out if it may be.</summary>
    private bool IsOut(long uid, LeaseState state)
    {
        if (uid == _node.Node.Uid || state == LeaseState.Out) return true;
        var verdict = _node.MayTakeFrom(uid);
        if (!verdict.MayPutOut || _node.RowOf(uid) is not { } row) return false;
        try
        {
            return new PutOut(_session, _settings.Database, _settings.Log).Peer(row, verdict, _node.Node.Uid, _settings.Times.Lease);
        }
        catch (Exception e) when (e is DbException or TimeoutException)
        {
            _settings.Log?.Invoke($"Node {row.Lease.NodeId} ({row.SessionName}) could not be put out; it is tried again when its leases are asked for", e);
            return false;
        }
    }

    private long? TermOf(string name)
    {
        lock (_gate) return _held.TryGetValue(name, out var held) ? held.Term : null;
    }

    /// <summary>What was taken counts only if this node's own lease holds still.</summary>
    private bool Hold(Request request, long term)
    {
        var lease = request.Lease!;
        lock (_gate)
        {
            if (!_node.Holds)
            {
                Untidy();
                return false;
            }
            _held[lease.Settings.LeaseName] = (term, lease);
            lease.Acquired(request.Lost);
        }
        return true;
    }

    private void Release(List<Request> batch)
    {
        var held = new List<(string Name, long Term)>();
        foreach (var lease in batch.Select(request => request.Lease!))
        {
            lease.Released();
            lock (_gate)
            {
                // Another of that name on this node may have taken it over.
                if (!_held.TryGetValue(lease.Settings.LeaseName, out var row) || row.Holder != lease) continue;
                _held.Remove(lease.Settings.LeaseName);
                held.Add((lease.Settings.LeaseName, row.Term));
            }
        }
        if (held.Count > 0) _session.Release(held, _node.Node.Uid);
        foreach (var request in batch) request.Done.TrySetResult(true);
    }

    private void Untidy() => _untidyUntil = Environment.TickCount64 + (long)UntidyFor.TotalMilliseconds;

    private void Upkeep()
    {
        var now = Environment.TickCount64;
        _nextUpkeep = now + (long)UpkeepEvery.TotalMilliseconds;
        if (now < _untidyUntil && _node.Holds)
        {
            var stray = _session.LeasesOf(_node.Node.Uid).Where(lease => TermOf(lease.Name) != lease.Term).ToArray();
            if (stray.Length > 0) _session.Release(stray, _node.Node.Uid);
        }
        if (now < _nextCheckpoint) return;
        _nextCheckpoint = now + (long)CheckpointEvery.TotalMilliseconds;
        _session.Checkpoint();
    }

    private void Leave(List<Request> batch)
    {
        lock (_gate) _held.Clear();
        _session.ReleaseAll(_node.Node.Uid);
        _session.CondemnFormer(_node.Node.Uid);
        new Fence(_settings.Database).Add([_settings.WriterUuid], _settings.Times.Lease);
        _session.MarkOut(_node.Node.Uid);
        foreach (var request in batch) request.Done.TrySetResult(true);
    }

    private sealed class Request(Kind kind, SqlLease? lease, Action<Exception>? lost)
    {
        public Kind Kind { get; } = kind;

        public SqlLease? Lease { get; } = lease;

        public Action<Exception> Lost { get; } = lost ?? (static _ => { });

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
