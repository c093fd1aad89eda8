using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Journal;
using Akka.Persistence.Sql.Storage;

namespace Akka.Persistence.Sql.Journal;

/// <summary>
/// A journal in SQLite or PostgreSQL. What all persistent actors of the system write together is committed together, by one
/// thread; one WriteMessages is stored whole or not at all, and one actor's failure is not another's.
/// </summary>
public sealed class SqlWriteJournal : AsyncWriteJournal
{
    private readonly ConcurrentDictionary<string, Task> _inFlight = new();
    private readonly string _writerUuid = Guid.NewGuid().ToString("N");
    private readonly PayloadCodec _codec;
    private readonly SqlStore _store;
    private readonly int _replayRows;
    private readonly long _replayBytes;

    public SqlWriteJournal(Config journalConfig)
    {
        _store = SqlPersistence.Get(Context.System).StoreFor(journalConfig);
        _codec = new PayloadCodec(Context.System);
        _replayRows = journalConfig.GetInt("replay-batch-size", 1000);
        _replayBytes = journalConfig.GetByteSize("replay-batch-bytes") ?? 4 << 20;
    }

    protected override Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        var writes = messages as AtomicWrite[] ?? messages.ToArray();
        var rows = new EventRow[writes.Sum(write => write.Size)];
        var next = 0;
        try
        {
            foreach (var write in writes)
            {
                foreach (var persistent in (IImmutableList<IPersistentRepresentation>)write.Payload)
                {
                    var (bytes, manifest, identifier) = _codec.Encode(persistent.Payload);
                    rows[next++] = new EventRow(persistent.SequenceNr, bytes, manifest, identifier);
                }
            }
        }
        catch (Exception e)
        {
            // One unit: what could be serialised is rejected with what could not, or the numbers would have a gap.
            return Task.FromResult<IImmutableList<Exception?>?>(ImmutableArray.CreateRange(writes.Select(Exception? (_) => e)));
        }
        return Append(new AppendEvents(writes[0].PersistenceId, _writerUuid, DateTime.UtcNow.Ticks, rows));
    }

    /// <summary>Waits for what this journal is writing for the id: an incarnation that ended may have left a write behind.</summary>
    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr) =>
        _inFlight.TryGetValue(persistenceId, out var write) ? HighestAfter(write, persistenceId) : _store.HighestSequenceNumber(persistenceId);

    public override async Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max,
        Action<IPersistentRepresentation> recoveryCallback)
    {
        while (max > 0 && fromSequenceNr <= toSequenceNr)
        {
            var events = await _store.ReadEvents(new EventRange(persistenceId, fromSequenceNr, toSequenceNr, Math.Min(max, _replayRows), _replayBytes)).ConfigureAwait(false);
            if (events.Count == 0) return;
            foreach (var stored in events)
            {
                recoveryCallback(new Persistent(
                    _codec.Decode(stored.Message, stored.Identifier, stored.Manifest), stored.SequenceNumber, persistenceId, stored.Manifest,
                    isDeleted: false, ActorRefs.NoSender, stored.WriterUuid, stored.Created));
            }
            max -= events.Count;
            fromSequenceNr = events[^1].SequenceNumber + 1;
        }
    }

    protected override async Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr)
    {
        // Slices leave time for writes in between; what they add is not meant.
        var to = toSequenceNr == long.MaxValue ? await _store.HighestSequenceNumber(persistenceId).ConfigureAwait(false) : toSequenceNr;
        await _store.Write(new DeleteEvents(persistenceId, to)).ConfigureAwait(false);
    }

    private Task<IImmutableList<Exception?>?> Append(AppendEvents append)
    {
        var answer = new TaskCompletionSource<IImmutableList<Exception?>?>();
        _inFlight[append.PersistenceId] = append.Done;
        _store.Write(append).ContinueWith(
            (done, _) =>
            {
                _inFlight.TryRemove(new KeyValuePair<string, Task>(append.PersistenceId, append.Done));
                if (done.Exception is { } failure) answer.SetException(failure.InnerExceptions);
                else answer.SetResult(null);
            },
            null, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        return answer.Task;
    }

    private async Task<long> HighestAfter(Task write, string persistenceId)
    {
        await write.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await _store.HighestSequenceNumber(persistenceId).ConfigureAwait(false);
    }
}
