using Actors.Node.Tests;

namespace Actors.Cluster.Tests;

/// <summary>A test with three nodes, PostgreSQL and Kafka's clients.</summary>
public sealed class ClusterFactAttribute : ToolFactAttribute
{
    public ClusterFactAttribute()
        : base("/usr/lib/postgresql/15/bin/initdb", "/usr/bin/python3", "/usr/lib/python3/dist-packages/confluent_kafka", "kcat", "curl")
    {
        if (!File.Exists(Path.Combine(NodeUnderTest.Root, "hocon/cluster.conf")))
            Skip = "nodes do not form a cluster yet";
    }
}
