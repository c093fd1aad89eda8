using Akka.Actor;
using Akka.Event;

namespace Akka.Remote;

/// <summary>What carries messages to other nodes.</summary>
public abstract class RemoteTransport
{
    protected RemoteTransport(ExtendedActorSystem system, RemoteActorRefProvider provider)
    {
        System = system;
        Provider = provider;
        Log = Logging.GetLogger(system, "Akka.Remote");
        logRemoteLifeCycleEvents = provider.RemoteSettings.RemoteLifecycleEventsLogLevel != "OFF";
    }

#pragma warning disable IDE1006, CA1707, CA1051 // Akka.NET's name.
    public bool logRemoteLifeCycleEvents;
#pragma warning restore IDE1006, CA1707, CA1051

    public ILoggingAdapter Log { get; }

    public ExtendedActorSystem System { get; }

    public RemoteActorRefProvider Provider { get; }

    /// <summary>The addresses that other nodes reach this one by.</summary>
    public abstract ISet<Address> Addresses { get; }

    public abstract Address DefaultAddress { get; }

    public abstract void Start();

    /// <summary>Sends what waits, says goodbye and closes the connections.</summary>
    public abstract Task Shutdown();

    public abstract void Send(object message, IActorRef? sender, RemoteActorRef recipient);

    /// <summary>This node's address as <paramref name="remote"/> knows it.</summary>
    public abstract Address LocalAddressForRemote(Address remote);

    /// <summary>Exchanges no message with that incarnation of a node any more.</summary>
    public abstract void Quarantine(Address address, int? uid);

    public abstract Task<bool> ManagementCommand(object cmd);

    public abstract Task<bool> ManagementCommand(object cmd, CancellationToken cancellationToken);
}

/// <summary>Remoting could not do what was asked.</summary>
public class RemoteTransportException(string message, Exception? cause = null) : AkkaException(message, cause);
