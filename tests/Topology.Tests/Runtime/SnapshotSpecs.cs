using Actors.Client;
using Actors.Topology.Runtime;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Topology.Tests.Runtime;

public sealed class SnapshotSpecs : IDisposable
{
    private static readonly TopicPartition ChangeLog = new("t-f-0-changelog", 2);

    private readonly string _directory = Directory.CreateTempSubdirectory("actors-snapshots-").FullName;
    private readonly Guid _topicId = Guid.NewGuid();
    private readonly TopologyRuntimeSettings _settings;

    public SnapshotSpecs() => _settings = new TopologyRuntimeSettings { NodeId = 1, SnapshotDirectory = _directory, SnapshotBytes = 1000 };

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private StoreSnapshot Open(Guid? topicId = null) => new(_settings, _directory, ChangeLog, topicId ?? _topicId);

    private static TaskStore NewStore() => new(new StoreDescription("s", ChangeLog.Topic, Windowed: false));

    private static byte[] Bytes(int key) => BitConverter.GetBytes(key);

    private static void Put(TaskStore store, StoreSnapshot snapshot, int key, byte[] state, long timestamp = 5)
    {
        store.Restore(Bytes(key), state, false, timestamp);
        snapshot.Changed(Bytes(key), state.Length);
    }

    private static void Remove(TaskStore store, StoreSnapshot snapshot, int key)
    {
        store.Restore(Bytes(key), [], true, 0);
        snapshot.Changed(Bytes(key), 0);
    }

    private async Task<(TaskStore Store, long? Offset)> Load(long logStart = 0, long logEnd = 1000, Guid? topicId = null)
    {
        var store = NewStore();
        var offset = await Open(topicId).LoadAsync(store, (_, key, state, tombstone, timestamp) => store.Restore(key, state, tombstone, timestamp), logStart, logEnd, default);
        return (store, offset);
    }

    private static Dictionary<int, (string, long)> Content(TaskStore store) =>
        store.Rows().ToDictionary(r => BitConverter.ToInt32(r.Key), r => (Convert.ToHexString(r.State), r.Timestamp));

    [Fact]
    public async Task A_snapshot_gives_the_rows_back_with_its_offset()
    {
        var (store, snapshot) = (NewStore(), Open());
        for (var i = 0; i < 100; i++) Put(store, snapshot, i, Bytes(i * 7), i);
        await snapshot.TakeAsync(store, 100, default);
        var (loaded, offset) = await Load();
        Assert.Equal(100, offset);
        Assert.Equal(Content(store), Content(loaded));
    }

    [Fact]
    public async Task Later_snapshots_add_only_what_changed_and_deletions_stay_deleted()
    {
        var (store, snapshot) = (NewStore(), Open());
        for (var i = 0; i < 1000; i++) Put(store, snapshot, i, new byte[100]);
        await snapshot.TakeAsync(store, 1000, default);
        var before = Directory.GetFiles(_directory, "*.chunk").Sum(f => new FileInfo(f).Length);
        Put(store, snapshot, 3, Bytes(33));
        Put(store, snapshot, 5000, Bytes(1));
        Remove(store, snapshot, 4);
        await snapshot.TakeAsync(store, 1003, default);
        var added = Directory.GetFiles(_directory, "*.chunk").Sum(f => new FileInfo(f).Length) - before;
        Assert.InRange(added, 1, 200);
        var (loaded, offset) = await Load(logEnd: 2000);
        Assert.Equal(1003, offset);
        Assert.Equal(Content(store), Content(loaded));
    }

    [Fact]
    public async Task However_often_it_is_taken_the_rows_are_right_and_the_pieces_bounded()
    {
        var random = new Random(11);
        var (store, snapshot) = (NewStore(), Open());
        for (var round = 0; round < 200; round++)
        {
            for (var i = 0; i < 5; i++)
                if (random.Next(4) == 0) Remove(store, snapshot, random.Next(50));
                else Put(store, snapshot, random.Next(50), new byte[random.Next(40)], round);
            await snapshot.TakeAsync(store, round, default);
            // A snapshot that is opened again goes on where the last one was.
            if (round % 50 == 49) Assert.Equal(Content(store), Content((await Load()).Store));
        }
        Assert.InRange(Directory.GetFiles(_directory, "*.chunk").Length, 1, 65);
    }

