using Akka.Actor;

namespace Akka.Persistence;

/// <summary>Lets at most <c>akka.persistence.max-concurrent-recoveries</c> actors recover at a time, first come first served.</summary>
internal sealed class RecoveryPermitter(int maxPermits) : UntypedActor
{
    private readonly LinkedList<IActorRef> _waiting = new();
    private readonly HashSet<IActorRef> _holders = [];

    public static Props Props(int maxPermits) => Actor.Props.Create(() => new RecoveryPermitter(maxPermits));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case RequestRecoveryPermit:
                Context.Watch(Sender);
                if (_holders.Count < maxPermits) Grant(Sender);
                else _waiting.AddLast(Sender);
                break;
            case ReturnRecoveryPermit:
                Context.Unwatch(Sender);
                Returned(Sender);
                break;
            case Terminated terminated:
                if (!_waiting.Remove(terminated.ActorRef)) Returned(terminated.ActorRef);
                break;
            default:
                Unhandled(message);
                break;
        }
    }

    private void Grant(IActorRef actor)
    {
        _holders.Add(actor);
        actor.Tell(RecoveryPermitGranted.Instance);
    }

    private void Returned(IActorRef actor)
    {
        if (!_holders.Remove(actor) || _waiting.First is not { } next) return;
        _waiting.RemoveFirst();
        Grant(next.Value);
    }

    internal sealed class RequestRecoveryPermit
    {
        public static readonly RequestRecoveryPermit Instance = new();
    }

    internal sealed class RecoveryPermitGranted
    {
        public static readonly RecoveryPermitGranted Instance = new();
    }

    internal sealed class ReturnRecoveryPermit
    {
        public static readonly ReturnRecoveryPermit Instance = new();
    }
}
