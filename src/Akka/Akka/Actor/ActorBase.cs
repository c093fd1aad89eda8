using Akka.Event;

namespace Akka.Actor;

/// <summary>A behaviour: handles a message and says whether it did.</summary>
public delegate bool Receive(object message);

/// <summary>A behaviour that handles every message.</summary>
public delegate void UntypedReceive(object message);

/// <summary>Access to an actor's context from outside.</summary>
public interface IInternalActor
{
    IActorContext ActorContext { get; }
}

/// <summary>What an actor sees of its cell.</summary>
public interface IActorContext : IActorRefFactory, ICanWatch
{
    Props Props { get; }

    IActorRef Self { get; }

    /// <summary>Who sent the current message; dead letters if nobody did.</summary>
    IActorRef Sender { get; }

    ActorSystem System { get; }

    IActorRef Parent { get; }

    Dispatch.MessageDispatcher Dispatcher { get; }

    TimeSpan? ReceiveTimeout { get; }

    void Become(Receive receive);

    void BecomeStacked(Receive receive);

    void UnbecomeStacked();

    /// <summary>The child of that name, or nobody.</summary>
    IActorRef Child(string name);

    IEnumerable<IActorRef> GetChildren();

    /// <summary>Null turns it off; a message that influences it starts it anew.</summary>
    void SetReceiveTimeout(TimeSpan? timeout);

    void Stop(IActorRef child);
}

/// <summary>Watching other actors' ends.</summary>
public interface ICanWatch
{
    /// <summary>The watcher receives <see cref="Terminated"/> once the subject has stopped.</summary>
    IActorRef Watch(IActorRef subject);

    /// <summary>The watcher receives <paramref name="message"/> instead of <see cref="Terminated"/>.</summary>
    IActorRef WatchWith(IActorRef subject, object message);

    IActorRef Unwatch(IActorRef subject);
}

/// <summary>The context of an actor whose behaviours handle every message.</summary>
public interface IUntypedActorContext : IActorContext
{
    void Become(UntypedReceive receive);

    void BecomeStacked(UntypedReceive receive);
}

/// <summary>Base of all actors.</summary>
public abstract class ActorBase : IInternalActor
{
    private ActorCell _cell;

    protected ActorBase()
    {
        var cell = ActorCell.Current ?? throw new ActorInitializationException("Do not create actors using 'new', always create them using an ActorContext/System");
        _cell = cell;
        cell.Become(Receive);
    }

    IActorContext IInternalActor.ActorContext => ActorCell.Current ?? throw new NotSupportedException("There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    protected static IActorContext Context => CurrentCell;

    internal static ActorCell CurrentCell => ActorCell.Current ?? throw new NotSupportedException("There is no active ActorContext, this is most likely due to use of async operations from within this actor.");

    /// <summary>The sender of the current message.</summary>
    protected IActorRef Sender => CurrentCell.Sender;

    protected IActorRef Self => _cell.Self;

    /// <summary>Handles nothing.</summary>
    protected static Receive EmptyReceive { get; } = static _ => false;

    internal ActorCell Cell => _cell;

    internal SupervisorStrategy Strategy => field ??= _cell.Props.SupervisorStrategy ?? SupervisorStrategy();

    internal void SetContext(ActorCell cell) => _cell = cell;

    internal void CallUnhandled(object message) => Unhandled(message);

    protected abstract bool Receive(object message);

    protected internal virtual bool AroundReceive(Receive receive, object message) => receive(message);

    public virtual void AroundPreStart() => PreStart();

    public virtual void AroundPostStop() => PostStop();

    public virtual void AroundPreRestart(Exception cause, object message) => PreRestart(cause, message);

    public virtual void AroundPostRestart(Exception cause, object message) => PostRestart(cause);

    /// <summary>Runs before the first message.</summary>
    protected virtual void PreStart() { }

    /// <summary>Runs after the last message, when all children have stopped.</summary>
    protected virtual void PostStop() { }

    /// <summary>Runs on the failed incarnation; stops all children, then calls <see cref="PostStop"/>.</summary>
    protected virtual void PreRestart(Exception reason, object message)
    {
        foreach (var child in Context.GetChildren().ToList())
        {
            Context.Unwatch(child);
            Context.Stop(child);
        }
        PostStop();
    }

    /// <summary>Runs on the new incarnation; calls <see cref="PreStart"/>.</summary>
    protected virtual void PostRestart(Exception reason) => PreStart();

    /// <summary>An unhandled <see cref="Terminated"/> fails the actor; anything else is published as <see cref="UnhandledMessage"/>.</summary>
    protected virtual void Unhandled(object message)
    {
        if (message is Terminated terminated) throw new DeathPactException(terminated.ActorRef);
        var cell = CurrentCell;
        cell.System.EventStream.Publish(new UnhandledMessage(message, cell.Sender, cell.Self));
    }

    protected virtual SupervisorStrategy SupervisorStrategy() => Actor.SupervisorStrategy.DefaultStrategy;

    protected void Become(Receive receive) => Context.Become(receive);

    protected void BecomeStacked(Receive receive) => Context.BecomeStacked(receive);

    protected void UnbecomeStacked() => Context.UnbecomeStacked();

    protected void SetReceiveTimeout(TimeSpan? timeout) => Context.SetReceiveTimeout(timeout);
}

/// <summary>An actor with one method that takes every message.</summary>
public abstract class UntypedActor : ActorBase
{
    protected sealed override bool Receive(object message)
    {
        OnReceive(message);
        return true;
    }

    protected abstract void OnReceive(object message);

    protected static new IUntypedActorContext Context => CurrentCell;

    protected void Become(UntypedReceive receive) => Context.Become(receive);

    protected void BecomeStacked(UntypedReceive receive) => Context.BecomeStacked(receive);

    protected void RunTask(Action action) => Dispatch.ActorTaskScheduler.RunTask(action);

    /// <summary>Runs an asynchronous handler; the actor takes no user message until it is done.</summary>
    protected void RunTask(Func<Task> action) => Dispatch.ActorTaskScheduler.RunTask(action);
}

/// <summary>An untyped actor with a stash.</summary>
public abstract class UntypedActorWithStash : UntypedActor, IWithStash
{
    public IStash Stash { get; set; }
}

/// <summary>An untyped actor with an unbounded stash.</summary>
public abstract class UntypedActorWithUnboundedStash : UntypedActor, IWithUnboundedStash
{
    public IStash Stash { get; set; }
}