    [Fact]
    public async Task Chunks_are_at_most_4_MiB()
    {
        var (store, snapshot) = (NewStore(), Open());
        for (var i = 0; i < 3000; i++) Put(store, snapshot, i, new byte[4000]);
        await snapshot.TakeAsync(store, 3000, default);
        var chunks = Directory.GetFiles(_directory, "*.chunk");
        Assert.Equal(3, chunks.Length);
        Assert.All(chunks, c => Assert.InRange(new FileInfo(c).Length, 1, 4 << 20));
        Assert.Equal(3000, (await Load(logEnd: 5000)).Store.Count);
    }

    [Fact]
    public async Task A_damaged_missing_or_foreign_snapshot_is_none()
    {
        Assert.Null((await Load()).Offset);
        var (store, snapshot) = (NewStore(), Open());
        Put(store, snapshot, 1, Bytes(1));
        await snapshot.TakeAsync(store, 10, default);
        Assert.Equal(10, (await Load()).Offset);
        Assert.Null((await Load(topicId: Guid.NewGuid())).Offset);
        Assert.Null((await Load(logEnd: 9)).Offset);
        Assert.Null((await Load(logStart: 11)).Offset);
        var chunk = Directory.GetFiles(_directory, "*.chunk").Single();
        var bytes = File.ReadAllBytes(chunk);
        bytes[^1] ^= 1;
        File.WriteAllBytes(chunk, bytes);
        var (empty, offset) = await Load();
        Assert.Null(offset);
        Assert.Equal(0, empty.Count);
        File.WriteAllText(Path.Combine(_directory, "manifest.json"), "{");
        Assert.Null((await Load()).Offset);
    }

    [Theory]
    // snapshots before, and changes of a row of 64 KiB: after 200 the next snapshot is written as a whole
    [InlineData(0, 0)]
    [InlineData(1, 0)]
    [InlineData(1, 200)]
    public async Task One_that_cannot_be_written_is_due_again_after_an_interval_only_and_then_has_all_changes(int before, int changes)
    {
        using var system = ActorSystem.Create("clock", "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"");
        var clock = (TestScheduler)system.Scheduler;
        var settings = _settings with { Time = new SchedulersTime(clock) };
        var (store, snapshot) = (NewStore(), new StoreSnapshot(settings, _directory, ChangeLog, _topicId));
        for (var taken = 0; taken < before; taken++)
        {
            Put(store, snapshot, 100, new byte[10_000]);
            await snapshot.TakeAsync(store, 5, default);
        }
        for (var i = 0; i < 20; i++) Put(store, snapshot, i, new byte[100]);
        for (var i = 0; i < changes; i++) Put(store, snapshot, 0, new byte[64 << 10]);
        // A file cannot be made where a directory of its name is.
        var inTheWay = new[] { "00000000.chunk", "00000001.chunk" }.Select(name => Path.Combine(_directory, name)).Where(path => !File.Exists(path)).ToList();
        foreach (var path in inTheWay) Directory.CreateDirectory(path);
        await Assert.ThrowsAsync<UnauthorizedAccessException>(async () => await snapshot.TakeAsync(store, 30, default));
        snapshot.Postpone();
        Put(store, snapshot, 20, new byte[2000]);
        Assert.False(snapshot.IsDue);
        clock.Advance(settings.SnapshotInterval);
        Assert.True(snapshot.IsDue);
        foreach (var path in inTheWay) Directory.Delete(path);
        await snapshot.TakeAsync(store, 31, default);
        var (loaded, offset) = await Load();
        Assert.Equal(31, offset);
        Assert.Equal(Content(store), Content(loaded));
        Put(store, snapshot, 21, new byte[2000]);
        Assert.True(snapshot.IsDue);
    }

    [Fact]
    public void A_snapshot_is_due_when_enough_has_changed()
    {
        var (store, snapshot) = (NewStore(), Open());
        Assert.False(snapshot.IsDue);
        Put(store, snapshot, 1, new byte[10]);
        Assert.True(snapshot.HasChanges);
        Assert.False(snapshot.IsDue);
        Put(store, snapshot, 2, new byte[1000]);
        Assert.True(snapshot.IsDue);
    }
}
