using System.Globalization;
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Event;
using Akka.Serialization;

namespace Akka.Actor;

/// <summary>Makes and finds references.</summary>
public interface IActorRefProvider
{
    IInternalActorRef RootGuardian { get; }

    LocalActorRef Guardian { get; }

    LocalActorRef SystemGuardian { get; }

    IActorRef DeadLetters { get; }

    IActorRef IgnoreRef { get; }

    ActorPath RootPath { get; }

    Settings Settings { get; }

    Address DefaultAddress { get; }

    /// <summary>What references are written with when no transport says otherwise.</summary>
    Information SerializationInformation { get; }

    /// <summary>The parent of the references behind asks.</summary>
    IInternalActorRef TempContainer { get; }

    Task TerminationTask { get; }

    void Init(ActorSystemImpl system);

    ActorPath TempPath();

    IActorRef RootGuardianAt(Address address);

    IActorRef ResolveActorRef(string path);

    IActorRef ResolveActorRef(ActorPath actorPath);

    FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs);

    void RegisterTempActor(IInternalActorRef actorRef, ActorPath path);

    void UnregisterTempActor(ActorPath path);

    Address GetExternalAddressFor(Address address);
}

/// <summary>The provider of a system that has no other nodes.</summary>
public sealed class LocalActorRefProvider : IActorRefProvider
{
    private readonly ActorPath _tempPath;
    private long _nextTemp;

    public LocalActorRefProvider(string systemName, Settings settings, EventStream eventStream)
    {
        Settings = settings;
        EventStream = eventStream;
        RootPath = new RootActorPath(new Address("akka", systemName));
        _tempPath = RootPath / "temp";
        DeadLetters = new DeadLetterActorRef(this, RootPath / "deadLetters", eventStream);
        IgnoreRef = new IgnoreActorRef(this, RootPath / "ignore");
        TempContainer = new TempActorRefs(this, _tempPath);
    }

    internal ActorSystemImpl System { get; private set; }

    public EventStream EventStream { get; }

    public IInternalActorRef RootGuardian { get; private set; }

    public LocalActorRef Guardian { get; private set; }

    public LocalActorRef SystemGuardian { get; private set; }

    public IActorRef DeadLetters { get; }

    public IActorRef IgnoreRef { get; }

    public ActorPath RootPath { get; }

    public Settings Settings { get; }

    public IInternalActorRef TempContainer { get; }

    public Information SerializationInformation => new(RootPath.Address, System);

    public Address DefaultAddress => RootPath.Address;

    public Task TerminationTask => System.WhenTerminated;

    public void Init(ActorSystemImpl system)
    {
        System = system;
        var dispatcher = system.Dispatchers.Lookup(Dispatch.Dispatchers.InternalDispatcherId);
        var mailbox = system.Mailboxes.Lookup(Dispatch.Mailboxes.DefaultMailboxId);
        var root = new LocalActorRef(system, Props.Create<RootGuardianActor>(), dispatcher, mailbox, new Outside(this), RootPath);
        RootGuardian = root;
        var strategy = SupervisorStrategyConfigurator.CreateConfigurator(Settings.SupervisorStrategyClass).Create();
        Guardian = new LocalActorRef(system, Props.Create<GuardianActor>(strategy), dispatcher, mailbox, root, new ChildActorPath(RootPath, "user", system.NextUid()));
        SystemGuardian = new LocalActorRef(system, new Props(typeof(SystemGuardianActor), [Guardian]), dispatcher, mailbox, root, new ChildActorPath(RootPath, "system", system.NextUid()));
        root.Cell.InitChild(Guardian);
        root.Cell.InitChild(SystemGuardian);
        root.Start();
        Guardian.Start();
        SystemGuardian.Start();
        root.SendSystemMessage(new Watch(SystemGuardian, root));
        SystemGuardian.SendSystemMessage(new Watch(Guardian, SystemGuardian));
    }

