using Akka.Actor;
using Akka.Configuration;
using Akka.Persistence.Query;
using Akka.Streams.Dsl;

namespace Akka.Persistence.Tests;

/// <summary>
/// Reads current events of any journal by its own protocol, the way a recovering actor does: for journals that have no
/// read journal, as the one in memory and simulated ones. It holds a whole range at once, so it is for specifications.
/// </summary>
public sealed class ReplayReadJournal(ExtendedActorSystem system, Config config) : IReadJournalProvider, ICurrentEventsByPersistenceIdQuery
{
    private readonly IActorRef _journal = Persistence.Instance.Apply(system).JournalFor(config.GetString("write-plugin"));

    public IReadJournal GetReadJournal() => this;

    public Source<EventEnvelope, NotUsed> CurrentEventsByPersistenceId(string persistenceId, long fromSequenceNr, long toSequenceNr)
    {
        var events = new TaskCompletionSource<IReadOnlyList<EventEnvelope>>();
        var reader = system.ActorOf(Props.Create(() => new Reader(events)));
        _journal.Tell(new ReplayMessages(fromSequenceNr, toSequenceNr, long.MaxValue, persistenceId, reader));
        return Source.FromTask(events.Task).SelectMany(all => all);
    }

    private sealed class Reader(TaskCompletionSource<IReadOnlyList<EventEnvelope>> events) : UntypedActor
    {
        private readonly List<EventEnvelope> _read = [];

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case ReplayedMessage { Persistent: var p }:
                    _read.Add(new EventEnvelope(new Sequence(_read.Count), p.PersistenceId, p.SequenceNr, p.Payload, p.Timestamp));
                    return;
                case RecoverySuccess:
                    events.TrySetResult(_read);
                    break;
                case ReplayMessagesFailure failure:
                    events.TrySetException(failure.Cause);
                    break;
            }
            Context.Stop(Self);
        }
    }
}
