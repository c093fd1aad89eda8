namespace Actors.Node.Testing;

/// <summary>How a <see cref="TestNode"/> is set up. The defaults make a node alone, with storage that goes when it does.</summary>
public sealed record TestNodeOptions
{
    /// <summary>Kafka's broker id, from 1.</summary>
    public int NodeId { get; init; } = 1;

    /// <summary>
    /// Nodes that give the same name form a cluster, in one process or in several of the machine, over SQLite files in a temporary directory, which goes with the last
    /// of them; null: a node alone. Each needs a <see cref="NodeId"/> of its own. In a multi-node spec <c>MultiNodeSpec.ServerPort</c> makes a name that no other run has.
    /// </summary>
    public string? Cluster { get; init; }

    /// <summary>The data directory, which stays; null: a temporary one, deleted when the node is disposed.</summary>
    public string? Data { get; init; }

    /// <summary>Settings over the node's defaults, HOCON as in a configuration file: <c>actors.broker.default-partitions = 3</c>.</summary>
    public string Settings { get; init; } = "";

    /// <summary>Configuration files, as with <c>--config</c>; <see cref="Settings"/> goes above them.</summary>
    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    /// <summary>Environment variables for the substitutions in configuration files, above those of the process.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>How long the node may take to be ready or to stop, and how long reads wait for what they ask for. Default 30 s.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(30);
}
