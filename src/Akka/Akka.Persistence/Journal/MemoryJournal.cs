using System.Collections.Concurrent;
using System.Collections.Immutable;
using Akka.Actor;

namespace Akka.Persistence.Journal;

/// <summary>A journal in memory, as long-lived as its actor system. Events are kept as objects, not serialised.</summary>
public class MemoryJournal : AsyncWriteJournal
{
    private readonly ConcurrentDictionary<string, LinkedList<IPersistentRepresentation>> _messages = new();

    /// <summary>Stored events by persistence id, in order; the last stays as a marker of the highest number when all are deleted.</summary>
    protected virtual ConcurrentDictionary<string, LinkedList<IPersistentRepresentation>> Messages => _messages;

    protected override Task<IImmutableList<Exception?>?> WriteMessagesAsync(IEnumerable<AtomicWrite> messages)
    {
        foreach (var write in messages)
        {
            var stored = Messages.GetOrAdd(write.PersistenceId, _ => new LinkedList<IPersistentRepresentation>());
            lock (stored)
            {
                foreach (var persistent in write.Events) stored.AddLast(persistent);
            }
        }
        return Task.FromResult<IImmutableList<Exception?>?>(null);
    }

    protected override Task DeleteMessagesToAsync(string persistenceId, long toSequenceNr)
    {
        if (!Messages.TryGetValue(persistenceId, out var stored)) return Task.CompletedTask;
        lock (stored)
        {
            while (stored.First is { } first && first.Value.SequenceNr <= toSequenceNr)
            {
                if (first.Next is null)
                {
                    var last = first.Value;
                    first.Value = last.Update(last.SequenceNr, last.PersistenceId, isDeleted: true, ActorRefs.NoSender, last.WriterGuid);
                    break;
                }
                stored.RemoveFirst();
            }
        }
        return Task.CompletedTask;
    }

    public override Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max,
        Action<IPersistentRepresentation> recoveryCallback)
    {
        foreach (var persistent in Read(persistenceId, fromSequenceNr, toSequenceNr, max)) recoveryCallback(persistent);
        return Task.CompletedTask;
    }

    public override Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr) => Task.FromResult(HighestSequenceNr(persistenceId));

    public long HighestSequenceNr(string pid)
    {
        if (!Messages.TryGetValue(pid, out var stored)) return 0;
        lock (stored) return stored.Last?.Value.SequenceNr ?? 0;
    }

    /// <summary>At most <paramref name="max"/> stored events of a range, both ends inclusive.</summary>
    public IEnumerable<IPersistentRepresentation> Read(string pid, long fromSeqNr, long toSeqNr, long max)
    {
        if (!Messages.TryGetValue(pid, out var stored)) return [];
        lock (stored)
            return stored.Where(p => !p.IsDeleted && p.SequenceNr >= fromSeqNr && p.SequenceNr <= toSeqNr).Take((int)Math.Min(max, int.MaxValue)).ToArray();
    }
}
