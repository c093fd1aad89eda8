namespace Akka.Persistence.Sql.Sqlite;

/// <summary>
/// Moves the log into the file on a thread and a connection of its own, so that the bulk of it never delays a commit. While
/// the writer goes on it cannot move all; what it leaves the writer moves between two commits, and the log starts over.
/// </summary>
internal sealed class SqliteCheckpointer : IDisposable
{
    private readonly string _file;
    private readonly Synchronous _synchronous;
    private readonly Action<Exception, string> _warn;
    private readonly AutoResetEvent _wake = new(false);
    private readonly ManualResetEventSlim _passDone = new(true);
    private readonly Thread _thread;
    private volatile bool _closing;

    public SqliteCheckpointer(string file, Synchronous synchronous, Action<Exception, string> warn)
    {
        _file = file;
        _synchronous = synchronous;
        _warn = warn;
        _thread = new Thread(Run) { IsBackground = true, Name = "journal checkpoints" };
        _thread.Start();
    }

    /// <summary>Whether the pass asked for last is over.</summary>
    public bool PassDone => _passDone.IsSet;

    public void Request()
    {
        _passDone.Reset();
        _wake.Set();
    }

    public void AwaitPass() => _passDone.Wait();

    public void Dispose()
    {
        _closing = true;
        _wake.Set();
        _thread.Join();
        _wake.Dispose();
        _passDone.Dispose();
    }

    private void Run()
    {
        SqliteDatabase? database = null;
        while (true)
        {
            _wake.WaitOne();
            if (_closing) break;
            try
            {
                database ??= SqliteDatabase.Open(_file, _synchronous);
                database.Checkpoint(Sqlite3.CheckpointPassive);
                // Where the writer went on meanwhile, SQLite leaves this to whoever moves the rest: the writer, which would wait for all of it.
                database.Sync();
            }
            catch (Exception e)
            {
                _warn(e, "A checkpoint failed; the log grows until one succeeds");
            }
            _passDone.Set();
        }
        database?.Dispose();
    }
}
