using System.Collections.Concurrent;
using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Sqlite;

/// <summary>Reads beside the writer: a few threads, each with a connection of its own, started when first needed.</summary>
internal sealed class SqliteReaders(string file, Synchronous synchronous) : IDisposable
{
    private static readonly int Threads = Math.Clamp(Environment.ProcessorCount, 2, 4);

    private readonly BlockingCollection<Action<SqliteReadSession>> _requests = [];
    private readonly List<Thread> _threads = [];
    private int _busy;

    /// <summary>Runs a read; the task ends on the reading thread.</summary>
    public Task<T> Run<T>(Func<SqliteReadSession, T> read)
    {
        var done = new TaskCompletionSource<T>();
        Interlocked.Increment(ref _busy);
        _requests.Add(session =>
        {
            T result;
            try
            {
                result = read(session);
            }
            catch (Exception e)
            {
                Interlocked.Decrement(ref _busy);
                done.TrySetException(e);
                return;
            }
            Interlocked.Decrement(ref _busy);
            done.TrySetResult(result);
        });
        StartIfAllBusy();
        return done.Task;
    }

    public void Dispose()
    {
        _requests.CompleteAdding();
        lock (_threads)
        {
            foreach (var thread in _threads) thread.Join();
        }
        _requests.Dispose();
    }

    private void StartIfAllBusy()
    {
        lock (_threads)
        {
            if (_threads.Count >= Math.Min(Threads, Volatile.Read(ref _busy))) return;
            var thread = new Thread(Serve) { IsBackground = true, Name = $"journal reader {_threads.Count + 1}" };
            _threads.Add(thread);
            thread.Start();
        }
    }

    private void Serve()
    {
        using var session = new SqliteReadSession(file, synchronous);
        foreach (var request in _requests.GetConsumingEnumerable()) request(session);
    }
}
