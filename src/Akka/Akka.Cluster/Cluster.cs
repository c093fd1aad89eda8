using System.Collections.Immutable;
using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Cluster.Membership;
using Akka.Configuration;
using Akka.Event;
using Akka.Remote;

namespace Akka.Cluster;

/// <summary>This node as a member of a cluster, and the cluster as this node sees it.</summary>
public class Cluster : IExtension
{
    private readonly ActorSystemImpl _system;
    private readonly ILoggingAdapter _log;
    private readonly MembershipThread _membership;
    private readonly IActorRef _daemon;
    private readonly ClusterDeparture _departure;
    private volatile ClusterEvent.CurrentClusterState _state = new();
    private volatile bool _isTerminated;

    public Cluster(ActorSystemImpl system)
    {
        _system = system;
        system.Settings.InjectTopLevelFallback(DefaultConfig());
        Settings = new ClusterSettings(system.Settings.Config, system.Name);
        if (system.Provider is not ClusterActorRefProvider provider)
        {
            throw new ConfigurationException(
                $"ActorSystem [{system}] needs to have a 'ClusterActorRefProvider' enabled in the configuration, currently uses [{system.Provider.GetType().FullName}]");
        }
        SelfUniqueAddress = new UniqueAddress(provider.DefaultAddress, AddressUidExtension.Uid(system));
        _log = Logging.GetLogger(system, "Cluster");
        DowningProvider = (IDowningProvider)Activator.CreateInstance(Settings.DowningProviderType, system, this);
        var table = MembershipTable.For(system.Settings.Config.GetConfig("akka.persistence.journal.sql") ?? Config.Empty, system.Name);
        _daemon = system.SystemActorOf(Props.Create(() => new ClusterDaemon(this)).WithDeploy(Deploy.Local), "cluster");
        var downs = DowningProvider is SBR.SplitBrainResolverProvider;
        _membership = new MembershipThread(table, SelfUniqueAddress, Settings.Roles, Settings.Rules(downs), Settings.PollInterval, new Listener(this));
        provider.PeerIsGone += gone => _membership.Refused(new UniqueAddress(gone.Address, gone.Uid));
        _departure = new ClusterDeparture(this, _membership, CoordinatedShutdown.Get(system));
        system.RegisterOnTermination(Shutdown);
        if (DowningProvider.DowningActorProps is { } downing) system.SystemActorOf(downing, "cluster-downing");
        if (Settings.AutoJoin || !Settings.SeedNodes.IsEmpty) _membership.Join();
    }

    public ExtendedActorSystem System => _system;

    public ClusterSettings Settings { get; }

    public IDowningProvider DowningProvider { get; }

    public UniqueAddress SelfUniqueAddress { get; }

    public Address SelfAddress => SelfUniqueAddress.Address;

    public ImmutableHashSet<string> SelfRoles => Settings.Roles;

    /// <summary>The last view of the cluster. Its events may still be on their way to subscribers.</summary>
    public ClusterEvent.CurrentClusterState State => _state;

    /// <summary>This node as a member; with status Removed before it joined and after it left.</summary>
    public Member SelfMember => _state.Members.FirstOrDefault(m => m.UniqueAddress == SelfUniqueAddress) ?? Member.Create(SelfUniqueAddress, Member.NotUpYet, MemberStatus.Removed, SelfRoles);

    public bool IsUp => SelfMember.Status == MemberStatus.Up;

    /// <summary>Whether this node was a member and is none any more.</summary>
    public bool IsTerminated => _isTerminated;

    internal ILoggingAdapter Log => _log;

    internal ClusterDeparture Departure => _departure;

    /// <summary>The thread that renews this node's membership.</summary>
    internal MembershipThread Membership => _membership;

    public static Cluster Get(ActorSystem system) => system.WithExtension<Cluster, ClusterExtension>();

    internal static Config DefaultConfig() => ConfigurationFactory.FromResource<Cluster>("Akka.Cluster.cluster.conf");

    /// <summary>The subscriber first gets the <see cref="ClusterEvent.CurrentClusterState"/>, then events of the types.</summary>
    public void Subscribe(IActorRef subscriber, params Type[] to) => Subscribe(subscriber, ClusterEvent.InitialStateAsSnapshot, to);

    /// <exception cref="ArgumentException">A type is no <see cref="ClusterEvent.IClusterDomainEvent"/>.</exception>
    public void Subscribe(IActorRef subscriber, ClusterEvent.SubscriptionInitialStateMode initialStateMode, params Type[] to)
    {
        if (to.Length == 0) throw new ArgumentException("At least one `IClusterDomainEvent` class is required", nameof(to));
        if (!to.All(typeof(ClusterEvent.IClusterDomainEvent).IsAssignableFrom)) throw new ArgumentException($"Subscribe to `IClusterDomainEvent` or subclasses, was [{string.Join(", ", to.Select(t => t.Name))}]", nameof(to));
        _daemon.Tell(new ClusterDaemon.Subscribe(subscriber, initialStateMode, [.. to]), ActorRefs.NoSender);
    }

    public void Unsubscribe(IActorRef subscriber) => Unsubscribe(subscriber, null);

    /// <summary>From events of one type; null for all.</summary>
    public void Unsubscribe(IActorRef subscriber, Type to) => _daemon.Tell(new ClusterDaemon.Unsubscribe(subscriber, to), ActorRefs.NoSender);

