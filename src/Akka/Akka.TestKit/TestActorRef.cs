using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.TestKit;

/// <summary>A reference to an actor that runs on the calling thread, with access to its instance.</summary>
public abstract class TestActorRefBase<TActor> : IInternalActorRef where TActor : ActorBase
{
    private readonly LocalActorRef _ref;

    protected TestActorRefBase(ActorSystem system, Props actorProps, IActorRef supervisor = null, string name = null)
    {
        system.Settings.InjectTopLevelFallback(TestKitBase.DefaultConfig);
        var props = actorProps.WithDispatcher(CallingThreadDispatcher.Id);
        _ref = (LocalActorRef)(supervisor is null ? system.ActorOf(props, name) : CellOf(supervisor).AttachChild(props, isSystemService: false, name));
    }

    private static ActorCell CellOf(IActorRef supervisor) => ((LocalActorRef)(supervisor is TestKitBase kit ? kit.TestActor : supervisor)).Cell;

    public IActorRef Ref => _ref;

    public ActorPath Path => _ref.Path;

    /// <summary>The current incarnation.</summary>
    public TActor UnderlyingActor => (TActor)(_ref.Cell.CurrentActor ?? throw new IllegalActorStateException($"{_ref} has no actor: it was not created, or has ended"));

    /// <summary>Hands the message to the behaviour; what it throws comes out here.</summary>
    public void Receive(object message, IActorRef sender = null) => _ref.Cell.ReceiveMessageForTest(new Envelope(message, sender));

    public void Tell(object message, IActorRef sender) => _ref.Tell(message, sender);

    public void Tell(object message) => _ref.Tell(message);

    public void Forward(object message) => _ref.Forward(message);

    public void Watch(IActorRef subject) => _ref.Cell.UseThreadContext(() => _ref.Cell.Watch(subject));

    public void Unwatch(IActorRef subject) => _ref.Cell.UseThreadContext(() => _ref.Cell.Unwatch(subject));

    bool IEquatable<IActorRef>.Equals(IActorRef other) => _ref.Equals(other);

    public override bool Equals(object obj) => _ref.Equals(obj);

    public override int GetHashCode() => _ref.GetHashCode();

    int IComparable<IActorRef>.CompareTo(IActorRef other) => _ref.CompareTo(other);

    public int CompareTo(object obj) => _ref.CompareTo(obj);

    public override string ToString() => _ref.ToString();

    bool IActorRefScope.IsLocal => _ref.IsLocal;

    IInternalActorRef IInternalActorRef.Parent => _ref.Parent;

    IActorRefProvider IInternalActorRef.Provider => _ref.Provider;

    bool IInternalActorRef.IsTerminated => _ref.IsTerminated;

    IActorRef IInternalActorRef.GetChild(IReadOnlyList<string> name) => _ref.GetChild(name);

    void IInternalActorRef.Start() => _ref.Start();

    void IInternalActorRef.Stop() => _ref.Stop();

    void IInternalActorRef.Restart(Exception cause) => _ref.Restart(cause);

    void IInternalActorRef.Suspend() => _ref.Suspend();

    void IInternalActorRef.Resume(Exception causedByFailure) => _ref.Resume(causedByFailure);

    public void SendSystemMessage(ISystemMessage message, IActorRef sender) => _ref.SendSystemMessage(message);

    public void SendSystemMessage(ISystemMessage message) => _ref.SendSystemMessage(message);
}

/// <summary>The reference that <see cref="TestKitBase.ActorOfAsTestActorRef{TActor}(string)"/> makes.</summary>
public sealed class TestActorRef<TActor> : TestActorRefBase<TActor> where TActor : ActorBase
{
    public TestActorRef(ActorSystem system, Props actorProps, IActorRef supervisor = null, string name = null) : base(system, actorProps, supervisor, name) { }
}
