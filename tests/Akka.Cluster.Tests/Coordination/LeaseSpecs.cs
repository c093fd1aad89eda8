using Akka.Actor;
using Akka.Configuration;
using Akka.Coordination;

namespace Akka.Cluster.Tests.Coordination;

/// <summary>Which lease a configuration yields, and with what settings.</summary>
public sealed class LeaseSpecs : IDisposable
{
    private const string Hocon = """
        akka { loglevel = OFF, stdout-loglevel = OFF }
        with-system { lease-class = "Akka.Cluster.Tests.Coordination.LeaseSpecs+WithSystem, Akka.Cluster.Tests", heartbeat-timeout = 30s, heartbeat-interval = 2s, colour = blue }
        without-system { lease-class = "Akka.Cluster.Tests.Coordination.LeaseSpecs+WithoutSystem, Akka.Cluster.Tests" }
        no-class { heartbeat-timeout = 30s }
        unknown-class { lease-class = "No.Such.Lease, Akka.Cluster.Tests" }
        no-lease { lease-class = "System.Object" }
        failing { lease-class = "Akka.Cluster.Tests.Coordination.LeaseSpecs+Failing, Akka.Cluster.Tests" }
        """;

    private readonly ActorSystem _system = ActorSystem.Create("leases", ConfigurationFactory.ParseString(Hocon));

    public void Dispose() => _system.Terminate().Wait(TimeSpan.FromSeconds(10));

    [Fact]
    public void A_lease_is_made_of_the_class_that_its_path_names_with_its_settings()
    {
        var lease = Assert.IsType<WithSystem>(LeaseProvider.Get(_system).GetLease("shard-1", "with-system", "node-1"));
        Assert.Same(_system, lease.System);
        Assert.Equal("shard-1", lease.Settings.LeaseName);
        Assert.Equal("node-1", lease.Settings.OwnerName);
        Assert.Equal("blue", lease.Settings.LeaseConfig.GetString("colour"));
        Assert.Equal(TimeSpan.FromSeconds(30), lease.Settings.TimeoutSettings.HeartbeatTimeout);
        Assert.Equal(TimeSpan.FromSeconds(2), lease.Settings.TimeoutSettings.HeartbeatInterval);
        Assert.Equal(TimeSpan.FromSeconds(5), lease.Settings.TimeoutSettings.OperationTimeout);
    }

    [Fact]
    public void What_a_path_leaves_out_is_the_default()
    {
        var settings = Assert.IsType<WithoutSystem>(LeaseProvider.Get(_system).GetLease("a", "without-system", "o")).Settings.TimeoutSettings;
        Assert.Equal(TimeSpan.FromSeconds(120), settings.HeartbeatTimeout);
        Assert.Equal(TimeSpan.FromSeconds(12), settings.HeartbeatInterval);
    }

    [Fact]
    public void Name_path_and_owner_together_name_one_lease()
    {
        var provider = LeaseProvider.Get(_system);
        var first = provider.GetLease("a", "with-system", "o");
        Assert.Same(first, provider.GetLease("a", "with-system", "o"));
        Assert.NotSame(first, provider.GetLease("b", "with-system", "o"));
        Assert.NotSame(first, provider.GetLease("a", "with-system", "p"));
        Assert.NotSame(first, provider.GetLease("a", "without-system", "o"));
    }

    [Theory]
    [InlineData("nowhere")]
    [InlineData("no-class")]
    [InlineData("unknown-class")]
    [InlineData("no-lease")]
    public void A_path_without_a_lease_is_an_error(string path) =>
        Assert.Throws<ArgumentException>(() => LeaseProvider.Get(_system).GetLease("a", path, "o"));

    [Fact]
    public void A_constructor_that_fails_is_tried_again_by_the_next_call()
    {
        var before = Failing.Made;
        for (var i = 1; i <= 2; i++)
        {
            Assert.ThrowsAny<Exception>(() => LeaseProvider.Get(_system).GetLease("a", "failing", "o"));
            Assert.Equal(before + i, Failing.Made);
        }
    }

    [Theory]
    [InlineData("heartbeat-timeout = 100s, heartbeat-interval = \"\", lease-operation-timeout = 1s", 10_000)]
    [InlineData("heartbeat-timeout = 20s, heartbeat-interval = \"\", lease-operation-timeout = 1s", 5_000)]
    [InlineData("heartbeat-timeout = 3s, heartbeat-interval = 500ms, lease-operation-timeout = 1s", 500)]
    public void The_interval_is_given_or_a_tenth_of_the_timeout(string hocon, int milliseconds) =>
        Assert.Equal(TimeSpan.FromMilliseconds(milliseconds), TimeoutSettings.Create(ConfigurationFactory.ParseString(hocon)).HeartbeatInterval);

    [Fact]
    public void An_interval_of_half_the_timeout_is_refused() =>
        Assert.Throws<ArgumentException>(() => TimeoutSettings.Create(ConfigurationFactory.ParseString("heartbeat-timeout = 3s, heartbeat-interval = 1500ms")));

    private class WithoutSystem(LeaseSettings settings) : Lease(settings)
    {
        public override Task<bool> Acquire() => Task.FromResult(true);

        public override Task<bool> Acquire(Action<Exception> leaseLostCallback) => Task.FromResult(true);

        public override Task<bool> Release() => Task.FromResult(true);

        public override bool CheckLease() => true;
    }

    private sealed class WithSystem(LeaseSettings settings, ExtendedActorSystem system) : WithoutSystem(settings)
    {
        public ActorSystem System { get; } = system;
    }

    private sealed class Failing : WithoutSystem
    {
        public Failing(LeaseSettings settings) : base(settings)
        {
            Made++;
            throw new InvalidOperationException("no");
        }

        public static int Made { get; private set; }
    }
}
