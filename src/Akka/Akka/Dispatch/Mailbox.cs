using Akka.Actor;
using Akka.Dispatch.MessageQueues;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>Something a dispatcher runs.</summary>
public interface IRunnable : IThreadPoolWorkItem
{
    void Run();
}

/// <summary>A delegate as a runnable.</summary>
public sealed class ActionRunnable(Action action) : IRunnable
{
    public void Run() => action();

    public void Execute() => action();
}

/// <summary>
/// An actor's messages and the right to process them: at most one thread runs a mailbox at a time; system messages go first;
/// user messages wait while the mailbox is suspended.
/// </summary>
public class Mailbox : IRunnable
{
    private const int Closed = 1;
    private const int Scheduled = 2;
    private const int SuspendUnit = 4;

    private readonly UnboundedMessageQueue _unbounded;
    private readonly Stack<Envelope> _front = new();
    private readonly object _lateCleanUp = new();
    private ActorCell _actor;
    private int _status;
    private SystemMessage _systemMessages;

    public Mailbox(IMessageQueue messageQueue)
    {
        MessageQueue = messageQueue;
        _unbounded = messageQueue as UnboundedMessageQueue;
    }

    public IMessageQueue MessageQueue { get; }

    public MessageDispatcher Dispatcher => _actor?.Dispatcher;

    public virtual void SetActor(ActorCell actorCell) => _actor = actorCell;

    internal bool HasMessages => _front.Count > 0 || MessageQueue.HasMessages;

    internal int NumberOfMessages => _front.Count + MessageQueue.Count;

    internal bool IsClosed => (Volatile.Read(ref _status) & Closed) != 0;

    internal bool IsSuspended => Volatile.Read(ref _status) >= SuspendUnit;

    internal int Suspensions => Volatile.Read(ref _status) / SuspendUnit;

    internal bool IsScheduled => (Volatile.Read(ref _status) & Scheduled) != 0;

    internal bool HasSystemMessages => Volatile.Read(ref _systemMessages) is { } first && !ReferenceEquals(first, NoMessage.Closed);

    internal void Post(object message, IActorRef sender)
    {
        if (_unbounded is { } queue) queue.Enqueue(message, sender);
        else MessageQueue.Enqueue(_actor.Self, new Envelope(sender, message));
        // Scheduled and open: whoever runs the mailbox sees the message.
        if ((Volatile.Read(ref _status) & (Scheduled | Closed)) == Scheduled) return;
        PostToUnscheduled();
    }

    private void PostToUnscheduled()
    {
        if (IsClosed) CleanUpLate();
        else _actor.Dispatcher.RegisterForExecution(this, hasMessageHint: true, hasSystemMessageHint: false);
    }

    /// <summary>Only from the thread that runs the mailbox.</summary>
    internal void EnqueueFirst(Envelope envelope) => _front.Push(envelope);

    internal void SystemEnqueue(IActorRef receiver, SystemMessage message)
    {
        while (true)
        {
            var first = Volatile.Read(ref _systemMessages);
            if (ReferenceEquals(first, NoMessage.Closed))
            {
                DeadLetters(receiver).Tell(new DeadLetter(message, receiver, receiver), receiver);
                return;
            }
            message.Next = first;
            if (ReferenceEquals(Interlocked.CompareExchange(ref _systemMessages, message, first), first)) return;
        }
    }

    private IActorRef DeadLetters(IActorRef receiver) => _actor?.SystemImpl.DeadLetters ?? ((IInternalActorRef)receiver).Provider.DeadLetters;

