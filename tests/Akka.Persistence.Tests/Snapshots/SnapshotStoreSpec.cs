using Akka.Actor;
using Xunit;

namespace Akka.Persistence.Tests;

/// <summary>What every snapshot store does, by its protocol alone.</summary>
public abstract class SnapshotStoreSpec : IDisposable
{
    private const string Pid = "p-1";

    private readonly Backend _backend;
    private readonly ActorSystem _system;
    private readonly IActorRef _store;
    private readonly Probe _probe;

    protected SnapshotStoreSpec(Backend backend)
    {
        _backend = backend;
        _system = backend.System("snapshots");
        _store = Persistence.Instance.Apply(_system).SnapshotStoreFor(null);
        _probe = new Probe(_system);
    }

    [Spec]
    public void There_is_none_at_first()
    {
        Assert.Null(Load(SnapshotSelectionCriteria.Latest));
    }

    [Spec]
    public void The_latest_that_meets_the_criteria_is_found()
    {
        SaveThree();
        Assert.Equal(("s30", 30), Load(SnapshotSelectionCriteria.Latest));
        Assert.Equal(("s20", 20), Load(new SnapshotSelectionCriteria(29)));
        Assert.Equal(("s10", 10), Load(new SnapshotSelectionCriteria(10)));
        Assert.Null(Load(new SnapshotSelectionCriteria(9)));
        Assert.Null(Load(new SnapshotSelectionCriteria(29, DateTime.MaxValue, minSequenceNr: 21)));
        Assert.Null(Load(SnapshotSelectionCriteria.None));
        Assert.Equal(("s20", 20), Load(SnapshotSelectionCriteria.Latest, to: 25));
    }

    [Spec]
    public void Times_bound_it_too()
    {
        var saved = Save(10, "s10");
        Assert.Equal(("s10", 10), Load(new SnapshotSelectionCriteria(long.MaxValue, saved.Timestamp)));
        Assert.Null(Load(new SnapshotSelectionCriteria(long.MaxValue, saved.Timestamp.AddTicks(-1))));
        Assert.Null(Load(new SnapshotSelectionCriteria(long.MaxValue, DateTime.MaxValue, 0, saved.Timestamp.AddTicks(1))));
    }

    [Spec]
    public void One_with_the_same_number_is_replaced()
    {
        Save(10, "old");
        Save(10, "new");
        Assert.Equal(("new", 10), Load(SnapshotSelectionCriteria.Latest));
    }

    [Spec]
    public void One_is_deleted_and_the_others_stay()
    {
        SaveThree();
        _store.Tell(new DeleteSnapshot(new SnapshotMetadata(Pid, 30)), _probe.Ref);
        Assert.Equal(30, _probe.Expect<DeleteSnapshotSuccess>().Metadata.SequenceNr);
        Assert.Equal(("s20", 20), Load(SnapshotSelectionCriteria.Latest));
    }

    [Spec]
    public void A_range_is_deleted_and_other_ids_keep_theirs()
    {
        SaveThree();
        Save(10, "theirs", "p-2");
        _store.Tell(new DeleteSnapshots(Pid, new SnapshotSelectionCriteria(20)), _probe.Ref);
        Assert.Equal(new SnapshotSelectionCriteria(20), _probe.Expect<DeleteSnapshotsSuccess>().Criteria);
        Assert.Null(Load(new SnapshotSelectionCriteria(20)));
        Assert.Equal(("s30", 30), Load(SnapshotSelectionCriteria.Latest));
        Assert.Equal(("theirs", 10), Load(SnapshotSelectionCriteria.Latest, pid: "p-2"));
    }

    [Spec]
    public void Large_ones_come_back_whole()
    {
        byte[] bytes = [.. Enumerable.Range(0, 1 << 20).Select(i => (byte)(i * 7))];
        _store.Tell(new SaveSnapshot(new SnapshotMetadata(Pid, 1), new Blob(bytes, "large")), _probe.Ref);
        _probe.Expect<SaveSnapshotSuccess>();
        _store.Tell(new LoadSnapshot(Pid, SnapshotSelectionCriteria.Latest, long.MaxValue), _probe.Ref);
        Assert.True(bytes.AsSpan().SequenceEqual(((Blob)_probe.Expect<LoadSnapshotResult>().Snapshot!.Snapshot).Bytes));
    }

    public void Dispose()
    {
        _system.Terminate().Wait(TimeSpan.FromSeconds(10));
        _backend.Dispose();
        GC.SuppressFinalize(this);
    }

    private void SaveThree()
    {
        foreach (var number in (int[])[10, 20, 30]) Save(number, $"s{number}");
    }

    private SnapshotMetadata Save(long number, string note, string pid = Pid)
    {
        _store.Tell(new SaveSnapshot(new SnapshotMetadata(pid, number), Blob.Of(note)), _probe.Ref);
        var metadata = _probe.Expect<SaveSnapshotSuccess>().Metadata;
        Assert.Equal((pid, number), (metadata.PersistenceId, metadata.SequenceNr));
        Assert.True(DateTime.UtcNow - metadata.Timestamp < TimeSpan.FromMinutes(1), $"saved at {metadata.Timestamp}");
        return metadata;
    }

    private (string Note, long Number)? Load(SnapshotSelectionCriteria criteria, long to = long.MaxValue, string pid = Pid)
    {
        _store.Tell(new LoadSnapshot(pid, criteria, to), _probe.Ref);
        var result = _probe.Expect<LoadSnapshotResult>();
        Assert.Equal(to, result.ToSequenceNr);
        return result.Snapshot is { } found ? (((Blob)found.Snapshot).Note, found.Metadata.SequenceNr) : null;
    }
}

public sealed class MemorySnapshotStoreSpec() : SnapshotStoreSpec(new MemoryBackend());

public sealed class SqliteSnapshotStoreSpec() : SnapshotStoreSpec(new SqliteBackend());

[Collection("PostgreSQL")]
public sealed class PostgresSnapshotStoreSpec(PostgresServer server) : SnapshotStoreSpec(new PostgresBackend(server)), IPostgresSpec;
