using System.Diagnostics;
using Microsoft.Data.Sqlite;
using SQLitePCL;
using Xunit;

namespace Actors.Ownership.Tests;

/// <summary>The fence in a file that other processes write all the time.</summary>
public sealed class SqliteFenceSpec : IDisposable
{
    private readonly SqliteStorage _storage = new();

    public void Dispose() => _storage.Dispose();

    [Fact]
    public async Task A_fence_finds_its_moment_between_the_transactions_of_others()
    {
        await using var node = await TestNode.StartAsync(_storage.Database, 1);
        using var stop = new CancellationTokenSource();
        var writers = Enumerable.Range(0, 2).Select(writer => Task.Run(() => Write(writer, stop.Token))).ToArray();
        await Task.Delay(300);
        var times = new List<TimeSpan>();
        for (var n = 0; n < 5; n++)
        {
            var started = Stopwatch.GetTimestamp();
            await new Fence(_storage.Database).AddAsync([$"former{n}"]);
            times.Add(Stopwatch.GetElapsedTime(started));
        }
        await stop.CancelAsync();
        Assert.All(await Task.WhenAll(writers), written => Assert.True(written > 10, $"a writer came to {written} transactions"));
        Assert.True(times.Order().ElementAt(2) < TimeSpan.FromSeconds(3), string.Join(", ", times));
    }

    /// <summary>As the journal's writer does: one transaction after the other, without a pause.</summary>
    private int Write(int writer, CancellationToken stop)
    {
        using var connection = new SqliteConnection(_storage.Database.ConnectionString + ";Pooling=false");
        connection.Open();
        raw.sqlite3_busy_timeout(connection.Handle, 5_000);
        raw.sqlite3_exec(connection.Handle, "PRAGMA synchronous = NORMAL");
        var written = 0;
        for (; !stop.IsCancellationRequested; written++)
        {
            var code = raw.sqlite3_exec(connection.Handle, "BEGIN IMMEDIATE");
            if (code != raw.SQLITE_OK) continue;
            for (var row = 0; row < 8; row++)
                Check(raw.sqlite3_exec(connection.Handle, "INSERT INTO journal (created, deleted, persistence_id, sequence_number, identifier, manifest, writer_uuid, message) "
                    + $"VALUES (0, FALSE, 'w{writer}', {(written * 8) + row}, 4, '', 'w{writer}', zeroblob(32768))"), connection);
            Check(raw.sqlite3_exec(connection.Handle, "COMMIT"), connection);
        }
        return written;
    }

    private static void Check(int code, SqliteConnection connection) => SqliteException.ThrowExceptionForRC(code, connection.Handle);
}
