using Actors.Broker;
using Actors.Ownership;
using Akka.Actor;
using Akka.Cluster;
using Akka.Event;
using Akka.Remote;

namespace Actors.Node;

/// <summary>
/// One start of a node as a member of its cluster: the lease that it must hold before it serves anything, the way in, and the way out. Once another node has put it
/// out, all that is left is to start anew.
/// </summary>
internal sealed class ClusterNode : IDisposable
{
    private readonly ActorSystem _system;
    private readonly NodeLease _lease;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private ClusterNode(ActorSystem system, NodeLease lease)
    {
        _system = system;
        _lease = lease;
        lease.Fenced += () => _over.TrySetResult();
        system.WhenTerminated.ContinueWith(_ => _over.TrySetResult(), TaskScheduler.Default);
    }

    public INodeLease Lease => _lease;

    /// <summary>Completes when this start is over although nobody asked the node to stop: its peers took over, or the cluster removed it.</summary>
    public Task Over => _over.Task;

    /// <exception cref="JournalUnavailableException">The journal's database does not answer.</exception>
    public static async Task<ClusterNode> StartAsync(ActorSystem system, NodeSettings settings, JournalDatabase database, NodeIdentity identity)
    {
        var self = Cluster.Get(system).SelfAddress;
        var log = Logging.GetLogger(system, "lease");
        var uuid = await JournalWriter.LearnUuidAsync(system, database, identity.Name, JournalOwnership.Within);
        var lease = await NodeLease.StartAsync(new NodeLeaseSettings(database, identity, Endpoint(self), uuid, settings.Cluster.Lease, (what, cause) => log.Warning(cause, "{0}", what)));
        lease.BindTo(system);
        system.ActorOf(Props.Create(() => new ClosedConnections(lease)), "closed-connections");
        return new ClusterNode(system, lease);
    }

    /// <summary>Joins the cluster, as its first node if need be. To be called once the node can be reached, for the others send clients here then.</summary>
    public Task JoinAsync(NodeSettings settings, CancellationToken cancellation)
    {
        var cluster = Cluster.Get(_system);
        var seeds = settings.Cluster.Seeds.Select(seed => new Address(cluster.SelfAddress.Protocol, cluster.SelfAddress.System, seed.Host, seed.Port)).DefaultIfEmpty(cluster.SelfAddress);
        return cluster.JoinSeedNodesAsync([.. seeds], cancellation);
    }

    /// <summary>Hands over what it leads and coordinates, leaves the cluster and ends the actor system.</summary>
    /// <param name="stopServing">Called when nothing is left here that a client could want.</param>
    public async Task LeaveAsync(Func<Task> stopServing, TimeSpan within)
    {
        var shutdown = CoordinatedShutdown.Get(_system);
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeActorSystemTerminate, "stop-serving", async () =>
        {
            await stopServing();
            return Akka.Done.Instance;
        });
        await Task.WhenAny(shutdown.Run(CoordinatedShutdown.ClusterLeavingReason.Instance), Task.Delay(within));
        if (_system.WhenTerminated.IsCompleted)
            await _lease.LeaveAsync();
    }

    /// <summary>Ends the actor system without a word to the others, who have taken over already.</summary>
    public Task AbandonAsync(TimeSpan within) =>
        Task.WhenAny(CoordinatedShutdown.Get(_system).Run(CoordinatedShutdown.ClusterDowningReason.Instance, CoordinatedShutdown.PhaseActorSystemTerminate), Task.Delay(within));

    public void Dispose() => _lease.Dispose();

    private static string Endpoint(Address address) => new HostAndPort(address.Host, address.Port ?? 0).ToString();

    /// <summary>A peer whose process has ended refuses connections: its lease need not be waited for.</summary>
    private sealed class ClosedConnections(NodeLease lease) : UntypedActor
    {
        protected override void PreStart() => Context.System.EventStream.Subscribe(Self, typeof(DisassociatedEvent));

        protected override void OnReceive(object message)
        {
            if (message is DisassociatedEvent { RemoteAddress: { } peer })
                lease.ConnectionClosed(Endpoint(peer));
            else
                Unhandled(message);
        }
    }
}
