using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster.Tests.Sharding;
using Akka.Cluster.Tools.Singleton;

namespace Akka.Cluster.Tests.Tools;

/// <summary>A singleton on the oldest node, and proxies that find it.</summary>
public sealed class SingletonSpecs() : ClusterSpec(new SqliteClusterDatabase())
{
    private static readonly TimeSpan Soon = TimeSpan.FromSeconds(10);

    private readonly Residents _residents = new();

    private ActorSystem Node(string roles = "") => StartUp(roles, """
        akka.cluster.singleton.hand-over-retry-interval = 100ms
        akka.cluster.singleton-proxy.singleton-identification-interval = 100ms
        """);

    private void Manager(ActorSystem system, string? role = null)
    {
        var address = Cluster.Get(system).SelfAddress;
        var props = Props.Create(() => new Resident("only", address, _residents));
        system.ActorOf(ClusterSingletonManager.Props(props, Resident.Stop.Instance, ClusterSingletonManagerSettings.Create(system).WithRole(role)), "one");
    }

    private static IActorRef Proxy(ActorSystem system, string? role = null) =>
        system.ActorOf(ClusterSingletonProxy.Props("/user/one", ClusterSingletonProxySettings.Create(system).WithRole(role)), "proxy");

    private static string Where(IActorRef proxy)
    {
        // At most once: what a dying node took with it is asked for again.
        for (var until = DateTime.UtcNow + Soon; ;)
        {
            try
            {
                return proxy.Ask<string>("where", TimeSpan.FromMilliseconds(300)).GetAwaiter().GetResult();
            }
            catch (AskTimeoutException) when (DateTime.UtcNow < until)
            {
            }
        }
    }

    private static string AddressOf(ActorSystem system) => Cluster.Get(system).SelfAddress.ToString();

    [Fact]
    public void It_runs_on_the_oldest_node_and_every_proxy_reaches_it()
    {
        var nodes = new[] { Node(), Node(), Node() };
        foreach (var node in nodes.Reverse()) Manager(node);
        Assert.All(nodes.Select(node => Proxy(node)).ToList(), proxy => Assert.Equal(AddressOf(nodes[0]), Where(proxy)));
        Assert.Empty(_residents.Faults);
    }

    [Fact]
    public void A_role_says_where_it_may_run()
    {
        var nodes = new[] { Node("guest"), Node("host") };
        Manager(nodes[1], "host");
        Assert.Equal(AddressOf(nodes[1]), Where(Proxy(nodes[0], "host")));
    }

    [Fact]
    public void It_moves_when_its_node_leaves_and_a_proxy_keeps_what_comes_meanwhile()
    {
        var nodes = new[] { Node(), Node(), Node() };
        foreach (var node in nodes) Manager(node);
        var proxy = Proxy(nodes[2]);
        Assert.Equal(AddressOf(nodes[0]), Where(proxy));
        var ended = nodes[0].Terminate();
        Await(() => _residents.Running.GetValueOrDefault("only") == AddressOf(nodes[1]), () => string.Join(", ", _residents.Running));
        Assert.True(ended.Wait(Soon * 2), "the node that leaves did not end");
        Assert.Equal(AddressOf(nodes[1]), Where(proxy));
        Assert.Empty(_residents.Faults);
    }

    [Fact]
    public void It_starts_on_the_next_node_when_its_own_is_removed()
    {
        var nodes = new[] { Node(), Node(), Node() };
        foreach (var node in nodes) Manager(node);
        var proxy = Proxy(nodes[2]);
        Assert.Equal(AddressOf(nodes[0]), Where(proxy));
        var killed = AddressOf(nodes[0]);
        _residents.Killed(killed);
        Kill(nodes[0]);
        AwaitUp(nodes[1], nodes[2]);
        var removed = Stopwatch.GetTimestamp();
        Assert.Equal(AddressOf(nodes[1]), Where(proxy));
        Assert.True(Stopwatch.GetElapsedTime(removed) < TimeSpan.FromSeconds(5), $"{Stopwatch.GetElapsedTime(removed)} from the removal to the first answer");
        Assert.Empty(_residents.Faults);
    }
}
