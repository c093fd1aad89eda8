using Akka.Actor;
using Akka.Persistence.Sql.Sqlite;
using Akka.Persistence.Sql.Storage;
using Xunit;

namespace Akka.Persistence.Tests;

public sealed class SqliteJournalSpec() : SqlJournalSpec(new SqliteBackend())
{
    private SqliteDatabase? _blocker;

    private SqliteBackend Files => (SqliteBackend)Backend;

    [Fact]
    public void The_file_is_laid_out_for_blobs_and_for_giving_space_back()
    {
        Store("p", Event("p", 1));
        using var database = SqliteDatabase.Open(Files.FileName, Synchronous.Normal);
        Assert.Equal(16384, database.ReadInt64("PRAGMA page_size"));
        Assert.Equal(2, database.ReadInt64("PRAGMA auto_vacuum"));
        Assert.Equal(0, database.ReadInt64("PRAGMA secure_delete"));
        Assert.Equal(0, database.ReadInt64("PRAGMA wal_autocheckpoint"));
        Assert.Equal(1, database.ReadInt64("PRAGMA synchronous"));
    }

    [Fact]
    public void Every_acknowledged_event_is_there_after_a_kill()
    {
        for (var n = 1; n <= 20; n++) Store("p", Event("p", n));
        var copy = Files.AsIfKilledNow();
        var survivor = copy.System("survivor");
        Assert.Equal(20, Replay(survivor, "p").Numbers.Count);
        survivor.Terminate().Wait();
        copy.Dispose();
    }

    [Fact]
    public void A_full_disk_fails_the_writes_it_hits_and_the_journal_lives_on()
    {
        Store("p", Event("p", 1));
        using var session = new SqliteWriteSession(Files.FileName, Settings(), (e, what) => Assert.Fail($"{what}: {e}"));
        session.Open();
        session.LimitPages(40);
        using var committer = new GroupCommitter(session, 4 << 20, 100, (e, what) => Assert.Fail($"{what}: {e}"));
        var large = new AppendEvents("q", "w", 1, [.. Enumerable.Range(1, 10).Select(n => new EventRow(n, new byte[200_000], "m", 9001))]);
        var small = new AppendEvents("r", "w", 1, [new EventRow(1, [1], "m", 9001)]);
        committer.Add(large);
        committer.RunOnce();
        committer.Add(small);
        committer.RunOnce();
        Assert.Contains("full", large.Done.Exception!.Message, StringComparison.Ordinal);
        Assert.True(small.Done.IsCompletedSuccessfully, $"{small.Done.Exception}");
        Assert.Equal(0, Replay("q").Highest);
        Assert.Equal([1], Replay("r").Numbers);
        Store("p", Event("p", 2));
    }

    [Fact]
    public void The_log_stays_small_under_a_steady_load()
    {
        for (var n = 1; n <= 40; n++) Store("p", [.. Enumerable.Range(0, 8).Select(i => Event("p", (n * 8) + i, new Blob(new byte[256 * 1024], "b")))]);
        Store("q", [.. Enumerable.Range(1, 8).Select(i => Event("q", i, new Blob(new byte[256 * 1024], "b")))]);
        var log = new FileInfo(Files.FileName + "-wal").Length;
        Assert.True(log < 140 << 20, $"the log has {log >> 20} MiB after 80 MiB of events");
        Delete("p", 1000);
        var deadline = DateTime.UtcNow.AddSeconds(10);
        // Reading goes on, from mapped pages, while the file shrinks.
        while (new FileInfo(Files.FileName).Length > 70 << 20 && DateTime.UtcNow < deadline) Assert.Equal(8, Replay("q").Numbers.Count);
        var size = new FileInfo(Files.FileName).Length;
        Assert.True(size <= 70 << 20, $"the file has {size >> 20} MiB after its events were deleted");
    }

    internal override WriteSession OpenSession() => new SqliteWriteSession(Files.FileName, Settings(), (e, what) => Assert.Fail($"{what}: {e}"));

    protected override IDisposable BlockWrites()
    {
        _blocker = SqliteDatabase.Open(Files.FileName, Synchronous.Normal);
        _blocker.Execute("BEGIN IMMEDIATE");
        return _blocker;
    }

    protected override void Unblock() => _blocker!.Execute("ROLLBACK");

    private StoreSettings Settings() => new(Files.ConnectionString, true, 4 << 20, 100, Synchronous.Normal);
}
