using Akka.Actor;
using Akka.Configuration;

namespace Akka.Persistence.Journal;

/// <summary>Lets replayed events reach their actor.</summary>
public interface IAsyncRecovery
{
    Task ReplayMessagesAsync(
        IActorContext context, string persistenceId, long fromSequenceNr, long toSequenceNr, long max,
        Action<IPersistentRepresentation> recoveryCallback);

    Task<long> ReadHighestSequenceNrAsync(string persistenceId, long fromSequenceNr);
}

/// <summary>What every journal does with a batch before it is stored.</summary>
public abstract class WriteJournalBase : ActorBase
{
    protected WriteJournalBase()
    {
        JournalConfig = Persistence.Instance.Apply(Context.System).ConfigFor(Self);
        if (JournalConfig.HasPath("event-adapters") || JournalConfig.HasPath("event-adapter-bindings"))
            throw new ConfigurationException($"{Self.Path.Name}: this stand-in adapts no events; remove event-adapters and event-adapter-bindings.");
    }

    internal Config JournalConfig { get; }

    /// <summary>The batch's atomic writes, without what only passes through.</summary>
    protected IEnumerable<AtomicWrite> PreparePersistentBatch(IEnumerable<IPersistentEnvelope> resequenceables) => resequenceables.OfType<AtomicWrite>();
}
