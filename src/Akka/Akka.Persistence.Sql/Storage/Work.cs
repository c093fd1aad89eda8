namespace Akka.Persistence.Sql.Storage;

/// <summary>Something for the writer to store, whole or not at all. Its task ends on the writer's thread.</summary>
internal abstract class Work(string persistenceId, long bytes)
{
    private readonly TaskCompletionSource _done = new();

    public string PersistenceId { get; } = persistenceId;

    /// <summary>About how much of a transaction it takes up.</summary>
    public long Bytes { get; } = bytes;

    public Task Done => _done.Task;

    public void Succeed() => _done.TrySetResult();

    public void Fail(Exception cause) => _done.TrySetException(cause);
}

/// <summary>The events of one WriteMessages; Created is in .NET ticks, UTC.</summary>
internal sealed class AppendEvents(string persistenceId, string writerUuid, long created, EventRow[] rows)
    : Work(persistenceId, SizeOf(rows))
{
    private const int RowOverhead = 256;

    public string WriterUuid { get; } = writerUuid;

    public long Created { get; } = created;

    public EventRow[] Rows { get; } = rows;

    private static long SizeOf(EventRow[] rows)
    {
        var bytes = 0L;
        foreach (var row in rows) bytes += row.Message.Length + RowOverhead;
        return bytes;
    }
}

/// <summary>A snapshot to be stored.</summary>
internal sealed class SaveSnapshotRow(SnapshotRow row) : Work(row.PersistenceId, row.Snapshot.Length)
{
    public SnapshotRow Row { get; } = row;
}

/// <summary>Snapshots to be deleted.</summary>
internal sealed class DeleteSnapshotRows(SnapshotRange range) : Work(range.PersistenceId, 0)
{
    public SnapshotRange Range { get; } = range;
}

/// <summary>Events to be deleted, in slices of their own; the row with the highest number ever stays, marked.</summary>
internal sealed class DeleteEvents(string persistenceId, long to) : Work(persistenceId, 0)
{
    public long To { get; } = to;
}
