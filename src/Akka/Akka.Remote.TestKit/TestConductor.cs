using System.Net;
using Akka.Actor;
using Akka.Configuration;
using Akka.Remote.Transport;

namespace Akka.Remote.TestKit;

/// <summary>How long the conductor waits, from <c>akka.testconductor</c>.</summary>
public sealed class TestConductorSettings
{
    internal TestConductorSettings(Config config)
    {
        ConnectTimeout = config.GetTimeSpan("akka.testconductor.connect-timeout", TimeSpan.FromSeconds(20));
        BarrierTimeout = config.GetTimeSpan("akka.testconductor.barrier-timeout", TimeSpan.FromSeconds(30));
    }

    public TimeSpan ConnectTimeout { get; }

    public TimeSpan BarrierTimeout { get; }
}

/// <summary>
/// Barriers between the nodes of a spec, and what can be done to them. Only the first role's node may do something to nodes.
/// </summary>
public sealed class TestConductor : IExtension
{
    private Conductor? _conductor;
    private Player? _player;
    private bool _testTransport;

    internal TestConductor(ActorSystem system) => Settings = new TestConductorSettings(system.Settings.Config);

    public TestConductorSettings Settings { get; }

    private Player Player => _player ?? throw new InvalidOperationException("TestConductor client not yet started");

    private Conductor Controller => _conductor ?? throw new InvalidOperationException("TestConductorServer was not started: only the first role's node may do something to nodes");

    internal static TestConductor Get(ActorSystem system) => system.WithExtension<TestConductor, TestConductorExtension>();

    internal async Task Start(ActorSystem system, RoleName role, int participants, bool testTransport)
    {
        _testTransport = testTransport;
        if (MultiNodeSpec.SelfIndex == 0) _conductor = new Conductor(participants, new IPEndPoint(IPAddress.Parse(MultiNodeSpec.ServerName), MultiNodeSpec.ServerPort));
        _player = await Player.Connect(system, role, MultiNodeSpec.ServerName, MultiNodeSpec.ServerPort, Settings.ConnectTimeout + Settings.BarrierTimeout).ConfigureAwait(false);
    }

    internal void Use(ActorSystem system) => Player.System = system;

    /// <summary>Waits until all nodes that are still there have entered.</summary>
    public void Enter(RoleName roleName, string name)
    {
        _ = roleName;
        Enter(name, Settings.BarrierTimeout);
    }

    internal void Enter(string name, TimeSpan limit) => Player.Enter(name, limit).GetAwaiter().GetResult();

    public Task<Address> GetAddressFor(RoleName name) => Player.AddressOf(name.Name);

    /// <summary>The nodes that are still there.</summary>
    public Task<IEnumerable<RoleName>> GetNodes() => Task.FromResult(Controller.Nodes.Select(name => new RoleName(name)));

    /// <summary>Ends the node's process with <see cref="Environment.Exit"/>, without ending its actor system first; with 0 the node counts as passed.</summary>
    public async Task<Done> Exit(RoleName node, int exitValue)
    {
        await Controller.Exit(node.Name, exitValue, Settings.BarrierTimeout).ConfigureAwait(false);
        return Done.Instance;
    }

    /// <summary>Ends the node's actor system, its process goes on; <paramref name="abort"/> leaves the coordinated shutdown out.</summary>
    public Task<Done> Shutdown(RoleName node, bool abort = false) => Do(node, abort ? "ABORT" : "TERMINATE");

    /// <summary>What <paramref name="node"/> sends to the target, or receives from it, vanishes; its connections stay open.</summary>
    public Task<Done> Blackhole(RoleName node, RoleName target, ThrottleTransportAdapter.Direction direction) => OnLink("CUT", node, target, direction);

    /// <summary>Takes <see cref="Blackhole"/> back.</summary>
    public Task<Done> PassThrough(RoleName node, RoleName target, ThrottleTransportAdapter.Direction direction) => OnLink("MEND", node, target, direction);

    /// <summary>Closes the connections between the two; they may be opened again.</summary>
    public async Task<Done> Disconnect(RoleName node, RoleName target) =>
        await Do(node, "DISCONNECT", (await GetAddressFor(target).ConfigureAwait(false)).ToString()).ConfigureAwait(false);

    private async Task<Done> OnLink(string what, RoleName node, RoleName target, ThrottleTransportAdapter.Direction direction)
    {
        if (!_testTransport)
        {
            throw new ConfigurationException(
                "To use this feature you must activate the failure injector adapters (trttl, gremlin) by specifying `TestTransport = true` in your MultiNodeConfig.");
        }
        var address = await GetAddressFor(target).ConfigureAwait(false);
        return await Do(node, what, address.ToString(), direction.ToString()).ConfigureAwait(false);
    }

    private async Task<Done> Do(RoleName node, params string[] what)
    {
        await Controller.Do(node.Name, Settings.BarrierTimeout, what).ConfigureAwait(false);
        return Done.Instance;
    }

    // The conductor's node goes last: the others' goodbyes are the sign that they need it no more.
    internal async Task Leave()
    {
        if (_player is null) return;
        if (_conductor is not null)
        {
            var until = DateTime.UtcNow + Settings.BarrierTimeout;
            while (_conductor.Nodes.Count > 1 && DateTime.UtcNow < until) await Task.Delay(20).ConfigureAwait(false);
        }
        await _player.Leave().ConfigureAwait(false);
        _player.Dispose();
        _conductor?.Dispose();
    }
}

internal sealed class TestConductorExtension : ExtensionIdProvider<TestConductor>
{
    public override TestConductor CreateExtension(ExtendedActorSystem system) => new(system);
}
