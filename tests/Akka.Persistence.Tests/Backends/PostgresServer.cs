using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Npgsql;

namespace Akka.Persistence.Tests;

/// <summary>
/// A PostgreSQL server of the tests' own, from Debian's postgresql-15: a temporary directory, loopback, a free port. It ends
/// with this process, however that ends: a shell waits for the end of its standard input.
/// </summary>
public sealed class PostgresServer : IDisposable
{
    private const string Programs = "/usr/lib/postgresql/15/bin";

    private static int _schemas;

    private readonly Process? _process;
    private readonly string _connectionString = string.Empty;

    public PostgresServer()
    {
        if (ReasonToSkip is not null) return;
        if (Missing is { } missing) throw new InvalidOperationException(missing);
        var port = FreePort();
        var directory = $"/tmp/actors-tests-pg-{Environment.ProcessId}-{port}";
        var script = $"""
            set -e
            {Programs}/initdb -D {directory} -A trust -U postgres -E UTF8 --locale=C --no-sync >&2
            {Programs}/postgres -D {directory} -p {port} -k {directory} -h 127.0.0.1 -c fsync=off -c synchronous_commit=off -c max_connections=200 >&2 &
            cat > /dev/null
            kill -QUIT $! || true
            wait || true
            rm -rf {directory}
            """;
        // PostgreSQL refuses to run as root.
        var start = Environment.UserName == "root"
            ? new ProcessStartInfo("su", ["postgres", "-s", "/bin/sh", "-c", script])
            : new ProcessStartInfo("/bin/sh", ["-c", script]);
        start.WorkingDirectory = "/";
        start.RedirectStandardInput = start.RedirectStandardError = start.RedirectStandardOutput = true;
        _process = Process.Start(start)!;
        var said = new System.Text.StringBuilder();
        _process.ErrorDataReceived += (_, line) => said.AppendLine(line.Data);
        _process.BeginErrorReadLine();
        _process.BeginOutputReadLine();
        _connectionString = $"Host=127.0.0.1;Port={port.ToString(CultureInfo.InvariantCulture)};Username=postgres;Database=postgres;Maximum Pool Size=20";
        AwaitReady(said);
    }

    /// <summary>Null when the specifications are to run.</summary>
    public static string? ReasonToSkip => Environment.GetEnvironmentVariable("CI") == "true" ? null : Missing;

    private static string? Missing => File.Exists($"{Programs}/initdb") ? null : $"PostgreSQL 15 is not installed ({Programs}/initdb)";

    /// <summary>A connection string whose tables are nobody else's.</summary>
    public string NewSchema()
    {
        var schema = $"spec{Interlocked.Increment(ref _schemas)}";
        using var connection = new NpgsqlConnection(_connectionString);
        connection.Open();
        using var create = new NpgsqlCommand($"CREATE SCHEMA {schema}", connection);
        create.ExecuteNonQuery();
        return $"{_connectionString};Search Path={schema}";
    }

    public void Dispose()
    {
        if (_process is null) return;
        NpgsqlConnection.ClearAllPools();
        _process.StandardInput.Close();
        if (!_process.WaitForExit(10_000)) _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    private void AwaitReady(System.Text.StringBuilder said)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); ; Thread.Sleep(50))
        {
            try
            {
                using var connection = new NpgsqlConnection(_connectionString);
                connection.Open();
                return;
            }
            catch (NpgsqlException) when (DateTime.UtcNow < deadline && !_process!.HasExited)
            {
            }
            catch (NpgsqlException e)
            {
                throw new InvalidOperationException($"PostgreSQL did not start: {said}", e);
            }
        }
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
