using System.Collections.Concurrent;
using Akka.Actor;
using Akka.Cluster.Sharding;
using Akka.Cluster.Tools.Singleton;
using Akka.Coordination;

namespace Akka.Cluster.Tests.Sharding;

/// <summary>Shards and singletons that run only under a lease.</summary>
public sealed class LeaseSpecs : ShardingSpec
{
    private const string UseLease = """
        spec-lease { lease-class = "Akka.Cluster.Tests.Sharding.SpecLease, Akka.Cluster.Tests" }
        akka.cluster.sharding { use-lease = "spec-lease", rebalance-interval = 1h }
        """;

    public LeaseSpecs() => SpecLease.Clear();

    [Fact]
    public void A_shard_runs_under_its_lease_and_gives_it_back_when_it_moves()
    {
        var nodes = new[] { Node(more: UseLease), Node(more: UseLease) };
        var regions = nodes.Select(node => Region(node)).ToList();
        AwaitRegions(regions[0], 2);
        var homes = HomesOf(regions[0]);
        Assert.All(homes, each => Assert.Equal(Address.Parse(each.Value).HostPort(), SpecLease.Holder($"spec-shard-entities-{Shard(each.Key)}")));
        Assert.True(nodes[1].Terminate().Wait(Soon * 2));
        Assert.All(HomesOf(regions[0]).Values, home => Assert.Equal(AddressOf(nodes[0]), home));
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void A_shard_that_loses_its_lease_stops_its_entities_and_starts_again_once_it_has_it_back()
    {
        var region = Region(Node(more: UseLease));
        Where(region, "e1");
        var lease = $"spec-shard-entities-{Shard("e1")}";
        SpecLease.TakeBy(lease, "somebody else");
        Await(() => !Residents.Running.ContainsKey("e1"), () => "e1 still runs");
        var answer = region.Ask<int>(new ShardingEnvelope("e1", 7), Soon);
        Thread.Sleep(500);
        Assert.False(answer.IsCompleted, "it answered without a lease");
        SpecLease.Free(lease);
        Assert.True(answer.Wait(Soon), "no answer once the lease is free");
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void A_node_that_was_given_up_but_lives_keeps_the_others_waiting_until_it_has_lost_its_leases()
    {
        var nodes = new[] { Node(more: UseLease), Node(more: UseLease + "\nakka.cluster.run-coordinated-shutdown-when-down = off") };
        var regions = nodes.Select(node => Region(node)).ToList();
        AwaitRegions(regions[0], 2);
        var cut = AddressOf(nodes[1]);
        var before = HomesOf(regions[0]);
        var theirs = before.Where(each => each.Value == cut).Select(each => each.Key).ToList();
        Assert.NotEmpty(theirs);
        // It renews its membership no more and is removed, while its entities know nothing of it.
        Cluster.Get(nodes[1]).Crash();
        AwaitUp(nodes[0]);
        // What is still sent there is answered there; what the region keeps waits.
        for (var i = 0; i < 5; i++) Assert.NotEqual(AddressOf(nodes[0]), Answer(regions[0], theirs[0], TimeSpan.FromMilliseconds(100)));
        Assert.Equal(cut, Residents.Running[theirs[0]]);
        // For its owner a lease runs out before it does so for the others.
        var owner = Cluster.Get(nodes[1]).SelfAddress.HostPort();
        SpecLease.Ban(owner);
        Await(() => !Residents.Running.Values.Contains(cut), () => string.Join(", ", Residents.Running));
        SpecLease.FreeAll(owner);
        Await(() => Answer(regions[0], theirs[0], TimeSpan.FromMilliseconds(300)) == AddressOf(nodes[0]), () => "no answer once the lease is lost");
        Assert.All(theirs, entity => Assert.Equal(AddressOf(nodes[0]), Where(regions[0], entity)));
        Assert.Empty(Residents.Faults);
    }

    [Fact]
    public void A_singleton_waits_for_its_lease_and_stops_when_it_is_lost()
    {
        var system = Node(more: UseLease);
        var settings = ClusterSingletonManagerSettings.Create(system).WithLeaseSettings(new LeaseUsageSettings("spec-lease", TimeSpan.FromMilliseconds(100)));
        var name = $"only-{Guid.NewGuid():N}";
        var lease = $"spec-singleton-akka://spec/user/{name}";
        SpecLease.TakeBy(lease, "somebody else");
        system.ActorOf(ClusterSingletonManager.Props(Props.Create(() => new Resident(name, Cluster.Get(system).SelfAddress, Residents)), Resident.Stop.Instance, settings), name);
        Thread.Sleep(500);
        Assert.DoesNotContain(name, Residents.Running.Keys);
        SpecLease.Free(lease);
        Await(() => Residents.Running.ContainsKey(name), () => "the singleton does not run");
        SpecLease.TakeBy(lease, "somebody else");
        Await(() => !Residents.Running.ContainsKey(name), () => "the singleton still runs");
        SpecLease.Free(lease);
        Await(() => Residents.Running.ContainsKey(name), () => "the singleton does not run again");
    }
}

/// <summary>Leases in this process' memory.</summary>
public sealed class SpecLease(LeaseSettings settings) : Lease(settings)
{
    private static readonly ConcurrentDictionary<string, (string Owner, Action<Exception>? Lost)> Held = new();
    private static readonly ConcurrentDictionary<string, bool> Banned = new();

    private string Name => Settings.LeaseName;

    public static string? Holder(string name) => Held.TryGetValue(name, out var held) ? held.Owner : null;

    public static void Clear() => Held.Clear();

    public static void Free(string name) => Held.TryRemove(name, out _);

    /// <summary>The owner hears that it has lost all, and gets nothing any more; nobody else gets it before <see cref="FreeAll"/>.</summary>
    public static void Ban(string owner)
    {
        Banned[owner] = true;
        foreach (var held in Held.Values.Where(each => each.Owner == owner)) held.Lost?.Invoke(new LeaseException("lost"));
    }

    public static void FreeAll(string owner)
    {
        foreach (var name in Held.Where(each => each.Value.Owner == owner).Select(each => each.Key)) Held.TryRemove(name, out _);
    }

    public static void TakeBy(string name, string owner)
    {
        Held.TryGetValue(name, out var before);
        Held[name] = (owner, null);
        before.Lost?.Invoke(new LeaseException("taken"));
    }

    public override Task<bool> Acquire() => Acquire(null!);

    public override async Task<bool> Acquire(Action<Exception> leaseLostCallback)
    {
        await Task.Yield();
        if (Banned.ContainsKey(Settings.OwnerName)) return false;
        return Held.AddOrUpdate(Name, _ => (Settings.OwnerName, leaseLostCallback), (_, held) => held.Owner == Settings.OwnerName ? (held.Owner, leaseLostCallback) : held).Owner == Settings.OwnerName;
    }

    public override async Task<bool> Release()
    {
        await Task.Yield();
        if (Held.TryGetValue(Name, out var held) && held.Owner == Settings.OwnerName) Held.TryRemove(Name, out _);
        return true;
    }

    public override bool CheckLease() => Held.TryGetValue(Name, out var held) && held.Owner == Settings.OwnerName;
}
