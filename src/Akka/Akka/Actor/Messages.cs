using Akka.Event;

namespace Akka.Actor;

/// <summary>A message that the actor's cell handles before the actor sees it.</summary>
public interface IAutoReceivedMessage;

/// <summary>A message that may do harm when it comes from outside.</summary>
public interface IPossiblyHarmful;

/// <summary>A message that is never serialised, not even for verification.</summary>
public interface INoSerializationVerificationNeeded;

/// <summary>A message that does not reset the receive timeout.</summary>
public interface INotInfluenceReceiveTimeout;

/// <summary>A message that carries another one.</summary>
public interface IWrappedMessage
{
    object Message { get; }
}

/// <summary>Stops the actor when its turn in the mailbox comes.</summary>
public sealed class PoisonPill : IAutoReceivedMessage, IPossiblyHarmful, IDeadLetterSuppression
{
    private PoisonPill() { }

    public static PoisonPill Instance { get; } = new();

    public override string ToString() => "<PoisonPill>";
}

/// <summary>Makes the actor fail with an <see cref="ActorKilledException"/>.</summary>
public sealed class Kill : IAutoReceivedMessage
{
    private Kill() { }

    public static Kill Instance { get; } = new();

    public override string ToString() => "<Kill>";
}

/// <summary>A watched actor has stopped.</summary>
public sealed class Terminated(IActorRef actorRef, bool existenceConfirmed, bool addressTerminated)
    : IAutoReceivedMessage, IPossiblyHarmful, INoSerializationVerificationNeeded, IDeadLetterSuppression, IEquatable<Terminated>
{
    public IActorRef ActorRef { get; } = actorRef;

    public bool AddressTerminated { get; } = addressTerminated;

    public bool ExistenceConfirmed { get; } = existenceConfirmed;

    public bool Equals(Terminated other) =>
        other is not null && Equals(ActorRef, other.ActorRef) && AddressTerminated == other.AddressTerminated && ExistenceConfirmed == other.ExistenceConfirmed;

    public override bool Equals(object obj) => Equals(obj as Terminated);

    public override int GetHashCode() => HashCode.Combine(ActorRef, AddressTerminated, ExistenceConfirmed);

    public override string ToString() => $"<Terminated>: {ActorRef} - ExistenceConfirmed={ExistenceConfirmed}";
}

/// <summary>Asks an actor for its reference; answered with <see cref="ActorIdentity"/>.</summary>
public sealed class Identify(object messageId) : IAutoReceivedMessage, INotInfluenceReceiveTimeout
{
    public object MessageId { get; } = messageId;

    public override bool Equals(object obj) => obj is Identify other && Equals(MessageId, other.MessageId);

    public override int GetHashCode() => MessageId?.GetHashCode() ?? 0;

    public override string ToString() => $"<Identify>: {MessageId}";
}

/// <summary>The answer to <see cref="Identify"/>; the subject is null when there is no such actor.</summary>
public sealed class ActorIdentity(object messageId, IActorRef subject)
{
    public object MessageId { get; } = messageId;

    public IActorRef Subject { get; } = subject is Nobody ? null : subject;

    public override bool Equals(object obj) => obj is ActorIdentity other && Equals(MessageId, other.MessageId) && Equals(Subject, other.Subject);

    public override int GetHashCode() => HashCode.Combine(MessageId, Subject);

    public override string ToString() => $"<ActorIdentity>: MessageId={MessageId}, Subject={Subject}";
}

/// <summary>No message came for the time set by <see cref="IActorContext.SetReceiveTimeout"/>.</summary>
public class ReceiveTimeout : IPossiblyHarmful
{
    private ReceiveTimeout() { }

    public static ReceiveTimeout Instance { get; } = new();
}

/// <summary>The outcome of an operation, as a message.</summary>
public abstract class Status
{
    /// <summary>It succeeded.</summary>
    public sealed class Success : Status
    {
        public static readonly Success Instance = new(null);

        public readonly object Status;

        public Success(object status) => Status = status;

        public override string ToString() => $"Success: {Status}";
    }

    /// <summary>It failed; an ask answered with it fails with the cause.</summary>
    public sealed class Failure : Status
    {
        public readonly Exception Cause;

        public readonly object State;

        public Failure(Exception cause) => Cause = cause;

        public Failure(Exception cause, object state)
        {
            Cause = cause;
            State = state;
        }

        public override string ToString() => $"Failure: {Cause}";
    }
}

/// <summary>A message and who sent it.</summary>
public readonly struct Envelope
{
    public Envelope(object message, IActorRef sender)
    {
        if (message is null) throw new InvalidMessageException("Message is null.");
        Message = message;
        Sender = sender;
    }

    public Envelope(object message, IActorRef sender, ActorSystem system) : this(message, sender ?? system.DeadLetters) { }

    // A queue's slot was checked when it was filled.
    internal Envelope(IActorRef sender, object message)
    {
        Message = message;
        Sender = sender;
    }

    public object Message { get; }

    public IActorRef Sender { get; }

    public override string ToString() => "<" + (Message ?? "null") + "> from " + (Sender is null ? "NoSender" : Sender.ToString());
}
