using Actors.Machines;
using Akka;
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
    /// The batches of the plan from the one with the offset on, up to so many bytes but at least one. Looks first where the plan guesses, and reads no further than is likely,
    /// unless nothing is found until there.
    /// </summary>
    public async Task<IReadOnlyList<StoredBatch>> ReadAsync(string persistenceId, FetchPlan plan, long offset, int maxBytes)
    {
        var (range, guess, likely) = (plan.Range!.Value, plan.GuessedSequenceNr, plan.LikelySequenceNr);
        var (batches, tooFar) = await ReadAsync(persistenceId, guess, likely, offset, maxBytes, mayBeTooFar: guess > range.FromSequenceNr);
        // Nothing at all says nothing: what stands there may be no batch.
        if (tooFar || (batches.Count == 0 && guess > range.FromSequenceNr))
            (batches, _) = await ReadAsync(persistenceId, range.FromSequenceNr, likely, offset, maxBytes, mayBeTooFar: false);
        if (batches.Count == 0 && likely < range.ToSequenceNr)
            (batches, _) = await ReadAsync(persistenceId, likely + 1, range.ToSequenceNr, offset, maxBytes, mayBeTooFar: false);
        return batches;
    }

    /// <summary>Shows the batches of the range that end at or above the offset, one after the other and keeping none, until one is the last wanted.</summary>
    /// <returns>Whether one was.</returns>
    public async Task<bool> ScanAsync(string persistenceId, JournalRange range, long offset, Func<ReadOnlyMemory<byte>, bool> isLast)
    {
        var found = false;
        await Batches(persistenceId, range.FromSequenceNr, range.ToSequenceNr, offset)
            .TakeWhile(batch => !(found = isLast(batch.Bytes)))
            .RunWith(Sink.Ignore<StoredBatch>(), _materializer);
        return found;
    }

    /// <summary>Too far: the offset stands before <paramref name="from"/>.</summary>
    private async Task<(IReadOnlyList<StoredBatch> Batches, bool TooFar)> ReadAsync(string persistenceId, long from, long to, long offset, int maxBytes, bool mayBeTooFar)
    {
        var (bytes, tooFar) = (0L, false);
        var batches = await Batches(persistenceId, from, to, offset)
            .TakeWhile(batch =>
            {
                if (mayBeTooFar && bytes == 0 && batch.Event.Header.BaseOffset > offset)
                    return !(tooFar = true);
                var fits = bytes == 0 || bytes + batch.Bytes.Length <= maxBytes;
                bytes += batch.Bytes.Length;
                return fits;
            })
            .RunWith(Sink.Seq<StoredBatch>(), _materializer);
        return (batches, tooFar);
    }

    private Source<StoredBatch, NotUsed> Batches(string persistenceId, long from, long to, long offset) =>
        _events.CurrentEventsByPersistenceId(persistenceId, from, to)
            .Where(envelope => envelope.Event is BatchAppended appended && appended.Header.LastOffset >= offset)
            .Select(envelope => new StoredBatch(envelope.SequenceNr, (BatchAppended)envelope.Event));
}
