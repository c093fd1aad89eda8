using System.Collections.Immutable;
using Akka.Actor;
using Akka.Configuration;
using Akka.TestKit;
using Akka.TestKit.Xunit2;

namespace Akka.Remote.TestKit;

/// <summary>
/// A spec whose methods run on several nodes at once, each node a process with one role. What only some do stands in <see cref="RunOn"/>;
/// <see cref="EnterBarrier"/> keeps them in step.
/// </summary>
public abstract class MultiNodeSpec : TestKitBase, IDisposable
{
    private readonly MultiNodeConfig _config;
    private bool _disposed;

    protected MultiNodeSpec(MultiNodeConfig config, Type type) : base(new XunitAssertions(), config.ConfigOfThisNode(), SystemNameOf(type))
    {
        _config = config;
        Myself = config.Myself;
        Roles = config.Roles;
        TestConductor = TestConductor.Get(Sys);
        TestConductor.Start(Sys, Myself, InitialParticipants, config.TestTransport).GetAwaiter().GetResult();
        MultiNodeSpecBeforeAll();
    }

    /// <summary>How many nodes a spec has.</summary>
    public static int MaxNodes => MultiNodeProperties.Number(MultiNodeProperties.MaxNodes);

    /// <summary>This node's host.</summary>
    public static string SelfName => MultiNodeProperties.Text(MultiNodeProperties.Host);

    /// <summary>This node's port, 0 for a free one.</summary>
    public static int SelfPort => MultiNodeProperties.Number(MultiNodeProperties.Port);

    /// <summary>The conductor's host.</summary>
    public static string ServerName => MultiNodeProperties.Text(MultiNodeProperties.ServerHost);

    public static int ServerPort => MultiNodeProperties.Number(MultiNodeProperties.ServerPort);

    /// <summary>This node's place among the roles, from 0.</summary>
    public static int SelfIndex => MultiNodeProperties.Number(MultiNodeProperties.Index);

    /// <summary>What every node has below its spec's own.</summary>
    public static Config BaseConfig { get; } = ConfigurationFactory.ParseString("""
        akka {
          loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
          loglevel = "WARNING"
          stdout-loglevel = "WARNING"
          coordinated-shutdown.terminate-actor-system = off
          coordinated-shutdown.run-by-actor-system-terminate = off
          coordinated-shutdown.run-by-clr-shutdown-hook = off
          remote.log-remote-lifecycle-events = off
        }
        """);

    /// <summary>Where this node listens.</summary>
    public static Config NodeConfig => ConfigurationFactory.ParseString($$"""
        akka.actor.provider = remote
        akka.remote.dot-netty.tcp { hostname = "{{SelfName}}", port = {{SelfPort}} }
        """);

    public RoleName Myself { get; }

    public ImmutableList<RoleName> Roles { get; }

    protected TestConductor TestConductor { get; }

    /// <summary>How many nodes must be there before the spec starts.</summary>
    protected abstract int InitialParticipantsValueFactory { get; }

    public int InitialParticipants
    {
        get
        {
            var participants = InitialParticipantsValueFactory;
            if (participants <= 0) throw new InvalidOperationException("InitialParticipantsValueFactory must be populated early on, and it must be greater zero");
            if (participants > MaxNodes) throw new InvalidOperationException("not enough nodes to run this test");
            return participants;
        }
    }

    protected virtual TimeSpan ShutdownTimeout => TimeSpan.FromSeconds(15);

    /// <summary>Whether a system that does not end fails the spec.</summary>
    protected virtual bool VerifySystemShutdown => false;

    /// <summary>All characters that an actor system's name cannot have become dashes.</summary>
    private static string SystemNameOf(Type type) => new([.. type.Name.Select(c => char.IsAsciiLetterOrDigit(c) ? c : '-')]);

    protected virtual void AtStartup() { }

    protected virtual void AfterTermination() { }

    public void MultiNodeSpecBeforeAll() => AtStartup();

    public void MultiNodeSpecAfterAll()
    {
        TestConductor.Leave().GetAwaiter().GetResult();
        Shutdown(Sys, ShutdownTimeout, VerifySystemShutdown);
        AfterTermination();
    }

    /// <summary>Runs the part of the spec that only these roles' nodes run.</summary>
    public void RunOn(Action thunk, params RoleName[] nodes)
    {
        if (IsNode(nodes)) thunk();
    }

    public Task RunOnAsync(Func<Task> thunkAsync, params RoleName[] nodes) => IsNode(nodes) ? thunkAsync() : Task.CompletedTask;

    public bool IsNode(params RoleName[] nodes) => nodes.Contains(Myself);

    /// <summary>Waits, barrier by barrier, for all nodes; fails when one is lost, enters another barrier, or is too late.</summary>
    public void EnterBarrier(params string[] name)
    {
        foreach (var barrier in name) TestConductor.Enter(barrier, RemainingOr(TestConductor.Settings.BarrierTimeout));
    }

    /// <summary>The root of the role's node: <c>Node(second) / "user" / "a"</c>.</summary>
    public ActorPath Node(RoleName role) => new RootActorPath(TestConductor.GetAddressFor(role).WaitAsync(TestConductor.Settings.BarrierTimeout).GetAwaiter().GetResult());

    /// <summary>A new actor system under this node's address, after the first one has ended.</summary>
    protected ActorSystem StartNewSystem()
    {
        var address = ((ExtendedActorSystem)Sys).Provider.DefaultAddress;
        var config = ConfigurationFactory.ParseString($"akka.remote.dot-netty.tcp {{ hostname = \"{address.Host}\", port = {address.Port} }}")
            .WithFallback(_config.ConfigOfThisNode())
            .WithFallback(DefaultConfig);
        var system = ActorSystem.Create(Sys.Name, config);
        TestConductor.Use(system);
        return system;
    }

    public void MuteDeadLetters(ActorSystem? system = null, params Type[] messageClasses)
    {
        var filter = new EventFilterFactory(this, system ?? Sys);
        foreach (var type in messageClasses.Length == 0 ? [typeof(object)] : messageClasses) filter.DeadLetter(type).Mute();
    }

    protected void Dispose(bool disposing)
    {
        if (_disposed) return;
        _disposed = true;
        if (!disposing) return;
        try
        {
            MultiNodeSpecAfterAll();
        }
        finally
        {
            ActorCell.SetCurrent(null);
            SynchronizationContext.SetSynchronizationContext(null);
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }
}