    public void SendCurrentClusterState(IActorRef receiver) => _daemon.Tell(new ClusterDaemon.SendState(receiver), ActorRefs.NoSender);

    /// <summary>Joins. Whom it joins through does not matter here: all nodes of one database are one cluster.</summary>
    public void Join(Address address)
    {
        if (address.System != _system.Name) throw new ArgumentException($"[{address}] is no node of [{_system.Name}]", nameof(address));
        _membership.Join();
    }

    /// <summary>Ends when this node is up.</summary>
    /// <exception cref="ClusterJoinFailedException">It is not up within <c>seed-node-timeout</c>, or was removed.</exception>
    public Task JoinAsync(Address address, CancellationToken token = default)
    {
        Join(address);
        return WhenUp(token);
    }

    public void JoinSeedNodes(IEnumerable<Address> seedNodes)
    {
        foreach (var seed in seedNodes) Join(seed);
    }

    /// <summary>Ends when this node is up.</summary>
    /// <exception cref="ClusterJoinFailedException">It is not up within <c>seed-node-timeout</c>, or was removed.</exception>
    public Task JoinSeedNodesAsync(IEnumerable<Address> seedNodes, CancellationToken token = default)
    {
        JoinSeedNodes(seedNodes);
        return WhenUp(token);
    }

    /// <summary>Asks the member to leave: it hands over what it has and is then removed.</summary>
    public void Leave(Address address) => Ask(table => table.Leave(address));

    /// <summary>Leaves; ends when this node is removed.</summary>
    public Task LeaveAsync() => LeaveAsync(CancellationToken.None);

    public Task LeaveAsync(CancellationToken cancellationToken)
    {
        if (_isTerminated) return Task.CompletedTask;
        Leave(SelfAddress);
        return _departure.Removed.WaitAsync(cancellationToken);
    }

    /// <summary>Declares the member dead.</summary>
    public void Down(Address address) => Ask(table => table.Down(address));

    /// <summary>Runs once, when this node is up; at once if it is.</summary>
    public void RegisterOnMemberUp(Action callback) => _daemon.Tell(new ClusterDaemon.OnUp(callback), ActorRefs.NoSender);

    /// <summary>Runs once, when this node is removed or the actor system ends.</summary>
    public void RegisterOnMemberRemoved(Action callback)
    {
        if (_isTerminated) callback();
        else _daemon.Tell(new ClusterDaemon.OnRemoved(callback), ActorRefs.NoSender);
    }

    /// <summary>Ends this node's membership as a kill would: nobody is told, and nothing is renewed from now on.</summary>
    internal void Crash() => _membership.Dispose();

    /// <summary>Called when this node was removed, or ends.</summary>
    internal void Shutdown()
    {
        _isTerminated = true;
        _membership.Dispose();
    }

    private void Ask(Func<MembershipTable, bool> command) =>
        _membership.Ask(command).ContinueWith(asked => _membership.Wake(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

    private async Task WhenUp(CancellationToken token)
    {
        var up = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        RegisterOnMemberUp(() => up.TrySetResult());
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(token);
        timeout.CancelAfter(Settings.SeedNodeTimeout);
        try
        {
            var first = await Task.WhenAny(up.Task, _departure.Removed).WaitAsync(timeout.Token).ConfigureAwait(false);
            if (first != up.Task) throw new ClusterJoinFailedException($"Node [{SelfAddress}] was removed before it was up");
        }
        catch (OperationCanceledException)
        {
            throw new ClusterJoinFailedException($"Node [{SelfAddress}] has not managed to join the cluster {(token.IsCancellationRequested ? "before it was canceled" : $"in {Settings.SeedNodeTimeout}")}");
        }
    }

    private sealed class Listener(Cluster cluster) : IMembershipListener
    {
        public void Observed(Observation observation)
        {
            cluster._state = observation.State;
            if (observation.RemovedFrom is not null) cluster._isTerminated = true;
            if (observation.Events.Count > 0 || observation.RemovedFrom is not null) cluster._daemon.Tell(observation, ActorRefs.NoSender);
        }

        public void DatabaseChanged(Exception failure)
        {
            cluster._departure.DatabaseChanged(failure is null);
            if (failure is null) cluster._log.Info("Cluster Node [{0}] - The database of the members answers again", cluster.SelfAddress);
            else cluster._log.Warning(failure, "Cluster Node [{0}] - The database of the members does not answer; the last view stands until it does", cluster.SelfAddress);
        }

        public void Probe(UniqueAddress node) => _ = ProbeAsync(node);

        public void Failed(Exception cause)
        {
            cluster._log.Error(cause, "Cluster Node [{0}] - Membership failed; this node ends", cluster.SelfAddress);
            cluster._departure.DatabaseChanged(answers: false);
            CoordinatedShutdown.Get(cluster._system).Run(CoordinatedShutdown.ClusterDowningReason.Instance);
        }

        private async Task ProbeAsync(UniqueAddress node)
        {
            if (await PortProbe.Refuses(node.Address).ConfigureAwait(false)) cluster._membership.Refused(node);
        }
    }
}

/// <summary>The extension's id.</summary>
public sealed class ClusterExtension : ExtensionIdProvider<Cluster>
{
    public override Cluster CreateExtension(ExtendedActorSystem system) => new((ActorSystemImpl)system);
}

/// <summary>This node did not become a member in time.</summary>
public class ClusterJoinFailedException : AkkaException
{
    public ClusterJoinFailedException(string message) : base(message) { }
}
