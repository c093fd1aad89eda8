namespace Akka.Persistence.Snapshot;

/// <summary>One snapshot in a <see cref="MemorySnapshotStore"/>; the timestamp is in .NET ticks, UTC.</summary>
public sealed class SnapshotEntry
{
    public string Id { get; set; } = string.Empty;

    public string PersistenceId { get; set; } = string.Empty;

    public long SequenceNr { get; set; }

    public long Timestamp { get; set; }

    public object Snapshot { get; set; } = null!;

    internal SnapshotMetadata Metadata => new(PersistenceId, SequenceNr, new DateTime(Timestamp, DateTimeKind.Utc));
}

/// <summary>A snapshot store in memory, as long-lived as its actor system.</summary>
public class MemorySnapshotStore : SnapshotStore
{
    protected virtual List<SnapshotEntry> Snapshots { get; } = [];

    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        var latest = Matching(persistenceId, criteria).MaxBy(entry => entry.SequenceNr);
        return Task.FromResult(latest is null ? null : new SelectedSnapshot(latest.Metadata, latest.Snapshot));
    }

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        var id = $"{metadata.PersistenceId}_{metadata.SequenceNr}";
        Snapshots.RemoveAll(entry => entry.Id == id);
        Snapshots.Add(new SnapshotEntry { Id = id, PersistenceId = metadata.PersistenceId, SequenceNr = metadata.SequenceNr, Timestamp = metadata.Timestamp.Ticks, Snapshot = snapshot });
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(SnapshotMetadata metadata)
    {
        Snapshots.RemoveAll(entry => entry.PersistenceId == metadata.PersistenceId && entry.SequenceNr == metadata.SequenceNr
            && (metadata.Timestamp == DateTime.MinValue || entry.Timestamp == metadata.Timestamp.Ticks));
        return Task.CompletedTask;
    }

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        foreach (var entry in Matching(persistenceId, criteria).ToArray()) Snapshots.Remove(entry);
        return Task.CompletedTask;
    }

    private IEnumerable<SnapshotEntry> Matching(string persistenceId, SnapshotSelectionCriteria criteria) =>
        Snapshots.Where(entry => entry.PersistenceId == persistenceId && criteria.IsMatch(entry.Metadata));
}

/// <summary>Stands where no snapshot store is configured: it has no snapshots and refuses to save any.</summary>
public sealed class NoSnapshotStore : SnapshotStore
{
    protected override Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria) => Task.FromResult<SelectedSnapshot?>(null);

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot) => Task.FromException(new NoSnapshotStoreException("No snapshot store configured."));

    protected override Task DeleteAsync(SnapshotMetadata metadata) => Task.FromException(new NoSnapshotStoreException("No snapshot store configured."));

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria) => Task.FromException(new NoSnapshotStoreException("No snapshot store configured."));

    /// <summary>No snapshot store is configured.</summary>
    public sealed class NoSnapshotStoreException(string message) : Exception(message);
}
