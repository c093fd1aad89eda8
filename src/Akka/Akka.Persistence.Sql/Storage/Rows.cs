namespace Akka.Persistence.Sql.Storage;

/// <summary>An event on its way in.</summary>
internal readonly record struct EventRow(long SequenceNumber, byte[] Message, string Manifest, int Identifier);

/// <summary>An event on its way out; Created is in .NET ticks, UTC.</summary>
internal readonly record struct StoredEvent(long Ordering, long SequenceNumber, long Created, int Identifier, string Manifest, string WriterUuid, byte[] Message);

/// <summary>A snapshot; Created is in .NET ticks, UTC.</summary>
internal sealed record SnapshotRow(string PersistenceId, long SequenceNumber, long Created, string Manifest, int SerializerId, byte[] Snapshot);

/// <summary>Snapshots of one persistence id; all bounds are inclusive, times in .NET ticks, UTC.</summary>
internal readonly record struct SnapshotRange(string PersistenceId, long MinSequenceNumber, long MaxSequenceNumber, long MinCreated, long MaxCreated);

/// <summary>Events of one persistence id, both ends inclusive, and how many rows and bytes one read may fetch; it always fetches one row.</summary>
internal readonly record struct EventRange(string PersistenceId, long From, long To, long MaxRows, long MaxBytes);
