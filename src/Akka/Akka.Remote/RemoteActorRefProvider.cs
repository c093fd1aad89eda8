using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;
using Akka.Remote.Tcp;
using Akka.Serialization;

namespace Akka.Remote;

/// <summary>Makes and finds references also to actors of other nodes.</summary>
public interface IRemoteActorRefProvider : IActorRefProvider
{
    RemoteSettings RemoteSettings { get; }

    /// <summary>Watches actors of other nodes for this node's actors.</summary>
    IActorRef? RemoteWatcher { get; }

    RemoteTransport Transport { get; }

    /// <summary>Whether the address is this node's.</summary>
    bool HasAddress(Address address);

    IActorRef InternalResolveActorRef(string path);

    IInternalActorRef ResolveActorRefWithLocalAddress(string path, Address localAddress);

    void Quarantine(Address address, int? uid);
}

/// <summary>Why a node that there was a connection with is thought to have gone.</summary>
internal enum PeerGoneReason
{
    /// <summary>The connection closed, and a new one was just refused: no process listens at the address now.</summary>
    Refused,

    /// <summary>New connections were refused for a second.</summary>
    Lost,

    /// <summary>It shut down in order.</summary>
    Left,
}

/// <summary>The incarnation <paramref name="Uid"/> of the node at the address seems to have gone.</summary>
internal sealed record PeerGone(Address Address, int Uid, PeerGoneReason Reason) : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>The provider of a system that talks to other nodes over TCP.</summary>
public class RemoteActorRefProvider : IRemoteActorRefProvider
{
    private readonly LocalActorRefProvider _local;
    private ActorSystemImpl? _system;
    private Remoting? _remoting;

    public RemoteActorRefProvider(string systemName, Settings settings, EventStream eventStream)
    {
        settings.InjectTopLevelFallback(RemoteSettings.Defaults);
        RemoteSettings = new RemoteSettings(settings.Config);
        _local = new LocalActorRefProvider(systemName, settings, eventStream);
    }

    /// <summary>Raised on a thread of the connections: handlers only tell actors.</summary>
    internal event Action<PeerGone>? PeerIsGone;

    internal Remoting Remoting => _remoting ?? throw new InvalidOperationException("Remoting has not been started.");

    public RemoteSettings RemoteSettings { get; }

    public IActorRef? RemoteWatcher { get; private set; }

    public RemoteTransport Transport => Remoting;

    public IInternalActorRef RootGuardian => _local.RootGuardian;

    public LocalActorRef Guardian => _local.Guardian;

    public LocalActorRef SystemGuardian => _local.SystemGuardian;

    public IActorRef DeadLetters => _local.DeadLetters;

    public IActorRef IgnoreRef => _local.IgnoreRef;

    public ActorPath RootPath => _local.RootPath;

    public Settings Settings => _local.Settings;

    public Address DefaultAddress => _remoting?.DefaultAddress ?? RootPath.Address;

    public Information SerializationInformation => new(DefaultAddress, _system);

    public IInternalActorRef TempContainer => _local.TempContainer;

    public Task TerminationTask => _local.TerminationTask;

    public virtual void Init(ActorSystemImpl system)
    {
        _system = system;
        _local.Init(system);
        var remoting = new Remoting(system, this);
        remoting.Start();
        _remoting = remoting;
        system.CloseBeforeSystemActors(remoting.Shutdown);
        RemoteWatcher = CreateRemoteWatcher(system);
        remoting.Accept();
    }

    protected virtual IActorRef CreateRemoteWatcher(ActorSystemImpl system) => system.SystemActorOf(
        Remote.RemoteWatcher.Props(CreateRemoteWatcherFailureDetector(system), RemoteSettings.WatchHeartBeatInterval, RemoteSettings.WatchUnreachableReaperInterval, RemoteSettings.WatchHeartbeatExpectedResponseAfter),
        "remote-watcher");

    protected DefaultFailureDetectorRegistry<Address> CreateRemoteWatcherFailureDetector(ActorSystem system) =>
        new(() => FailureDetectorLoader.Load(RemoteSettings.WatchFailureDetectorImplementationClass, RemoteSettings.WatchFailureDetectorConfig, system));

    public ActorPath TempPath() => _local.TempPath().WithUid(AddressUidExtension.Uid(_system!));

    /// <summary>The uid in its path tells this incarnation's asks from those of another one at the same address.</summary>
    public FutureActorRef<T> CreateFutureRef<T>(TaskCompletionSource<T> tcs) => new(tcs, TempPath(), this);

    public void RegisterTempActor(IInternalActorRef actorRef, ActorPath path) => _local.RegisterTempActor(actorRef, path);

    public void UnregisterTempActor(ActorPath path) => _local.UnregisterTempActor(path);

    public bool HasAddress(Address address) => address.Equals(RootPath.Address) || (_remoting is not null && _remoting.Addresses.Contains(address));

    public IActorRef RootGuardianAt(Address address) => HasAddress(address) ? RootGuardian : RefTo(new RootActorPath(address), Remoting.LocalAddressForRemote(address));

    public IActorRef ResolveActorRef(string path) => ActorPath.TryParse(path, out var parsed) ? ResolveActorRef(parsed) : DeadLetters;

    public IActorRef ResolveActorRef(ActorPath actorPath) =>
        HasAddress(actorPath.Address) ? _local.ResolveHere(actorPath) : RefTo(actorPath, Remoting.LocalAddressForRemote(actorPath.Address));

    public IActorRef InternalResolveActorRef(string path) => ResolveActorRef(path);

    public IInternalActorRef ResolveActorRefWithLocalAddress(string path, Address localAddress)
    {
        if (!ActorPath.TryParse(path, out var parsed)) return (IInternalActorRef)DeadLetters;
        return HasAddress(parsed.Address) ? (IInternalActorRef)_local.ResolveHere(parsed) : RefTo(parsed, localAddress);
    }

    internal IActorRef ResolveHere(ActorPath path) => _local.ResolveHere(path);

    private IInternalActorRef RefTo(ActorPath path, Address localAddress) =>
        Remoting.IsReachable(path.Address) ? CreateRemoteRef(path, localAddress) : (IInternalActorRef)DeadLetters;

    internal IInternalActorRef CreateRemoteRefOf(ActorPath path, Address localAddress) => CreateRemoteRef(path, localAddress);

    protected virtual IInternalActorRef CreateRemoteRef(ActorPath actorPath, Address localAddress) =>
        new RemoteActorRef(Remoting, localAddress, actorPath, ActorRefs.Nobody, null, null);

    public Address? GetExternalAddressFor(Address address)
    {
        if (HasAddress(address)) return RootPath.Address;
        return Remoting.IsReachable(address) ? Remoting.LocalAddressForRemote(address) : null;
    }

    public void Quarantine(Address address, int? uid) => Remoting.Quarantine(address, uid);

    /// <summary>
    /// Whether the node there is to be connected to all the time, so that its end is noticed (<see cref="PeerIsGone"/>) although nobody
    /// talks to it.
    /// </summary>
    internal void KeepConnected(Address address, bool keep) => Remoting.AssociationTo(address).Keep(keep);

    internal void Raise(PeerGone gone) => PeerIsGone?.Invoke(gone);
}