    public ActorPath TempPath() => new ChildActorPath(_tempPath, "$" + Interlocked.Increment(ref _nextTemp).ToString(CultureInfo.InvariantCulture), ActorCell.UndefinedUid);

    public FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs) => new(tcs, TempPath(), this);

    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path) => ((TempActorRefs)TempContainer).Add(path.Name, actorRef);

    public void UnregisterTempActor(ActorPath path) => ((TempActorRefs)TempContainer).Remove(path.Name);

    public IActorRef RootGuardianAt(Address address) => address.Equals(RootPath.Address) ? RootGuardian : DeadLetters;

    public IActorRef ResolveActorRef(string path) => ActorPath.TryParse(path, out var parsed) ? ResolveActorRef(parsed) : DeadLetters;

    public IActorRef ResolveActorRef(ActorPath actorPath) => actorPath.Address.Equals(RootPath.Address) ? ResolveHere(actorPath) : DeadLetters;

    /// <summary>The actor of this system at the path, whatever address the path names.</summary>
    internal IActorRef ResolveHere(ActorPath actorPath)
    {
        if (actorPath.Depth == 0) return RootGuardian;
        var elements = actorPath.Elements.ToArray();
        if (elements is ["deadLetters"]) return DeadLetters;
        if (elements is ["temp", var name])
        {
            var future = TempContainer.GetChild([name]);
            return future is Nobody || future.Path.Uid != actorPath.Uid ? Missing(actorPath) : future;
        }
        if (actorPath.Uid != ActorCell.UndefinedUid) elements[^1] += "#" + actorPath.Uid.ToString(CultureInfo.InvariantCulture);
        var found = RootGuardian.GetChild(elements);
        return found is Nobody ? Missing(actorPath) : found;
    }

    private EmptyLocalActorRef Missing(ActorPath path) =>
        new(this, path.Address.Equals(RootPath.Address) ? path : (RootPath / path.Elements).WithUid(path.Uid), EventStream);

    public Address GetExternalAddressFor(Address address) => address.Equals(RootPath.Address) ? address : null;

    // The root guardian's supervisor: learns of its end, and ends the system.
    private sealed class Outside(LocalActorRefProvider provider) : MinimalActorRef
    {
        public override ActorPath Path { get; } = new RootActorPath(provider.RootPath.Address, "/bubble-walker");

        public override IActorRefProvider Provider => provider;

        public override void SendSystemMessage(ISystemMessage message)
        {
            switch (message)
            {
                case DeathWatchNotification: provider.System.Ended(); break;
                case Failed failed:
                    provider.EventStream.Publish(new Error(failed.Cause, Path.ToString(), typeof(LocalActorRefProvider), "The root guardian failed"));
                    provider.System.FinalTerminate();
                    break;
            }
        }
    }
}

/// <summary>The parent of the actors that users create.</summary>
public class GuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case Terminated: Context.Stop(Self); return true;
            default:
                Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
                return true;
        }
    }

    // It never restarts: its children live on.
    protected override void PreStart() { }
}

/// <summary>The parent of the system's own actors; it goes when the user guardian has gone.</summary>
public class SystemGuardianActor : ActorBase
{
    private readonly IActorRef _userGuardian;

    public SystemGuardianActor(IActorRef userGuardian) => _userGuardian = userGuardian;

    protected override bool Receive(object message)
    {
        if (message is Terminated terminated && terminated.ActorRef.Equals(_userGuardian)) EndTheRest();
        else if (message is TransportsClosed) Context.Stop(Self);
        else if (message is not Terminated) Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
        return true;
    }

    protected override void PreRestart(Exception reason, object message) { }

    // What the users' actors said last must leave the process before the system's own actors end.
    private void EndTheRest()
    {
        var close = ((ActorSystemImpl)Context.System).CloseTransports();
        if (close.IsCompleted) Context.Stop(Self);
        else close.PipeTo(Self, success: () => TransportsClosed.Instance, failure: _ => TransportsClosed.Instance);
    }

