using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>What messages can be told to.</summary>
public interface ICanTell
{
    void Tell(object message, IActorRef sender);
}

/// <summary>An address of an actor: told messages reach it in order from one sender, at most once.</summary>
public interface IActorRef : ICanTell, IEquatable<IActorRef>, IComparable<IActorRef>, IComparable
{
    ActorPath Path { get; }
}

/// <summary>Says whether the actor is in this process.</summary>
public interface IActorRefScope
{
    bool IsLocal { get; }
}

/// <summary>The part of a reference that actor systems use among themselves.</summary>
public interface IInternalActorRef : IActorRef, IActorRefScope
{
    IInternalActorRef Parent { get; }

    IActorRefProvider Provider { get; }

    bool IsTerminated { get; }

    IActorRef GetChild(IReadOnlyList<string> name);

    void Start();

    void Stop();

    void Restart(Exception cause);

    void Suspend();

    void Resume(Exception causedByFailure = null);

    void SendSystemMessage(ISystemMessage message, IActorRef sender);

    void SendSystemMessage(ISystemMessage message);
}

/// <summary>Equality and order of references: by path, and by uid where both are known.</summary>
public abstract class ActorRefBase : IActorRef
{
    public abstract ActorPath Path { get; }

    public void Tell(object message, IActorRef sender)
    {
        if (message is null) throw new InvalidMessageException("Message is null.");
        TellInternal(message, sender);
    }

    protected abstract void TellInternal(object message, IActorRef sender);

    public bool Equals(IActorRef other) => ReferenceEquals(this, other) || (other is not null && Path.Uid == other.Path.Uid && Path.Equals(other.Path));

    public override bool Equals(object obj) => obj is IActorRef other && Equals(other);

    public override int GetHashCode() => Path.Uid == ActorCell.UndefinedUid ? Path.GetHashCode() : Path.Uid.GetHashCode();

    public int CompareTo(IActorRef other)
    {
        var byPath = Path.CompareTo(other?.Path);
        return byPath != 0 || other is null ? byPath : Path.Uid.CompareTo(other.Path.Uid);
    }

    public int CompareTo(object obj) => obj is null or IActorRef ? CompareTo((IActorRef)obj) : throw new ArgumentException($"Object must be of type IActorRef, found {obj.GetType()}", nameof(obj));

    public override string ToString() => Path.Uid == ActorCell.UndefinedUid ? $"[{Path}]" : $"[{Path}#{Path.Uid}]";
}

/// <summary>Base of every reference of this process.</summary>
public abstract class InternalActorRefBase : ActorRefBase, IInternalActorRef
{
    public abstract IInternalActorRef Parent { get; }

    public abstract IActorRefProvider Provider { get; }

    public abstract bool IsTerminated { get; }

    public abstract bool IsLocal { get; }

    public abstract IActorRef GetChild(IReadOnlyList<string> name);

    public abstract void Start();

    public abstract void Stop();

    public abstract void Restart(Exception cause);

    public abstract void Suspend();

    public abstract void Resume(Exception causedByFailure = null);

    public void SendSystemMessage(ISystemMessage message, IActorRef sender) => SendSystemMessage(message);

    public abstract void SendSystemMessage(ISystemMessage message);
}

/// <summary>A reference with no actor behind it.</summary>
public abstract class MinimalActorRef : InternalActorRefBase
{
    public override IInternalActorRef Parent => ActorRefs.Nobody;

    public override bool IsLocal => true;

    public override bool IsTerminated => false;

    public override IActorRef GetChild(IReadOnlyList<string> name) => name.All(n => n.Length == 0) ? this : ActorRefs.Nobody;

    public override void Start() { }

    public override void Stop() { }

    public override void Restart(Exception cause) { }

    public override void Suspend() { }

    public override void Resume(Exception causedByFailure = null) { }

    public override void SendSystemMessage(ISystemMessage message) { }

    protected override void TellInternal(object message, IActorRef sender) { }
}

/// <summary>The reference to no actor; messages told to it vanish.</summary>
public sealed class Nobody : MinimalActorRef
{
    private static readonly ActorPath NobodyPath = new RootActorPath(Address.AllSystems) / "Nobody";

    private Nobody() { }

    public static Nobody Instance { get; } = new();

    public override ActorPath Path => NobodyPath;

    public override IActorRefProvider Provider => throw new NotSupportedException("Nobody has no provider.");
}

/// <summary>The references that mean nobody.</summary>
public static class ActorRefs
{
    public static readonly Nobody Nobody = Nobody.Instance;

    /// <summary>No sender: replies go to dead letters.</summary>
    public static readonly IActorRef NoSender = null;
}

/// <summary>Questions about references.</summary>
public static class ActorRefExtensions
{
    public static bool IsNobody(this IActorRef actorRef) => actorRef is null or Nobody;

    public static IActorRef GetOrElse(this IActorRef actorRef, Func<IActorRef> elseValue) => actorRef.IsNobody() ? elseValue() : actorRef;
}

/// <summary>Tell with the current actor as the sender.</summary>
public static class ActorRefImplicitSenderExtensions
{
    public static void Tell(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.GetCurrentSelfOrNoSender());

    /// <summary>Tell with the current message's sender as the sender.</summary>
    public static void Forward(this IActorRef receiver, object message) => receiver.Tell(message, ActorCell.GetCurrentSenderOrNoSender());
}

/// <summary>What can create actors and look them up.</summary>
public interface IActorRefFactory
{
    IActorRef ActorOf(Props props, string name = null);

    ActorSelection ActorSelection(ActorPath actorPath);

    ActorSelection ActorSelection(string actorPath);
}

/// <summary>Shorter ways to create and look up actors.</summary>
public static class ActorRefFactoryExtensions
{
    public static IActorRef ActorOf<TActor>(this IActorRefFactory factory, string name = null) where TActor : ActorBase, new() => factory.ActorOf(Props.Create<TActor>(), name);

    public static ActorSelection ActorSelection(this IActorRefFactory factory, IActorRef anchorRef, string actorPath) => new(anchorRef, actorPath);
}
