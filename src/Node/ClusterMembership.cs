using Actors.Hocon;
using Actors.Machines;

namespace Actors.Node;

/// <summary>What a node is told of the cluster that it belongs to.</summary>
/// <param name="Remote">Where the other nodes reach its actor system; port 0 takes a free one.</param>
/// <param name="Seeds">Nodes to join through; only Akka.NET's own packages need them.</param>
/// <param name="Roles">What the node does.</param>
/// <param name="Lease">How its lease is kept; the same on all nodes.</param>
internal sealed record ClusterMembership(HostAndPort Remote, IReadOnlyList<HostAndPort> Seeds, IReadOnlyList<string> Roles, OwnershipSettings Lease)
{
    public static ClusterMembership Read(HoconSection cluster)
    {
        var remote = cluster.Text("remote");
        if (!HostAndPort.TryParse(remote, out var address))
            cluster.Error("remote", $"\"{remote}\" is not HOST:PORT");
        var seeds = new List<HostAndPort>();
        foreach (var seed in Listed(cluster.Text("seeds")))
            if (HostAndPort.TryParse(seed, out var parsed))
                seeds.Add(parsed);
            else
                cluster.Error("seeds", $"\"{seed}\" is not HOST:PORT");
        var roles = Listed(cluster.Text("roles"));
        if (roles.Length == 0 || roles.Except(["broker", "streams"]).Any())
            cluster.Error("roles", "is not a list of broker and streams");
        var (most, least) = (TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(1));
        var lease = new OwnershipSettings(cluster.Duration("lease", least, most), cluster.Duration("lease-renewal", least, most), cluster.Duration("lease-margin", least, most));
        if (lease.Fault is { } fault)
            cluster.Error("lease", fault);
        return new ClusterMembership(address, seeds, roles, lease);
    }

    private static string[] Listed(string text) => text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
