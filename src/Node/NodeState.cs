using Actors.Broker;
using Actors.Client;

namespace Actors.Node;

/// <summary>What a node says of itself over HTTP.</summary>
internal sealed class NodeState(NodeSettings settings, KafkaBroker broker, string storage)
{
    private volatile string _status = "starting";
    private volatile string _kafka = settings.Kafka.ToString();

    public KafkaBroker Broker { get; } = broker;

    /// <summary>A client inside the process; its connections need no socket.</summary>
    public ClusterClient Cluster { get; } = new(new ClusterOptions
    {
        BootstrapServers = "in-process:1",
        ClientId = "actors-node",
        Connect = (_, _, _) => ValueTask.FromResult(broker.InProcess.Connect()),
    });

    public Admin Admin => field ??= new Admin(Cluster);

    public int NodeId => settings.Broker.NodeId;

    public string Storage { get; } = storage;

    /// <summary><c>starting</c>, <c>up</c> or <c>down</c>.</summary>
    public string Status => _status;

    /// <summary>Where Kafka clients connect.</summary>
    public string Kafka => _kafka;

    public void Listening(HostAndPort kafka) => _kafka = kafka.ToString();

    public void Ready() => _status = "up";

    public void Stopping() => _status = "down";
}
