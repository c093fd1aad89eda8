using Actors.Machines;
using Akka.Actor;
using Akka.Persistence.Query;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Actors.Broker.Partitions;

/// <summary>Reads batches that memory does not hold any more, by range of sequence numbers, off every actor's thread.</summary>
internal sealed class JournalReader(ActorSystem system, string pluginId)
{
    private readonly ICurrentEventsByPersistenceIdQuery _events = PersistenceQuery.Get(system).ReadJournalFor<ICurrentEventsByPersistenceIdQuery>(pluginId);
    private readonly IMaterializer _materializer = system.Materializer();

    /// <summary>
    /// The batches of the range that end at or above the offset, up to so many bytes but at least one. Reads no further than <paramref name="likely"/>, unless nothing
    /// is found until there.
    /// </summary>
    public async Task<IReadOnlyList<StoredBatch>> ReadAsync(string persistenceId, JournalRange range, long likely, long offset, int maxBytes)
    {
        var batches = await ReadAsync(persistenceId, range.FromSequenceNr, likely, offset, maxBytes);
        return batches.Count == 0 && likely < range.ToSequenceNr ? await ReadAsync(persistenceId, likely + 1, range.ToSequenceNr, offset, maxBytes) : batches;
    }

    private async Task<IReadOnlyList<StoredBatch>> ReadAsync(string persistenceId, long from, long to, long offset, int maxBytes)
    {
        var bytes = 0L;
        return await _events.CurrentEventsByPersistenceId(persistenceId, from, to)
            .Where(envelope => envelope.Event is BatchAppended appended && appended.Header.LastOffset >= offset)
            .Select(envelope => new StoredBatch(envelope.SequenceNr, (BatchAppended)envelope.Event))
            .TakeWhile(batch =>
            {
                var fits = bytes == 0 || bytes + batch.Bytes.Length <= maxBytes;
                bytes += batch.Bytes.Length;
                return fits;
            })
            .RunWith(Sink.Seq<StoredBatch>(), _materializer);
    }
}
