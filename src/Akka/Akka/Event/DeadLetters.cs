using Akka.Actor;

namespace Akka.Event;

/// <summary>A message that nobody misses when it is lost.</summary>
public interface IDeadLetterSuppression;

/// <summary>A message that reached nobody.</summary>
public abstract class AllDeadLetters : IWrappedMessage
{
    protected AllDeadLetters(object message, IActorRef sender, IActorRef recipient)
    {
        Message = message;
        Sender = sender;
        Recipient = recipient;
    }

    public object Message { get; }

    public IActorRef Sender { get; }

    public IActorRef Recipient { get; }

    public override string ToString() => $"DeadLetter from {Sender} to {Recipient}: <{Message}>";
}

/// <summary>A message whose recipient has ended or never was.</summary>
public sealed class DeadLetter(object message, IActorRef sender, IActorRef recipient) : AllDeadLetters(message, sender, recipient);

/// <summary>The same, for a message that nobody misses; loggers do not show it.</summary>
public sealed class SuppressedDeadLetter(IDeadLetterSuppression message, IActorRef sender, IActorRef recipient) : AllDeadLetters(message, sender, recipient);

/// <summary>A message that was dropped for a reason.</summary>
public sealed class Dropped : AllDeadLetters
{
    public Dropped(object message, string reason, IActorRef sender, IActorRef recipient) : base(message, sender, recipient) => Reason = reason;

    public Dropped(object message, string reason, IActorRef recipient) : this(message, reason, ActorRefs.NoSender, recipient) { }

    public string Reason { get; }
}

/// <summary>A message that its actor did not handle.</summary>
public sealed class UnhandledMessage(object message, IActorRef sender, IActorRef recipient) : AllDeadLetters(message, sender, recipient)
{
    public override string ToString() => $"Unhandled message from {Sender} to {Recipient}: <{Message}>";
}

/// <summary>Logs dead letters, as many as <c>akka.log-dead-letters</c> says.</summary>
public class DeadLetterListener : ActorBase
{
    private readonly EventStream _eventStream = Context.System.EventStream;
    private readonly int _max = Context.System.Settings.LogDeadLetters;
    private int _count;

    protected override void PreStart()
    {
        _eventStream.Subscribe(Self, typeof(DeadLetter));
        _eventStream.Subscribe(Self, typeof(Dropped));
    }

    protected override void PreRestart(Exception reason, object message) { }

    protected override void PostRestart(Exception reason) { }

    protected override void PostStop() => _eventStream.Unsubscribe(Self);

    protected override bool Receive(object message)
    {
        if (message is not AllDeadLetters letter) return false;
        _count++;
        var last = _count >= _max && _max != int.MaxValue;
        var type = letter.Message.GetType().Name;
        var reason = letter is Dropped dropped ? $" was dropped: {dropped.Reason}" : " was not delivered";
        var more = last ? ", no more dead letters will be logged" : "";
        _eventStream.Publish(new Info(letter.Recipient?.Path.ToString() ?? "deadLetters", letter.Recipient?.GetType() ?? typeof(DeadLetter),
            $"Message [{type}] from {letter.Sender} to {letter.Recipient}{reason}. [{_count}] dead letters encountered{more}. Set 'akka.log-dead-letters' and 'akka.log-dead-letters-during-shutdown' to say how many are logged."));
        if (last) Context.Stop(Self);
        return true;
    }
}