    private sealed class TransportsClosed
    {
        internal static readonly TransportsClosed Instance = new();
    }
}

internal sealed class RootGuardianActor : ActorBase
{
    protected override bool Receive(object message)
    {
        if (message is Terminated) Context.Stop(Self);
        else Context.System.DeadLetters.Tell(new DeadLetter(message, Sender, Self), Sender);
        return true;
    }

    // A guardian that fails ends the system.
    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Stop);
}

/// <summary>A path with no actor: what is told to it is a dead letter, who watches it hears of its end.</summary>
public class EmptyLocalActorRef : MinimalActorRef
{
    private readonly EventStream _eventStream;

    public EmptyLocalActorRef(IActorRefProvider provider, ActorPath path, EventStream eventStream)
    {
        Provider = provider;
        Path = path;
        _eventStream = eventStream;
    }

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider { get; }

    public override bool IsTerminated => true;

    public override void SendSystemMessage(ISystemMessage message) => SpecialHandle(message, Provider.DeadLetters);

    protected override void TellInternal(object message, IActorRef sender)
    {
        if (message is DeadLetter letter) SpecialHandle(letter.Message, letter.Sender);
        else if (!SpecialHandle(message, sender)) Publish(message, sender, this);
    }

    internal void Publish(object message, IActorRef sender, IActorRef recipient)
    {
        if (message is IDeadLetterSuppression suppressed) _eventStream.Publish(new SuppressedDeadLetter(suppressed, sender ?? Provider.DeadLetters, recipient));
        else _eventStream.Publish(new DeadLetter(message, sender ?? Provider.DeadLetters, recipient));
    }

    protected virtual bool SpecialHandle(object message, IActorRef sender)
    {
        switch (message)
        {
            case Watch watch:
                if (watch.Watchee.Equals(this) && !watch.Watcher.Equals(this)) watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: false, addressTerminated: false));
                return true;
            case Unwatch: return true;
            case Identify identify:
                (sender ?? Provider.DeadLetters).Tell(new ActorIdentity(identify.MessageId, null), this);
                return true;
            case ActorSelectionMessage { Message: Identify identify, WildCardFanOut: var many }:
                if (!many) (sender ?? Provider.DeadLetters).Tell(new ActorIdentity(identify.MessageId, null), this);
                return true;
            case ActorSelectionMessage selection:
                Publish(selection.Message, sender, this);
                return true;
            default: return message is ISystemMessage;
        }
    }
}

/// <summary>Where messages go that have no recipient: they are published as <see cref="DeadLetter"/>.</summary>
public class DeadLetterActorRef(IActorRefProvider provider, ActorPath path, EventStream eventStream) : EmptyLocalActorRef(provider, path, eventStream)
{
    protected override void TellInternal(object message, IActorRef sender)
    {
        switch (message)
        {
            case Identify identify: (sender ?? this).Tell(new ActorIdentity(identify.MessageId, null), this); break;
            case AllDeadLetters letter:
                if (!SpecialHandle(letter.Message, letter.Sender)) Publish(letter.Message, letter.Sender, letter.Recipient);
                break;
            default:
                if (!SpecialHandle(message, sender)) Publish(message, sender, this);
                break;
        }
    }

    protected override bool SpecialHandle(object message, IActorRef sender)
    {
        if (message is not Watch watch) return base.SpecialHandle(message, sender);
        if (!watch.Watcher.Equals(this)) watch.Watcher.SendSystemMessage(new DeathWatchNotification(watch.Watchee, existenceConfirmed: false, addressTerminated: false));
        return true;
    }
}

internal sealed class IgnoreActorRef(IActorRefProvider provider, ActorPath path) : MinimalActorRef
{
    public override ActorPath Path { get; } = path;

    public override IActorRefProvider Provider { get; } = provider;
}
