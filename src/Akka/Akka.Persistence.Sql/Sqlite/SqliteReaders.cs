using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>Reads beside the writer: a few threads, each with a connection of its own, started when first needed.</summary>
internal sealed class SqliteReaders(string file, Synchronous synchronous) : IDisposable
{
    private static readonly int Threads = Math.Clamp(Environment.ProcessorCount, 2, 4);

    // Monitor waits without spinning first, as a blocking collection would.
    private readonly object _gate = new();
    private readonly Queue<Action<SqliteReadSession>> _requests = new();
    private readonly List<Thread> _threads = [];
    private int _busy;
    private bool _closing;

    /// <summary>Runs a read; the task ends on the reading thread.</summary>
    public Task<T> Run<T>(Func<SqliteReadSession, T> read)
    {
        var done = new TaskCompletionSource<T>();
        Add(session =>
        {
            T result;
            try
            {
                result = read(session);
            }
            catch (Exception e)
            {
                Finished();
                done.TrySetException(e);
                return;
            }
            Finished();
            done.TrySetResult(result);
        });
        return done.Task;
    }

    /// <summary>Ends the threads once they have read what was asked before.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closing = true;
            Monitor.PulseAll(_gate);
        }
        foreach (var thread in _threads) thread.Join();
    }

    private void Add(Action<SqliteReadSession> request)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closing, this);
            _requests.Enqueue(request);
            if (++_busy > _threads.Count && _threads.Count < Threads)
            {
                var thread = new Thread(Serve) { IsBackground = true, Name = $"journal reader {_threads.Count + 1}" };
                _threads.Add(thread);
                thread.Start();
            }
            Monitor.Pulse(_gate);
        }
    }

    private void Finished()
    {
        lock (_gate) _busy--;
    }

    private void Serve()
    {
        using var session = new SqliteReadSession(file, synchronous);
        while (Next() is { } request) request(session);
    }

    private Action<SqliteReadSession>? Next()
    {
        lock (_gate)
        {
            while (_requests.Count == 0)
            {
                if (_closing) return null;
                Monitor.Wait(_gate);
            }
            return _requests.Dequeue();
        }
    }
}
