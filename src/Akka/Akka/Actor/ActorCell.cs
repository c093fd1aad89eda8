using System.Runtime.InteropServices;
using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

/// <summary>What an actor runs in: its mailbox, children, watches, behaviours and incarnations.</summary>
public partial class ActorCell : IUntypedActorContext
{
    /// <summary>The uid of a path that means any incarnation.</summary>
    public const int UndefinedUid = 0;

    [ThreadStatic] private static ActorCell t_current;

    private readonly ActorSystemImpl _system;
    private readonly IInternalActorRef _self;
    private readonly long _uid;
    private Mailbox _mailbox;
    private ActorBase _actor;
    private Receive _behavior;
    private Stack<Receive> _behaviors;
    private ActorTaskScheduler _taskScheduler;
    private SystemMessage _stashedSystemMessages;
    private Type _plainType;
    private InProcess _now;
    private bool _awaiting;

    public ActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef parent)
    {
        _system = system;
        _self = self;
        _uid = self.Path.Uid;
        Props = props;
        Dispatcher = dispatcher;
        Parent = parent;
    }

    /// <summary>The cell whose actor runs on this thread, or null.</summary>
    internal static ActorCell Current => t_current;

    internal IActorRef CurrentSender => _now.Sender;

    /// <summary>Counts the messages handled, so that the stash can tell the same message sent twice from one stashed twice.</summary>
    internal long Handled => _now.Handled;

    internal static ActorCell SetCurrent(ActorCell cell)
    {
        var before = t_current;
        t_current = cell;
        return before;
    }

    public static IActorRef GetCurrentSelfOrNoSender() => t_current?._self;

    public static IActorRef GetCurrentSenderOrNoSender() => t_current?._now.Sender;

    public ActorSystem System => _system;

    public ActorSystemImpl SystemImpl => _system;

    public IActorRef Self => _self;

    public IInternalActorRef Parent { get; }

    IActorRef IActorContext.Parent => Parent;

    public Props Props { get; private set; }

    public MessageDispatcher Dispatcher { get; }

    public Mailbox Mailbox => Volatile.Read(ref _mailbox);

    public object CurrentMessage
    {
        get => _now.Message;
        internal set => _now.Message = value;
    }

    public IActorRef Sender => _now.Sender ?? _system.DeadLetters;

    public bool IsTerminated => Mailbox.IsClosed || ReferenceEquals(Mailbox, _system.Mailboxes.DeadLetterMailbox);

    public bool HasMessages => Mailbox.HasMessages;

    public int NumberOfMessages => Mailbox.NumberOfMessages;

    public bool IsLocal => true;

    internal ActorBase CurrentActor => _actor;

    public virtual ActorTaskScheduler TaskScheduler => _taskScheduler ??= new ActorTaskScheduler(this);

    /// <summary>Makes the mailbox; the first thing in it is the order to create the actor.</summary>
    public void Init(bool sendSupervise, MailboxType mailboxType)
    {
        var mailbox = new Mailbox(mailboxType.Create(_self, _system));
        mailbox.SetActor(this);
        Volatile.Write(ref _mailbox, mailbox);
        mailbox.SystemEnqueue(_self, new Create());
        if (sendSupervise) Parent.SendSystemMessage(new Supervise(_self, async: false));
    }

    internal Mailbox SwapMailbox(Mailbox mailbox) => Interlocked.Exchange(ref _mailbox, mailbox);

    public virtual void Start() => Dispatcher.Attach(this);

    public void Stop() => SendSystemMessage(new Terminate());

    public void Restart(Exception cause) => SendSystemMessage(new Recreate(cause));

    public void Suspend() => SendSystemMessage(new Dispatch.SysMsg.Suspend());

    public void Resume(Exception causedByFailure) => SendSystemMessage(new Dispatch.SysMsg.Resume(causedByFailure));

    public virtual void SendMessage(IActorRef sender, object message)
    {
        var mailbox = Volatile.Read(ref _mailbox);
        if (mailbox is DeadLetterMailbox) mailbox.MessageQueue.Enqueue(_self, new Envelope(sender, message));
        else mailbox.Post(message, sender);
    }

    public virtual void SendMessage(Envelope message) => SendMessage(message.Sender, message.Message);

    public virtual void SendSystemMessage(ISystemMessage systemMessage)
    {
        var message = (SystemMessage)systemMessage;
        var mailbox = Mailbox;
        if (mailbox is DeadLetterMailbox) _system.DeadLetters.Tell(new DeadLetter(message, _self, _self), _self);
        else Dispatcher.SystemDispatch(this, message);
    }

    public void Become(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        _behavior = receive;
    }

    public void BecomeStacked(Receive receive)
    {
        ArgumentNullException.ThrowIfNull(receive);
        (_behaviors ??= new Stack<Receive>()).Push(_behavior);
        _behavior = receive;
    }

    public void UnbecomeStacked()
    {
        if (_behaviors is { Count: > 0 }) _behavior = _behaviors.Pop();
    }

    void IUntypedActorContext.Become(UntypedReceive receive) => Become(m => { receive(m); return true; });

    void IUntypedActorContext.BecomeStacked(UntypedReceive receive) => BecomeStacked(m => { receive(m); return true; });

    public void UseThreadContext(Action action)
    {
        var before = SetCurrent(this);
        try { action(); }
        finally { SetCurrent(before); }
    }

    public void Invoke(Envelope envelope) => Invoke(envelope.Message, envelope.Sender);

    internal void Invoke(object message, IActorRef sender)
    {
        _now.Message = message;
        _now.Sender = sender;
        _now.Handled++;
        try
        {
            if (_receiveTimeout.HasValue && message is not INotInfluenceReceiveTimeout) CancelReceiveTimeoutTask();
            // Most messages are of the type of the one before; then the interface test is spared.
            var type = message.GetType();
            if (ReferenceEquals(type, _plainType)) ReceiveMessage(message);
            else if (message is IAutoReceivedMessage) AutoReceiveMessage(new Envelope(sender, message));
            else
            {
                _plainType = type;
                ReceiveMessage(message);
            }
            _now.Message = null;
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
        finally
        {
            if (_receiveTimeout.HasValue) CheckReceiveTimeout();
        }
    }

    protected virtual void ReceiveMessage(object message)
    {
        if (!_actor.AroundReceive(_behavior, message)) _actor.CallUnhandled(message);
    }

    public void ReceiveMessageForTest(Envelope envelope)
    {
        var (message, sender) = (_now.Message, _now.Sender);
        _now.Message = envelope.Message;
        _now.Sender = envelope.Sender;
        try
        {
            UseThreadContext(() => ReceiveMessage(envelope.Message));
        }
        finally
        {
            (_now.Message, _now.Sender) = (message, sender);
        }
    }

    protected virtual void AutoReceiveMessage(Envelope envelope)
    {
        switch (envelope.Message)
        {
            case Terminated t: ReceivedTerminated(t); break;
            case Timers.TimerMessage timer: ReceiveTimerMessage(timer); break;
            case AddressTerminated lost: AddressTerminated(lost.Address); break;
            case ActorSelectionMessage selection: selection.Deliver(_self, Sender); break;
            case PoisonPill: _self.Stop(); break;
            case Kill: throw new ActorKilledException("Kill");
            case Identify identify: Sender.Tell(new ActorIdentity(identify.MessageId, _self), _self); break;
            default: ReceiveMessage(envelope.Message); break;
        }
    }

    private void ReceiveTimerMessage(Timers.TimerMessage timer)
    {
        if (_timers?.Intercept(timer) is not { } message) return;
        // Stash looks at the current message: it must be the user's, not the wrapper.
        _now.Message = message;
        if (message is IAutoReceivedMessage and not Timers.TimerMessage) AutoReceiveMessage(new Envelope(_now.Sender, message));
        else ReceiveMessage(message);
    }

    internal void SystemInvoke(SystemMessage message)
    {
        if (ShouldStash(message))
        {
            message.Next = null;
            if (_stashedSystemMessages is null) _stashedSystemMessages = message;
            else
            {
                var last = _stashedSystemMessages;
                while (last.Next is not null) last = last.Next;
                last.Next = message;
            }
            return;
        }
        var waited = IsWaitingForChildren || Mailbox.IsSuspended;
        try
        {
            Handle(message);
        }
        catch (Exception cause)
        {
            HandleInvokeFailure(cause);
        }
        // What was kept back may be due now that the state has changed.
        if (waited && _stashedSystemMessages is not null && !Mailbox.IsClosed) UnstashSystemMessages();
    }

    private void UnstashSystemMessages()
    {
        var message = _stashedSystemMessages;
        _stashedSystemMessages = null;
        while (message is not null)
        {
            var next = message.Next;
            message.Unlink();
            SystemInvoke(message);
            message = next;
        }
    }

    private bool ShouldStash(SystemMessage message) =>
        IsWaitingForChildren ? message.StashWhenWaitingForChildren : message.StashWhenFailed && !_isTerminating && Mailbox.Suspensions > (_awaiting ? 1 : 0);

    private void Handle(SystemMessage message)
    {
        switch (message)
        {
            case Create create: CreateActor(create.Failure); break;
            case Watch watch: AddWatcher(watch.Watchee, watch.Watcher); break;
            case Unwatch unwatch: RemWatcher(unwatch.Watchee, unwatch.Watcher); break;
            case DeathWatchNotification d: WatchedActorTerminated(d.Actor, d.ExistenceConfirmed, d.AddressTerminated); break;
            case Failed failed: HandleFailed(failed); break;
            case Supervise supervise: InitChild((IInternalActorRef)supervise.Child); break;
            case Dispatch.SysMsg.Suspend: FaultSuspend(); break;
            case Dispatch.SysMsg.Resume resume: FaultResume(resume.CausedByFailure); break;
            case Recreate recreate: FaultRecreate(recreate.Cause); break;
            case Dispatch.SysMsg.Terminate: Terminate(); break;
            case ActorTaskMessage task: RunTask(task); break;
            default: throw new NotSupportedException($"Unknown system message {message.GetType().Name}");
        }
    }

    private void RunTask(ActorTaskMessage task)
    {
        _now.Message = task.Message;
        _now.Sender = task.Sender;
        task.Scheduler.Run(task.Task);
    }

    internal void SuspendForTask()
    {
        Mailbox.Suspend();
        _awaiting = true;
    }

    internal void ResumeAfterTask()
    {
        _awaiting = false;
        Mailbox.Resume();
    }

    internal void FailAfterTask(Exception failure, object message)
    {
        _now.Message = message;
        HandleInvokeFailure(failure);
    }

    private void CreateActor(ActorInitializationException failure)
    {
        if (failure is not null) throw failure;
        try
        {
            _actor = NewActor();
            _actor.AroundPreStart();
            CheckReceiveTimeout();
            if (_system.Settings.DebugLifecycle) Publish(new Debug(_self.Path.ToString(), _actor.GetType(), $"Started ({_actor})"));
        }
        catch (Exception e)
        {
            if (_actor is not null)
            {
                ClearActor(_actor);
                _actor = null;
            }
            var cause = e is System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            throw cause as ActorInitializationException ?? new ActorInitializationException(_self, $"Exception during creation: {cause.Message}", cause);
        }
    }

    private ActorBase NewActor()
    {
        _behavior = null;
        _behaviors = null;
        var before = SetCurrent(this);
        try
        {
            var instance = CreateNewActorInstance() ?? throw new ActorInitializationException(_self, "Actor instance passed to ActorOf can't be 'null'");
            instance.SetContext(this);
            if (instance is IInitializableActor initializable) initializable.Init();
            return instance;
        }
        finally
        {
            SetCurrent(before);
        }
    }

    protected virtual ActorBase CreateNewActorInstance()
    {
        var actor = Props.NewActor();
        if (actor is IWithTimers { Timers: null } timed) timed.Timers = _timers = new TimerScheduler(this);
        if (actor is IActorStash { Stash: null } stashing) stashing.Stash = new Internal.UnboundedStashImpl(this);
        return actor;
    }

    protected void ClearActor(ActorBase actor)
    {
        if (actor is null) return;
        _timers?.CancelAll();
        _timers = null;
        if (actor is IActorStash { Stash: { } stash }) stash.UnstashAll();
        (actor as IDisposable)?.Dispose();
        _behaviors = null;
    }

    private void Publish(LogEvent e) => _system.EventStream.Publish(e);

    ActorSelection IActorRefFactory.ActorSelection(ActorPath actorPath) => ActorSelection(actorPath);

    public ActorSelection ActorSelection(ActorPath path) => ActorRefFactoryShared.ActorSelection(path, _system);

    public ActorSelection ActorSelection(string path) => ActorRefFactoryShared.ActorSelection(path, _system, _self);

    // Written for every message by the thread that runs the actor, while senders read the mailbox beside it.
    [StructLayout(LayoutKind.Explicit, Size = 144)]
    private struct InProcess
    {
        [FieldOffset(64)] internal object Message;
        [FieldOffset(72)] internal IActorRef Sender;
        [FieldOffset(80)] internal long Handled;
    }
}
