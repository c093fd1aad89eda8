using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote;
using Akka.TestKit;

namespace Akka.Cluster.Tests;

/// <summary>
/// Several nodes in this process, with short intervals. What holds on each database stands in an abstract class whose two heirs
/// name the database.
/// </summary>
public abstract class ClusterSpec : IDisposable
{
    /// <summary>How long a node that does not renew is waited for.</summary>
    protected static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(1500);

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly List<ActorSystem> _systems = [];

    protected ClusterSpec(ClusterDatabase database) => Database = database;

    protected ClusterDatabase Database { get; }

    public virtual void Dispose()
    {
        foreach (var system in _systems)
        {
            Cluster.Get(system).Crash();
            ((ExtendedActorSystem)system).Abort();
        }
        Assert.True(Task.WhenAll(_systems.Select(s => s.WhenTerminated)).Wait(Patience), "an actor system did not end");
        Database.Dispose();
    }

    /// <summary>One more node; it joins by itself.</summary>
    protected ActorSystem Start(int port = 0, string roles = "", string more = "")
    {
        var system = ActorSystem.Create("spec", ConfigurationFactory.ParseString($$"""
            {{Database.Hocon}}
            akka {
              loglevel = OFF
              stdout-loglevel = OFF
              log-dead-letters = off
              actor.provider = cluster
              remote {
                log-remote-lifecycle-events = off
                retry-gate-closed-for = 100ms
                dot-netty.tcp { hostname = "127.0.0.1", port = {{port}} }
              }
              cluster {
                roles = [{{roles}}]
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                failure-detector { heartbeat-interval = 100ms, acceptable-heartbeat-pause = {{Pause.TotalMilliseconds}}ms }
                membership.poll-interval = 20ms
              }
            }
            {{more}}
            """).WithFallback(TestKitBase.DefaultConfig));
        _systems.Add(system);
        return system;
    }

    /// <summary>A node that has come up for itself and for the others.</summary>
    protected ActorSystem StartUp(string roles = "", string more = "")
    {
        var system = Start(0, roles, more);
        AwaitUp([.. _systems.Where(s => !Cluster.Get(s).IsTerminated)]);
        return system;
    }

    /// <summary>Ends a node as kill -9 would: it renews nothing, and nobody listens at its port.</summary>
    protected static void Kill(ActorSystem system)
    {
        Cluster.Get(system).Crash();
        // Its actors must not say goodbye.
        Assert.True(((RemoteActorRefProvider)((ExtendedActorSystem)system).Provider).Transport.Shutdown().Wait(Patience), $"{system} did not close");
        ((ExtendedActorSystem)system).Abort();
        Assert.True(system.WhenTerminated.Wait(Patience), $"{system} did not end");
    }

    /// <summary>Each of the nodes sees all of them up, and nobody else.</summary>
    protected static void AwaitUp(params ActorSystem[] systems)
    {
        var expected = systems.Select(s => Cluster.Get(s).SelfUniqueAddress).Order().ToList();
        Await(
            () => systems.All(s => Cluster.Get(s).State is var state && state.Members.All(m => m.Status == MemberStatus.Up) && state.Members.Select(m => m.UniqueAddress).SequenceEqual(expected)),
            () => string.Join("\n", systems.Select(s => $"{Cluster.Get(s).SelfAddress}: {string.Join(", ", Cluster.Get(s).State.Members)}")));
    }

    protected static void Await(Func<bool> condition, Func<string> otherwise)
    {
        for (var started = Stopwatch.GetTimestamp(); !condition(); Thread.Sleep(5))
        {
            if (Stopwatch.GetElapsedTime(started) > Patience) Assert.Fail($"not within {Patience}: {otherwise()}");
        }
    }

    /// <summary>What a node's subscriber hears of members and their reachability, from now on.</summary>
    protected static EventLog Listen(ActorSystem system)
    {
        var log = new EventLog();
        var listener = system.ActorOf(Props.Create(() => new Listener(log)));
        Cluster.Get(system).Subscribe(listener, typeof(ClusterEvent.IMemberEvent), typeof(ClusterEvent.IReachabilityEvent));
        Await(() => log.Initial is not null, () => "no CurrentClusterState");
        return log;
    }

    /// <summary>Events in the order in which they came.</summary>
    protected sealed class EventLog
    {
        private readonly List<ClusterEvent.IClusterDomainEvent> _events = [];

        public ClusterEvent.CurrentClusterState? Initial { get; set; }

        public IReadOnlyList<ClusterEvent.IClusterDomainEvent> Events
        {
            get
            {
                lock (_events) return [.. _events];
            }
        }

        public void Add(ClusterEvent.IClusterDomainEvent heard)
        {
            lock (_events) _events.Add(heard);
        }

        public IEnumerable<MemberStatus> Path(UniqueAddress node) =>
            Events.OfType<ClusterEvent.IMemberEvent>().Where(e => e.Member.UniqueAddress == node).Select(e => e.Member.Status);

        public void AwaitRemoved(UniqueAddress node) => Await(() => Path(node).LastOrDefault() == MemberStatus.Removed, () => $"{node} removed; heard {string.Join(", ", Events)}");
    }

    private sealed class Listener : ReceiveActor
    {
        public Listener(EventLog log)
        {
            Receive<ClusterEvent.CurrentClusterState>(state => log.Initial = state);
            Receive<ClusterEvent.IClusterDomainEvent>(log.Add);
        }
    }
}
