using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>A reference to an actor of this process.</summary>
public class LocalActorRef : InternalActorRefBase
{
    private readonly ActorCell _cell;

    public LocalActorRef(ActorSystemImpl system, Props props, MessageDispatcher dispatcher, MailboxType mailboxType, IInternalActorRef supervisor, ActorPath path)
    {
        System = system;
        Props = props;
        Dispatcher = dispatcher;
        MailboxType = mailboxType;
        Supervisor = supervisor;
        Path = path;
        _cell = NewActorCell(system, this, props, dispatcher, supervisor);
        // The supervisor enters the child itself, so that a failure at once finds it known.
        _cell.Init(sendSupervise: false, mailboxType);
    }

    protected ActorSystem System { get; }

    protected Props Props { get; }

    protected MessageDispatcher Dispatcher { get; }

    protected IInternalActorRef Supervisor { get; }

    protected MailboxType MailboxType { get; }

    public ActorCell Cell => _cell;

    public override ActorPath Path { get; }

    public override IInternalActorRef Parent => _cell.Parent;

    public override IActorRefProvider Provider => _cell.SystemImpl.Provider;

    public override bool IsLocal => true;

    public override bool IsTerminated => _cell.IsTerminated;

    public virtual IEnumerable<IActorRef> Children => _cell.GetChildren();

    protected virtual ActorCell NewActorCell(ActorSystemImpl system, IInternalActorRef self, Props props, MessageDispatcher dispatcher, IInternalActorRef supervisor) =>
        new(system, self, props, dispatcher, supervisor);

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        IInternalActorRef current = this;
        for (var i = 0; i < name.Count; i++)
        {
            switch (name[i])
            {
                case "": continue;
                case "..": current = current.Parent; break;
                default: current = current is LocalActorRef local ? local.Cell.GetSingleChild(name[i]) : (IInternalActorRef)current.GetChild([.. name.Skip(i)]); break;
            }
            if (current is Nobody) return current;
            if (current is not LocalActorRef) return i + 1 == name.Count ? current : current.GetChild([.. name.Skip(i + 1)]);
        }
        return current;
    }

    public override void Start() => _cell.Start();

    public override void Stop() => _cell.Stop();

    public override void Restart(Exception cause) => _cell.Restart(cause);

    public override void Suspend() => _cell.Suspend();

    public override void Resume(Exception causedByFailure = null) => _cell.Resume(causedByFailure);

    public override void SendSystemMessage(ISystemMessage message) => _cell.SendSystemMessage(message);

    protected override void TellInternal(object message, IActorRef sender) => _cell.SendMessage(sender, message);
}
