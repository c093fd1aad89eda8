using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>What happens to this node's connections, published on the event stream.</summary>
public abstract class RemotingLifecycleEvent
{
    public abstract LogLevel LogLevel();
}

/// <summary>What happens to the connection with one other node.</summary>
public abstract class AssociationEvent : RemotingLifecycleEvent
{
    public abstract Address LocalAddress { get; }

    public abstract Address RemoteAddress { get; }

    /// <summary>Whether the other node opened the connection.</summary>
    public abstract bool IsInbound { get; }

    protected string EventName { get; set; } = "";

    public override string ToString() => $"{EventName} [{LocalAddress}] {(IsInbound ? "<-" : "->")} {RemoteAddress}";
}

/// <summary>A connection is open and both nodes know each other.</summary>
public sealed class AssociatedEvent : AssociationEvent
{
    public AssociatedEvent(Address localAddress, Address remoteAddress, bool inbound) =>
        (LocalAddress, RemoteAddress, IsInbound, EventName) = (localAddress, remoteAddress, inbound, "Associated");

    public override Address LocalAddress { get; }

    public override Address RemoteAddress { get; }

    public override bool IsInbound { get; }

    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>A connection has closed.</summary>
public sealed class DisassociatedEvent : AssociationEvent
{
    public DisassociatedEvent(Address localAddress, Address remoteAddress, bool inbound) =>
        (LocalAddress, RemoteAddress, IsInbound, EventName) = (localAddress, remoteAddress, inbound, "Disassociated");

    public override Address LocalAddress { get; }

    public override Address RemoteAddress { get; }

    public override bool IsInbound { get; }

    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>A connection could not be opened, or failed.</summary>
public sealed class AssociationErrorEvent : AssociationEvent
{
    private readonly LogLevel _level;

    public AssociationErrorEvent(Exception cause, Address localAddress, Address remoteAddress, bool inbound, LogLevel level)
    {
        (LocalAddress, RemoteAddress, IsInbound, EventName) = (localAddress, remoteAddress, inbound, "AssociationError");
        Cause = cause;
        _level = level;
    }

    public Exception Cause { get; }

    public override Address LocalAddress { get; }

    public override Address RemoteAddress { get; }

    public override bool IsInbound { get; }

    public override LogLevel LogLevel() => _level;

    public override string ToString() => $"{base.ToString()}: Error [{Cause.Message}]";
}

/// <summary>This node can be reached.</summary>
public sealed class RemotingListenEvent(IList<Address> listenAddresses) : RemotingLifecycleEvent
{
    public IList<Address> ListenAddresses { get; } = listenAddresses;

    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;

    public override string ToString() => $"Remoting now listens on addresses: [{string.Join(", ", ListenAddresses)}]";
}

/// <summary>This node's connections are closed.</summary>
public sealed class RemotingShutdownEvent : RemotingLifecycleEvent
{
    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;

    public override string ToString() => "Remoting shut down";
}

/// <summary>Remoting failed as a whole.</summary>
public sealed class RemotingErrorEvent(Exception cause) : RemotingLifecycleEvent
{
    public Exception Cause { get; } = cause;

    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;

    public override string ToString() => $"Remoting error: [{Cause.Message}] [{Cause}]";
}

/// <summary>No message is exchanged any more with that incarnation of the node at the address.</summary>
public sealed class QuarantinedEvent(Address address, int uid) : RemotingLifecycleEvent
{
    public Address Address { get; } = address;

    public int Uid { get; } = uid;

    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;

    public override string ToString() =>
        $"Association to [{Address}] having UID [{Uid}] is irrecoverably failed. UID is now quarantined and all messages to this UID will be delivered to dead letters. "
        + "Remote ActorSystem must be restarted to recover from this situation.";
}

/// <summary>Another node has quarantined this one: it talks to it again only after a restart.</summary>
public sealed class ThisActorSystemQuarantinedEvent(Address localAddress, Address remoteAddress) : RemotingLifecycleEvent
{
    public Address LocalAddress { get; } = localAddress;

    public Address RemoteAddress { get; } = remoteAddress;

    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;

    public override string ToString() => $"The remote system {RemoteAddress} has quarantined this system {LocalAddress}.";
}
