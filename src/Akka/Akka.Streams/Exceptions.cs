using Akka.Actor;
using Akka.Streams.Stage;

namespace Akka.Streams;

/// <summary>The stream's actor ended before the stream did: its materializer or the actor system was shut down.</summary>
public sealed class AbruptTerminationException : Exception
{
    public readonly IActorRef Actor;

    public AbruptTerminationException(IActorRef actor) : base($"Processor actor [{actor}] terminated abruptly") => Actor = actor;
}

/// <summary>A stage ended before it completed or failed.</summary>
public sealed class AbruptStageTerminationException : Exception
{
    public AbruptStageTerminationException(GraphStageLogic logic)
        : base($"GraphStage {logic} terminated abruptly, caused by for example materializer or actor system termination.") { }
}

/// <summary>The stream that a call was for has already ended.</summary>
public sealed class StreamDetachedException : Exception
{
    public static readonly StreamDetachedException Instance = new();

    public StreamDetachedException() : base("Stream is terminated. Materialized value is detached.") { }

    public StreamDetachedException(string message) : base(message) { }

    public StreamDetachedException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A buffer whose strategy is to fail was full.</summary>
public sealed class BufferOverflowException : Exception
{
    public BufferOverflowException(string message) : base(message) { }

    public BufferOverflowException(string message, Exception innerException) : base(message, innerException) { }
}

/// <summary>A stream that should have had an element had none.</summary>
public sealed class NoSuchElementException : Exception
{
    public NoSuchElementException(string message) : base(message) { }
}

/// <summary>An actor that a stream watched is gone.</summary>
public sealed class WatchedActorTerminatedException : AkkaException
{
    public WatchedActorTerminatedException(string stageName, IActorRef actorRef)
        : base($"Actor watched by [{stageName}] has terminated! Was: {actorRef}", null) { }
}

/// <summary>Why a port was cancelled when nothing went wrong.</summary>
public static class SubscriptionWithCancelException
{
    /// <summary>A cancellation that is no failure.</summary>
    public abstract class NonFailureCancellation : Exception
    {
        public sealed override string StackTrace => "";
    }

    /// <summary>Downstream has all it wants.</summary>
    public sealed class NoMoreElementsNeeded : NonFailureCancellation
    {
        public static readonly NoMoreElementsNeeded Instance = new();

        private NoMoreElementsNeeded() { }
    }

    /// <summary>The stage downstream completed.</summary>
    public sealed class StageWasCompleted : NonFailureCancellation
    {
        public static readonly StageWasCompleted Instance = new();

        private StageWasCompleted() { }
    }
}
