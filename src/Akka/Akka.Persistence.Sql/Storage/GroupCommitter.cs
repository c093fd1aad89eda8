using System.Diagnostics;

namespace Akka.Persistence.Sql.Storage;

/// <summary>
/// The journal's only writer: a thread that commits everything waiting, from all persistent actors, in one transaction of
/// bounded size. Works keep their order. When one of a group is to blame for a failure, the others are stored without it.
/// </summary>
internal sealed class GroupCommitter : IDisposable
{
    private static readonly TimeSpan IdleWait = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan UpkeepWait = TimeSpan.FromMilliseconds(5);

    private readonly object _gate = new();
    private readonly Queue<Work> _waiting = new();
    private readonly Queue<DeleteEvents> _deletions = new();
    private readonly List<Work> _group = [];
    private readonly WriteSession _session;
    private readonly long _maxBytes;
    private readonly int _maxWaiting;
    private readonly Action<Exception, string> _warn;
    private readonly TaskCompletionSource _opened = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Thread? _thread;
    private bool _closing;

    public GroupCommitter(WriteSession session, long maxBytes, int maxWaiting, Action<Exception, string> warn)
    {
        _session = session;
        _maxBytes = maxBytes;
        _maxWaiting = maxWaiting;
        _warn = warn;
    }

    /// <summary>Ends when the tables are there.</summary>
    public Task Opened => _opened.Task;

    public void Start()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "journal writer" };
        _thread.Start();
    }

    /// <summary>Queues a work; a full or closed queue fails it at once.</summary>
    public Task Add(Work work)
    {
        Exception? refusal = null;
        lock (_gate)
        {
            if (_closing) refusal = new ObjectDisposedException(nameof(GroupCommitter), "The journal is closed.");
            else if (_waiting.Count + _deletions.Count >= _maxWaiting) refusal = new InvalidOperationException($"Failed to enqueue a write: {_maxWaiting} wait already (buffer-size).");
            else
            {
                if (work is DeleteEvents deletion) _deletions.Enqueue(deletion);
                else _waiting.Enqueue(work);
                Monitor.Pulse(_gate);
            }
        }
        if (refusal is not null) work.Fail(refusal);
        return work.Done;
    }

    /// <summary>Commits one group and deletes one slice, if there is any; false when there was nothing to do.</summary>
    public bool RunOnce()
    {
        DeleteEvents? deletion;
        lock (_gate)
        {
            Take(_waiting, _group, _maxBytes);
            _deletions.TryPeek(out deletion);
        }
        if (_group.Count > 0) Commit();
        if (deletion is not null) Delete(deletion);
        return _group.Count > 0 || deletion is not null;
    }

    /// <summary>Moves what one transaction is to hold: the works at the front, up to the bound, though always one.</summary>
    internal static void Take(Queue<Work> waiting, List<Work> group, long maxBytes)
    {
        group.Clear();
        var bytes = 0L;
        while (waiting.TryPeek(out var next) && (group.Count == 0 || bytes + next.Bytes <= maxBytes))
        {
            bytes += next.Bytes;
            group.Add(waiting.Dequeue());
        }
    }

    /// <summary>Commits what waits, then closes.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_closing) return;
            _closing = true;
            Monitor.Pulse(_gate);
        }
        _thread?.Join();
        _opened.TrySetException(new ObjectDisposedException(nameof(GroupCommitter), "The journal is closed."));
        _ = _opened.Task.Exception;
    }

    private void Commit()
    {
        try
        {
            _session.Open();
            var startedAt = Stopwatch.GetTimestamp();
            _session.CommitTogether(_group);
            CommitMeter.Committed(_group, startedAt);
        }
        catch (Exception e) when (_group.Count > 1 && _session.BlamesOneWork(e))
        {
            CommitSeparately();
            return;
        }
        catch (Exception e)
        {
            foreach (var work in _group) work.Fail(e);
            return;
        }
        foreach (var work in _group) work.Succeed();
    }

    private void CommitSeparately()
    {
        var failures = new Exception?[_group.Count];
        try
        {
            var startedAt = Stopwatch.GetTimestamp();
            _session.CommitSeparately(_group, failures);
            CommitMeter.Committed(_group, startedAt);
        }
        catch (Exception e)
        {
            foreach (var work in _group) work.Fail(e);
            return;
        }
        for (var i = 0; i < failures.Length; i++)
        {
            if (failures[i] is { } failure) _group[i].Fail(failure);
            else _group[i].Succeed();
        }
    }

    private void Delete(DeleteEvents deletion)
    {
        Exception? failure = null;
        try
        {
            _session.Open();
            if (!_session.DeleteSlice(deletion)) return;
        }
        catch (Exception e)
        {
            failure = e;
        }
        lock (_gate) _deletions.Dequeue();
        if (failure is null) deletion.Succeed();
        else deletion.Fail(failure);
    }

    private void Run()
    {
        var moreUpkeep = false;
        while (true)
        {
            TryOpen();
            bool idle, closing;
            lock (_gate)
            {
                if (_waiting.Count + _deletions.Count == 0 && !_closing) Monitor.Wait(_gate, moreUpkeep ? UpkeepWait : IdleWait);
                idle = _waiting.Count + _deletions.Count == 0;
                closing = _closing;
            }
            if (idle && closing) break;
            if (!idle) RunOnce();
            moreUpkeep = Maintain(idle);
        }
        try
        {
            _session.Dispose();
        }
        catch (Exception e)
        {
            _warn(e, "The journal's connection did not close cleanly");
        }
    }

    private void TryOpen()
    {
        if (_opened.Task.IsCompleted) return;
        try
        {
            _session.Open();
            _opened.TrySetResult();
        }
        catch (Exception e)
        {
            _warn(e, "The journal's database cannot be opened; trying again");
        }
    }

    private bool Maintain(bool idle)
    {
        if (!_opened.Task.IsCompletedSuccessfully) return false;
        try
        {
            return _session.BetweenCommits(idle);
        }
        catch (Exception e)
        {
            _warn(e, "The journal's upkeep failed; it goes on");
            return false;
        }
    }
}
