namespace Akka.Actor;

/// <summary>Base of the exceptions that actor systems throw.</summary>
public abstract class AkkaException : Exception
{
    protected AkkaException() { }

    protected AkkaException(string message, Exception cause = null) : base(message, cause) { }

    protected Exception Cause => InnerException;
}

/// <summary>An actor could not be created.</summary>
public class ActorInitializationException : AkkaException
{
    public ActorInitializationException() { }

    public ActorInitializationException(string message) : base(message) { }

    public ActorInitializationException(string message, Exception cause) : base(message, cause) { }

    public ActorInitializationException(IActorRef actor, string message, Exception cause = null) : base(message, cause) => Actor = actor;

    public IActorRef Actor { get; }

    public override string ToString() => Actor is null ? base.ToString() : $"{Actor}: {base.ToString()}";
}

/// <summary>PreRestart failed.</summary>
public class PreRestartException(IActorRef actor, Exception restartException, Exception cause, object optionalMessage)
    : ActorInitializationException(actor, $"Exception in PreRestart({cause?.GetType().ToString() ?? "null"}, {optionalMessage?.GetType().ToString() ?? "null"})", restartException)
{
    public Exception RestartException { get; } = restartException;

    public object OptionalMessage { get; } = optionalMessage;
}

/// <summary>The new incarnation's constructor or PostRestart failed.</summary>
public class PostRestartException(IActorRef actor, Exception cause, Exception originalCause)
    : ActorInitializationException(actor, $"Exception post restart ({originalCause?.GetType().ToString() ?? "null"})", cause)
{
    public Exception OriginalCause { get; } = originalCause;
}

/// <summary>The actor received <see cref="Kill"/>.</summary>
public class ActorKilledException : AkkaException
{
    public ActorKilledException() { }

    public ActorKilledException(string message) : base(message) { }
}

/// <summary>A watched actor stopped and its watcher did not handle <see cref="Terminated"/>.</summary>
public class DeathPactException(IActorRef deadActor) : AkkaException($"Monitored actor [{deadActor}] terminated")
{
    public IActorRef DeadActor { get; } = deadActor;
}

/// <summary>A null message.</summary>
public class InvalidMessageException : AkkaException
{
    public InvalidMessageException() : this("Message is null.") { }

    public InvalidMessageException(string message) : base(message) { }
}

/// <summary>A name that an actor cannot have, or that another child has.</summary>
public class InvalidActorNameException : AkkaException
{
    public InvalidActorNameException(string message) : base(message) { }

    public InvalidActorNameException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>The actor cannot do this in its state.</summary>
public class IllegalActorStateException(string message) : AkkaException(message);

/// <summary>No actor answered a lookup.</summary>
public class ActorNotFoundException : AkkaException
{
    public ActorNotFoundException() { }

    public ActorNotFoundException(string message, Exception innerException = null) : base(message, innerException) { }
}

/// <summary>An ask had no answer in time.</summary>
public class AskTimeoutException(string message) : AkkaException(message);

/// <summary>A bounded stash is full.</summary>
public class StashOverflowException(string message, Exception cause = null) : AkkaException(message, cause);

/// <summary>A scheduler was asked for what it cannot do.</summary>
public sealed class SchedulerException(string message) : AkkaException(message);

/// <summary>Something was handed to a logger that has ended or never started.</summary>
public class LoggerInitializationException : AkkaException
{
    public LoggerInitializationException() { }

    public LoggerInitializationException(string message) : base(message) { }

    public LoggerInitializationException(string message, Exception cause = null) : base(message, cause) { }
}
