using Akka.Actor;
using Akka.Event;

namespace Akka.Dispatch.SysMsg;

/// <summary>A message of the actor system to a cell; it goes before every user message.</summary>
public interface ISystemMessage : INoSerializationVerificationNeeded;

/// <summary>Base of system messages; a message is a link of one list at most.</summary>
public abstract class SystemMessage : ISystemMessage
{
    internal SystemMessage Next;

    /// <summary>Kept back while the cell waits for its children to stop.</summary>
    internal virtual bool StashWhenWaitingForChildren => false;

    /// <summary>Kept back while the cell is suspended by its own failure.</summary>
    internal virtual bool StashWhenFailed => false;

    public void Unlink() => Next = null;

    public bool Unlinked => Next is null;
}

internal sealed class NoMessage : SystemMessage
{
    /// <summary>Stands at the head of a closed mailbox's list: whatever is pushed later goes to dead letters.</summary>
    internal static readonly NoMessage Closed = new();
}

/// <summary>The first message of every cell: create the actor, or fail with what already went wrong.</summary>
public sealed class Create(ActorInitializationException failure = null) : SystemMessage
{
    public ActorInitializationException Failure { get; } = failure;

    public override string ToString() => $"<Create>{(Failure is null ? "" : $" with failure {Failure}")}";
}

/// <summary>Replace the actor by a new incarnation.</summary>
public sealed class Recreate(Exception cause) : SystemMessage
{
    public Exception Cause { get; } = cause;

    internal override bool StashWhenWaitingForChildren => true;

    public override string ToString() => $"<Recreate>{(Cause is null ? "" : $" cause: {Cause}")}";
}

/// <summary>Process no user messages until resumed.</summary>
public sealed class Suspend : SystemMessage
{
    internal override bool StashWhenWaitingForChildren => true;

    public override string ToString() => "<Suspend>";
}

/// <summary>Process user messages again.</summary>
public sealed class Resume(Exception causedByFailure) : SystemMessage
{
    public Exception CausedByFailure { get; } = causedByFailure;

    internal override bool StashWhenWaitingForChildren => true;

    public override string ToString() => $"<Resume>{(CausedByFailure is null ? "" : $" CausedByFailure: {CausedByFailure}")}";
}

/// <summary>Stop the actor, its children first.</summary>
public sealed class Terminate : SystemMessage, IPossiblyHarmful, IDeadLetterSuppression
{
    public override string ToString() => "<Terminate>";
}

/// <summary>A child has been made outside the parent's own thread.</summary>
public sealed class Supervise(IActorRef child, bool async) : SystemMessage
{
    public IActorRef Child { get; } = child;

    public bool Async { get; } = async;

    public override string ToString() => $"<Supervise>: {Child} Async={Async}";
}

/// <summary>The watcher wants to hear of the watchee's end.</summary>
public sealed class Watch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;

    public IInternalActorRef Watcher { get; } = watcher;

    public override string ToString() => $"<Watch>: {Watcher} wants to watch {Watchee}";
}

/// <summary>The watcher does not want to hear of the watchee's end any more.</summary>
public sealed class Unwatch(IInternalActorRef watchee, IInternalActorRef watcher) : SystemMessage
{
    public IInternalActorRef Watchee { get; } = watchee;

    public IInternalActorRef Watcher { get; } = watcher;

    public override string ToString() => $"<Unwatch>: {Watcher} wants to unwatch {Watchee}";
}

/// <summary>A child has failed; its parent decides.</summary>
public sealed class Failed(IActorRef child, Exception cause, long uid) : SystemMessage
{
    public IActorRef Child { get; } = child;

    public Exception Cause { get; } = cause;

    public long Uid { get; } = uid;

    internal override bool StashWhenFailed => true;

    internal override bool StashWhenWaitingForChildren => true;

    public override string ToString() => $"<Failed>: {Child} (uid {Uid}) {Cause}";
}

/// <summary>A watched actor or a child has ended.</summary>
public sealed class DeathWatchNotification(IActorRef actor, bool existenceConfirmed, bool addressTerminated) : SystemMessage, IDeadLetterSuppression
{
    public IActorRef Actor { get; } = actor;

    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    public bool AddressTerminated { get; } = addressTerminated;

    public override string ToString() => $"<DeathWatchNotification>: {Actor}, ExistenceConfirmed={ExistenceConfirmed}, AddressTerminated={AddressTerminated}";
}

/// <summary>A task of the actor's own scheduler, with the message and sender that its handler began with.</summary>
internal sealed class ActorTaskMessage(ActorTaskScheduler scheduler, Task task, object message, IActorRef sender) : SystemMessage
{
    internal ActorTaskScheduler Scheduler { get; } = scheduler;

    internal Task Task { get; } = task;

    internal object Message { get; } = message;

    internal IActorRef Sender { get; } = sender;
}