    /// <summary>The waiting system messages, oldest first, linked by Next; null if there are none.</summary>
    private SystemMessage TakeSystemMessages(SystemMessage leave)
    {
        SystemMessage newest;
        do
        {
            newest = Volatile.Read(ref _systemMessages);
            if (newest is null && leave is null) return null;
            if (ReferenceEquals(newest, NoMessage.Closed)) return null;
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _systemMessages, leave, newest), newest));
        SystemMessage oldest = null;
        while (newest is not null)
        {
            var next = newest.Next;
            newest.Next = oldest;
            oldest = newest;
            newest = next;
        }
        return oldest;
    }

    public void Execute() => Run();

    public void Run()
    {
        var before = ActorCell.SetCurrent(_actor);
        try
        {
            if (!IsClosed)
            {
                ProcessSystemMessages();
                ProcessMessages();
            }
        }
        finally
        {
            ActorCell.SetCurrent(before);
            SetAsIdle();
            _actor.Dispatcher.RegisterForExecution(this, hasMessageHint: false, hasSystemMessageHint: false);
        }
    }

    private bool MayProcessMessages => (Volatile.Read(ref _status) & ~Scheduled) == 0;

    private void ProcessMessages()
    {
        var dispatcher = _actor.Dispatcher;
        var left = Math.Max(dispatcher.Throughput, 1);
        var deadline = dispatcher.ThroughputDeadlineTime is { } ticks and > 0 ? Environment.TickCount64 + Math.Max(1, ticks / TimeSpan.TicksPerMillisecond) : long.MaxValue;
        while (MayProcessMessages && left-- > 0)
        {
            if (!TryDequeue(out var message, out var sender)) return;
            _actor.Invoke(message, sender);
            if (Volatile.Read(ref _systemMessages) is not null) ProcessSystemMessages();
            if (deadline != long.MaxValue && Environment.TickCount64 >= deadline) return;
        }
    }

    private bool TryDequeue(out object message, out IActorRef sender)
    {
        if (_front.Count == 0 && _unbounded is { } queue) return queue.TryDequeue(out message, out sender);
        Envelope envelope;
        if (_front.Count > 0) envelope = _front.Pop();
        else if (!MessageQueue.TryDequeue(out envelope))
        {
            message = null;
            sender = null;
            return false;
        }
        message = envelope.Message;
        sender = envelope.Sender;
        return true;
    }

    private void ProcessSystemMessages()
    {
        while (TakeSystemMessages(leave: null) is { } message)
        {
            while (message is not null && !IsClosed)
            {
                var next = message.Next;
                message.Unlink();
                _actor.SystemInvoke(message);
                message = next;
            }
            // Closed in between: the rest is for dead letters.
            while (message is not null)
            {
                var next = message.Next;
                message.Unlink();
                _actor.SystemImpl.DeadLetters.Tell(new DeadLetter(message, _actor.Self, _actor.Self), _actor.Self);
                message = next;
            }
        }
    }

    /// <summary>True if this call made a running mailbox a suspended one.</summary>
    internal bool Suspend()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & Closed) != 0) return false;
            if (Interlocked.CompareExchange(ref _status, status + SuspendUnit, status) == status) return status < SuspendUnit;
        }
    }

    /// <summary>True if the mailbox may process user messages now.</summary>
    internal bool Resume()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & Closed) != 0) return false;
            var next = status < SuspendUnit ? status : status - SuspendUnit;
            if (Interlocked.CompareExchange(ref _status, next, status) == status) return next < SuspendUnit;
        }
    }

    /// <summary>For a mailbox without an actor: whatever races with the end of one is sent to dead letters instead of being kept here.</summary>
    internal void CloseForGood()
    {
        BecomeClosed();
        Volatile.Write(ref _systemMessages, NoMessage.Closed);
    }

    /// <summary>False if it was closed already.</summary>
    internal bool BecomeClosed()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & Closed) != 0) return false;
            if (Interlocked.CompareExchange(ref _status, Closed | (status & Scheduled), status) == status) return true;
        }
    }

    internal bool SetAsScheduled()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if ((status & (Scheduled | Closed)) != 0) return false;
            if (Interlocked.CompareExchange(ref _status, status | Scheduled, status) == status) return true;
        }
    }

    internal void SetAsIdle()
    {
        while (true)
        {
            var status = Volatile.Read(ref _status);
            if (Interlocked.CompareExchange(ref _status, status & ~Scheduled, status) == status) return;
        }
    }

    internal bool CanBeScheduledForExecution(bool hasMessageHint, bool hasSystemMessageHint)
    {
        var status = Volatile.Read(ref _status);
        if ((status & Closed) != 0) return false;
        if (status < SuspendUnit) return hasMessageHint || hasSystemMessageHint || HasSystemMessages || HasMessages;
        return hasSystemMessageHint || HasSystemMessages;
    }

    /// <summary>Everything left goes to dead letters; called once, when the cell has ended.</summary>
    public virtual void CleanUp()
    {
        var message = TakeSystemMessages(leave: NoMessage.Closed);
        while (message is not null)
        {
            var next = message.Next;
            message.Unlink();
            _actor.SystemImpl.DeadLetters.Tell(new DeadLetter(message, _actor.Self, _actor.Self), _actor.Self);
            message = next;
        }
        CleanUpLate();
    }

    // A sender that raced with the end finds the mailbox closed after its enqueue and clears it itself.
    private void CleanUpLate()
    {
        lock (_lateCleanUp)
        {
            var deadLetters = _actor.SystemImpl.Mailboxes.DeadLetterMailbox.MessageQueue;
            while (_front.Count > 0) deadLetters.Enqueue(_actor.Self, _front.Pop());
            MessageQueue.CleanUp(_actor.Self, deadLetters);
        }
    }
}
