using Akka.Streams.Stage;

namespace Akka.Streams.Implementation;

/// <summary>
/// What lies between an output and the input it is wired to. Its state is one number: whose turn it is, what is under way,
/// who has closed and whether an element lies in the slot.
/// </summary>
internal abstract class Connection
{
    // The lower four bits walk round: InReady -pull-> Pulling|OutReady's side -> OutReady -push-> Pushing -> InReady.
    internal const int InReady = 1;
    internal const int Pulling = 2;
    internal const int Pushing = 4;
    internal const int OutReady = 8;
    internal const int InClosed = 16;
    internal const int OutClosed = 32;
    internal const int InFailed = 64;
    internal const int Filled = 128;

    internal const int PullStartFlip = InReady | Pulling;
    internal const int PullEndFlip = Pulling | OutReady;
    internal const int PushStartFlip = Pushing | OutReady;
    internal const int PushEndFlip = InReady | Pushing;

    internal int State = InReady;
    internal GraphStageLogic InOwner = null!;
    internal GraphStageLogic OutOwner = null!;
    internal IInHandler InHandler = null!;
    internal IOutHandler OutHandler = null!;

    // Delegates are called faster than interface methods whose target varies from call to call.
    internal Action OnPush = null!;
    internal Action OnPull = null!;

    /// <summary>Why the output failed.</summary>
    internal Exception? Failure;

    /// <summary>Why the input cancelled.</summary>
    internal Exception? CancelCause;

    internal void SetHandler(IInHandler handler)
    {
        InHandler = handler;
        OnPush = handler.OnPush;
    }

    internal void SetHandler(IOutHandler handler)
    {
        OutHandler = handler;
        OnPull = handler.OnPull;
    }

    internal abstract void Drop();
}

/// <summary>A connection with a slot for an element.</summary>
internal sealed class Connection<T> : Connection
{
    internal T Element = default!;

    internal override void Drop()
    {
        State &= ~Filled;
        Element = default!;
    }
}
