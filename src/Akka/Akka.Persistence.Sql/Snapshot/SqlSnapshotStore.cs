using Akka.Configuration;
using Akka.Persistence.Snapshot;
using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Snapshot;

/// <summary>Snapshots in SQLite or PostgreSQL, written by the same thread and in the same transactions as the journal's events.</summary>
public sealed class SqlSnapshotStore : SnapshotStore
{
    private readonly PayloadCodec _codec;
    private readonly SqlStore _store;

    public SqlSnapshotStore(Config snapshotConfig)
    {
        _store = SqlPersistence.Get(Context.System).StoreFor(snapshotConfig);
        _codec = new PayloadCodec(Context.System);
    }

    protected override async Task<SelectedSnapshot?> LoadAsync(string persistenceId, SnapshotSelectionCriteria criteria)
    {
        var row = await _store.LoadSnapshot(RangeOf(persistenceId, criteria)).ConfigureAwait(false);
        return row is null
            ? null
            : new SelectedSnapshot(
                new SnapshotMetadata(persistenceId, row.SequenceNumber, new DateTime(row.Created, DateTimeKind.Utc)),
                _codec.Decode(row.Snapshot, row.SerializerId, row.Manifest));
    }

    protected override Task SaveAsync(SnapshotMetadata metadata, object snapshot)
    {
        var (bytes, manifest, identifier) = _codec.Encode(snapshot);
        return _store.Write(new SaveSnapshotRow(new SnapshotRow(metadata.PersistenceId, metadata.SequenceNr, metadata.Timestamp.Ticks, manifest, identifier, bytes)));
    }

    protected override Task DeleteAsync(SnapshotMetadata metadata)
    {
        var (from, to) = metadata.Timestamp == DateTime.MinValue ? (0, long.MaxValue) : (metadata.Timestamp.Ticks, metadata.Timestamp.Ticks);
        return _store.Write(new DeleteSnapshotRows(new SnapshotRange(metadata.PersistenceId, metadata.SequenceNr, metadata.SequenceNr, from, to)));
    }

    protected override Task DeleteAsync(string persistenceId, SnapshotSelectionCriteria criteria) =>
        _store.Write(new DeleteSnapshotRows(RangeOf(persistenceId, criteria)));

    private static SnapshotRange RangeOf(string persistenceId, SnapshotSelectionCriteria criteria) =>
        new(persistenceId, criteria.MinSequenceNr, criteria.MaxSequenceNr, (criteria.MinTimestamp ?? DateTime.MinValue).Ticks, criteria.MaxTimeStamp.Ticks);
}
