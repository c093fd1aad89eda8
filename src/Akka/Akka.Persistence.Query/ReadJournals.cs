using Akka.Streams.Dsl;

namespace Akka.Persistence.Query;

/// <summary>A journal to read from; what it can be asked stands in the interfaces below.</summary>
public interface IReadJournal;

/// <summary>Makes a read journal; named in the plugin's <c>class</c>, its constructor takes the system and the plugin's configuration.</summary>
public interface IReadJournalProvider
{
    IReadJournal GetReadJournal();
}

public interface ICurrentEventsByPersistenceIdQuery : IReadJournal
{
    /// <summary>The events stored by now of a range, both ends inclusive; then it completes.</summary>
    Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr);
}

public interface IEventsByPersistenceIdQuery : IReadJournal
{
    /// <summary>The events of a range, both ends inclusive, also those to come; it completes with the range's last.</summary>
    Source<EventEnvelope, NotUsed> EventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr);
}

public interface ICurrentPersistenceIdsQuery : IReadJournal
{
    /// <summary>The ids that have events by now; then it completes.</summary>
    Source<string, NotUsed> CurrentPersistenceIds();
}
