using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;

namespace Akka.Remote.Tests;

/// <summary>Several actor systems in this process that talk over TCP on the loopback interface.</summary>
public abstract class RemoteSpec : Akka.TestKit.Xunit2.TestKit
{
    protected const string NodeConfig = """
        akka {
          loglevel = WARNING
          log-dead-letters = off
          actor.provider = remote
          actor.serializers.numbered = "Akka.Remote.Tests.NumberedSerializer, Akka.Remote.Tests"
          actor.serialization-bindings { "Akka.Remote.Tests.Numbered, Akka.Remote.Tests" = numbered }
          remote {
            log-remote-lifecycle-events = off
            retry-gate-closed-for = 200ms
            resend-interval = 300ms
            dot-netty.tcp { hostname = "127.0.0.1", port = 0 }
            watch-failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 1500ms, unreachable-nodes-reaper-interval = 200ms, expected-response-after = 300ms }
          }
        }
        """;

    private readonly List<ActorSystem> _others = [];
    private readonly List<Proxy> _proxies = [];

    protected RemoteSpec(string more = "") : base(ConfigurationFactory.ParseString(more).WithFallback(ConfigurationFactory.ParseString(NodeConfig)).WithFallback(DefaultConfig), "here") { }

    protected static Address AddressOf(ActorSystem system) => ((ExtendedActorSystem)system).Provider.DefaultAddress;

    protected static int UidOf(ActorSystem system) => AddressUidExtension.Uid(system);

    /// <summary>One more node; ended with the test.</summary>
    protected ActorSystem StartNode(string name = "there", int port = 0, string more = "")
    {
        var system = ActorSystem.Create(name, ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp.port = {port}\n{more}").WithFallback(ConfigurationFactory.ParseString(NodeConfig)).WithFallback(DefaultConfig));
        _others.Add(system);
        return system;
    }

    /// <summary>One more node that others reach through a proxy.</summary>
    protected (ActorSystem System, Proxy Proxy) StartBehindProxy(string name = "there", string more = "")
    {
        var port = Proxy.FreePort();
        var proxy = new Proxy(port);
        _proxies.Add(proxy);
        return (StartNode(name, port, $"akka.remote.dot-netty.tcp {{ public-hostname = \"127.0.0.1\", public-port = {proxy.Port} }}\n{more}"), proxy);
    }

    protected static void End(ActorSystem system) => Assert.True(system.Terminate().Wait(TimeSpan.FromSeconds(15)), $"{system} did not end");

    protected override void AfterAll()
    {
        foreach (var system in _others) system.Terminate();
        base.AfterAll();
        foreach (var system in _others) End(system);
        foreach (var proxy in _proxies) proxy.Dispose();
    }

    protected ActorSelection Select(ActorSystem system, string path) => Sys.ActorSelection(AddressOf(system) + path);

    /// <summary>A reference of this node to an actor of another one.</summary>
    protected IActorRef Resolve(ActorSystem system, string path)
    {
        for (var until = DateTime.UtcNow + TimeSpan.FromSeconds(10); ;)
        {
            try { return Select(system, path).ResolveOne(TimeSpan.FromSeconds(5)).GetAwaiter().GetResult(); }
            // On a busy machine a first connection may take longer than a spec's short handshake.
            catch (ActorNotFoundException) when (DateTime.UtcNow < until) { Thread.Sleep(50); }
        }
    }

    protected IActorRef Resolve(IActorRef actor, ActorSystem of) => Resolve(of, actor.Path.ToStringWithoutAddress());

    /// <summary>Watching goes through an actor of its own: what is told to the watched one from here on comes after the watch.</summary>
    protected void AwaitWatching(int watches, ActorSystem? by = null) => AwaitAssert(() =>
    {
        var stats = (by ?? Sys).ActorSelection("/system/remote-watcher").Ask<RemoteWatcher.Stats>(RemoteWatcher.Stats.Empty, TimeSpan.FromSeconds(5)).GetAwaiter().GetResult();
        Assert.Equal(watches, stats.Watching);
    }, TimeSpan.FromSeconds(5));

    protected static IActorRef StartEcho(ActorSystem system, string name = "echo") => system.ActorOf<Echo>(name);

    /// <summary>Sends back what it gets; "stop" stops it.</summary>
    protected sealed class Echo : ReceiveActor
    {
        public Echo()
        {
            Receive<string>(s => s == "stop", _ => Context.Stop(Self));
            ReceiveAny(m => Sender.Tell(m));
        }
    }
}
