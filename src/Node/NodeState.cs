using Actors.Broker;
using Actors.Client;
using Actors.Machines;
using Actors.Node.Live;
using Actors.Ownership;
using Actors.Topology.Runtime;
using Akka.Actor;

namespace Actors.Node;

/// <summary>What a node says of itself over HTTP.</summary>
internal sealed class NodeState(NodeSettings settings, KafkaBroker broker, string storage, JournalDatabase journal)
{
    private const string InProcess = "in-process";

    private readonly Lock _gate = new();
    private volatile string _status = "starting";
    private volatile string _kafka = settings.Kafka.ToString();
    private volatile string _http = settings.Http.ToString();

    public KafkaBroker Broker { get; } = broker;

    /// <summary>A client inside the process; its connections need no socket.</summary>
    public ClusterClient Cluster { get; } = new(Client(broker, "actors-node"));

    public Admin Admin => field ??= new Admin(Cluster);

    /// <summary>Null until the topology runtime is started.</summary>
    public TopologyDeployments? Topologies { get; private set; }

    /// <summary>Feeds the listeners of <c>/events</c>; started when the first one comes.</summary>
    public IActorRef Live
    {
        get
        {
            lock (_gate)
                return field ??= Broker.System.ActorOf(LiveFeedActor.Props(this), "live");
        }
    }

    public int NodeId => settings.Broker.NodeId;

    public string Storage { get; } = storage;

    /// <summary>The database that the log is in.</summary>
    public JournalDatabase Journal { get; } = journal;

    /// <summary><c>starting</c>, <c>up</c> or <c>down</c>.</summary>
    public string Status => _status;

    /// <summary>Where Kafka clients connect.</summary>
    public string Kafka => _kafka;

    /// <summary>Where this API is served.</summary>
    public string Http => _http;

    /// <summary>How a client of this node's broker connects: to this node without a socket, to the others over TCP.</summary>
    public static ClusterOptions Client(KafkaBroker broker, string clientId) => new()
    {
        BootstrapServers = InProcess + ":1",
        ClientId = clientId,
        Connect = (host, port, cancellation) => host == InProcess || broker.IsOwn(host, port)
            ? ValueTask.FromResult(broker.InProcess.Connect())
            : TcpTransport.ConnectAsync(host, port, cancellation),
    };

    public void Listening(HostAndPort kafka, HostAndPort http)
    {
        (_kafka, _http) = (kafka.ToString(), http.ToString());
        Broker.Describe(own => own with { Http = $"http://{http}" });
    }

    public void RunsTopologies(TopologyDeployments topologies) => Topologies = topologies;

    public void Ready() => Become("up");

    public void Stopping() => Become(NodeDescription.Down);

    private void Become(string status)
    {
        _status = status;
        Broker.Describe(own => own with { Status = status });
    }
}
