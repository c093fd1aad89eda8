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

    private readonly object _gate = new();
    private readonly Queue<Request> _waiting = new();
    private readonly HashSet<SqlLease> _held = [];
    private readonly NodeLease _node;
    private readonly NodeLeaseSettings _settings;
    private readonly LeaseSession _session;
    private readonly Thread _thread;
    private bool _closing;

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

    public Task<bool> AcquireAsync(SqlLease lease) => _node.Holds ? Ask(Kind.Acquire, lease) : Task.FromResult(false);

    public Task<bool> ReleaseAsync(SqlLease lease) => Ask(Kind.Release, lease);

    public Task<bool> LeaveAsync() => Ask(Kind.Leave, null);

    /// <summary>Tells all that hold a lease that it is lost.</summary>
    public void Fenced()
    {
        SqlLease[] lost;
        lock (_gate)
        {
            lost = [.. _held];
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

    private Task<bool> Ask(Kind kind, SqlLease? lease)
    {
        var request = new Request(kind, lease);
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
                    case []: _session.Checkpoint(); break;
                    case [{ Kind: Kind.Acquire }, ..]: Acquire(batch); break;
                    case [{ Kind: Kind.Release }, ..]: Release(batch); break;
                    default: Leave(batch); break;
                }
            }
            catch (Exception e)
            {
                if (batch.Count == 0) _settings.Log?.Invoke("The leases' log was not moved into their file; trying again", e);
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
            if (_waiting.Count == 0 && !_closing) Monitor.Wait(_gate, CheckpointEvery);
            if (_closing) return false;
            var names = new HashSet<SqlLease?>();
            while (batch.Count < Most && _waiting.TryPeek(out var request) && (batch.Count == 0 || request.Kind == batch[0].Kind) && names.Add(request.Lease))
                batch.Add(_waiting.Dequeue());
            return true;
        }
    }

    private void Acquire(List<Request> batch)
    {
        var owners = batch.ConvertAll(request => _session.OwnerOf(request.Lease!.Settings.LeaseName));
        // Each owner is put out once, however many of its leases are wanted.
        var free = owners.OfType<(long Uid, LeaseState State)>().Distinct().ToDictionary(owner => owner.Uid, IsOut);
        var wanted = new List<(string Name, long? Owner)>();
        var at = new List<int>();
        var taken = new bool[batch.Count];
        for (var i = 0; i < batch.Count; i++)
        {
            taken[i] = owners[i]?.Uid == _node.Node.Uid;
            if (taken[i] || (owners[i] is { } owner && !free[owner.Uid])) continue;
            wanted.Add((batch[i].Lease!.Settings.LeaseName, owners[i]?.Uid));
            at.Add(i);
        }
        if (wanted.Count > 0)
        {
            var had = _session.Take(wanted, _node.Node.Uid, _settings.WriterUuid);
            for (var i = 0; i < had.Length; i++) taken[at[i]] = had[i];
        }
        for (var i = 0; i < batch.Count; i++) batch[i].Done.TrySetResult(taken[i] && Hold(batch[i].Lease!));
    }

    /// <summary>Whether the owner is out, having been put out if it may be.</summary>
    private bool IsOut((long Uid, LeaseState State) owner)
    {
        if (owner.State == LeaseState.Out) return true;
        var verdict = _node.MayTakeFrom(owner.Uid);
        return verdict.MayPutOut && _node.RowOf(owner.Uid) is { } row && new PutOut(_session, _settings.Database, _settings.Log).Peer(row, verdict, _node.Node.Uid, _settings.Times.Lease);
    }

    /// <summary>What was taken counts only if this node's own lease holds still.</summary>
    private bool Hold(SqlLease lease)
    {
        lock (_gate)
        {
            if (!_node.Holds) return false;
            _held.Add(lease);
        }
        lease.Held = true;
        return true;
    }

    private void Release(List<Request> batch)
    {
        foreach (var request in batch)
        {
            request.Lease!.Held = false;
            lock (_gate) _held.Remove(request.Lease);
        }
        _session.Release([.. batch.Select(request => request.Lease!.Settings.LeaseName)], _node.Node.Uid);
        foreach (var request in batch) request.Done.TrySetResult(true);
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

    private sealed class Request(Kind kind, SqlLease? lease)
    {
        public Kind Kind { get; } = kind;

        public SqlLease? Lease { get; } = lease;

        public TaskCompletionSource<bool> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
