using Akka.Actor;
using Akka.Dispatch.SysMsg;
using Akka.Remote.Tcp;

namespace Akka.Remote;

/// <summary>A reference to an actor of another node.</summary>
public interface IRemoteRef : IActorRefScope;

/// <summary>A reference to an actor of another node, by its path.</summary>
public class RemoteActorRef : InternalActorRefBase, IRemoteRef
{
    private readonly Deploy? _deploy;
    private readonly Props? _props;
    private Association? _association;
    private byte[]? _wirePath;

    public RemoteActorRef(RemoteTransport remote, Address localAddressToUse, ActorPath path, IInternalActorRef parent, Props? props, Deploy? deploy)
    {
        Remote = remote;
        LocalAddressToUse = localAddressToUse;
        Path = path;
        Parent = parent;
        _props = props;
        _deploy = deploy;
    }

    internal RemoteTransport Remote { get; }

    /// <summary>This node's address as the actor's node knows it.</summary>
    public Address LocalAddressToUse { get; }

    public override ActorPath Path { get; }

    public override IInternalActorRef Parent { get; }

    public override IActorRefProvider Provider => Remote.Provider;

    public override bool IsLocal => false;

    public override bool IsTerminated => false;

    // The connection to the node and the path's bytes, found once.
    internal Association AssociationOf(Remoting remoting) => _association ??= remoting.AssociationTo(Path.Address);

    internal byte[] WirePath => _wirePath ??= WirePaths.Local(Path);

    public override IActorRef GetChild(IReadOnlyList<string> name)
    {
        var path = Path;
        foreach (var element in name)
        {
            if (element.Length == 0) continue;
            path = element == ".." ? path.Parent : path / element;
        }
        return ReferenceEquals(path, Path) ? this : new RemoteActorRef(Remote, LocalAddressToUse, path, ActorRefs.Nobody, _props, _deploy);
    }

    /// <summary>Watching goes through the <see cref="RemoteWatcher"/>, which sees to it that also a lost node ends it.</summary>
    public bool IsWatchIntercepted(IActorRef watchee, IActorRef watcher) =>
        Remote.Provider.RemoteWatcher is { } remoteWatcher && !watcher.Equals(remoteWatcher) && watchee.Equals(this);

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Watch watch when IsWatchIntercepted(watch.Watchee, watch.Watcher):
                Remote.Provider.RemoteWatcher!.Tell(new RemoteWatcher.WatchRemote(watch.Watchee, watch.Watcher), ActorRefs.NoSender);
                break;
            case Unwatch unwatch when IsWatchIntercepted(unwatch.Watchee, unwatch.Watcher):
                Remote.Provider.RemoteWatcher!.Tell(new RemoteWatcher.UnwatchRemote(unwatch.Watchee, unwatch.Watcher), ActorRefs.NoSender);
                break;
            default:
                Remote.Send(message, ActorRefs.NoSender, this);
                break;
        }
    }

    protected override void TellInternal(object message, IActorRef sender) => Remote.Send(message, sender, this);

    public override void Start() { }

    public override void Stop() => SendSystemMessage(new Terminate());

    public override void Suspend() => SendSystemMessage(new Suspend());

    public override void Resume(Exception? causedByFailure = null) => SendSystemMessage(new Resume(causedByFailure));

    public override void Restart(Exception cause) => SendSystemMessage(new Recreate(cause));
}
