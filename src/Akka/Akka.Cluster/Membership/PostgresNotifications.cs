#nullable enable
using Npgsql;

namespace Akka.Cluster.Membership;

/// <summary>
/// A thread that waits for the server to say that a status changed. It only makes changes seen sooner: without it each node
/// would see them at its next reading, so a lost connection is opened again in a second, and nobody is told.
/// </summary>
internal sealed class PostgresNotifications : IDisposable
{
    private const int WaitMilliseconds = 1_000;

    private readonly ManualResetEventSlim _stopped = new();
    private readonly string _connectionString;
    private readonly string _listen;
    private readonly string _systemName;
    private readonly Action _changed;

    public PostgresNotifications(string connectionString, string listen, string systemName, Action changed)
    {
        _connectionString = new NpgsqlConnectionStringBuilder(connectionString) { TcpKeepAlive = true, TcpKeepAliveTime = 5, TcpKeepAliveInterval = 1 }.ConnectionString;
        _listen = listen;
        _systemName = systemName;
        _changed = changed;
        new Thread(Run) { IsBackground = true, Name = "cluster notifications" }.Start();
    }

    /// <summary>Nothing is called back afterwards; the thread itself ends within a second, and nobody waits for it.</summary>
    public void Dispose() => _stopped.Set();

    private void Run()
    {
        while (!_stopped.IsSet)
        {
            try
            {
                using var connection = new NpgsqlConnection(_connectionString);
                connection.Notification += (_, notification) =>
                {
                    if (notification.Payload == _systemName && !_stopped.IsSet) _changed();
                };
                connection.Open();
                using (var listen = new NpgsqlCommand(_listen, connection)) listen.ExecuteNonQuery();
                // What changed while nobody listened.
                _changed();
                while (!_stopped.IsSet) connection.Wait(WaitMilliseconds);
            }
            catch (Exception e) when (MembershipTable.IsUnavailable(e) || e is InvalidOperationException)
            {
                _stopped.Wait(WaitMilliseconds);
            }
        }
    }
}
