namespace Akka.Persistence.Query;

/// <summary>A stored event with its place. The timestamp is the journal's (the SQL journal: .NET ticks, UTC).</summary>
public sealed class EventEnvelope(Offset offset, string persistenceId, long sequenceNr, object @event, long timestamp, string[] tags)
{
    public EventEnvelope(Offset offset, string persistenceId, long sequenceNr, object @event, long timestamp)
        : this(offset, persistenceId, sequenceNr, @event, timestamp, [])
    {
    }

    public Offset Offset { get; } = offset;

    public string PersistenceId { get; } = persistenceId;

    public long SequenceNr { get; } = sequenceNr;

    public object Event { get; } = @event;

    public long Timestamp { get; } = timestamp;

    public string[] Tags { get; } = tags;

    public override string ToString() => $"EventEnvelope(persistenceId={PersistenceId}, sequenceNr={SequenceNr}, offset={Offset}, event={Event}, timestamp={Timestamp})";
}
