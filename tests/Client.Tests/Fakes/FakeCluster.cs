using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Client.Tests.Fakes;

/// <summary>What a fault does to a request, after the idea of franz-go's kfake.</summary>
public enum Fault
{
    None,

    /// <summary>The connection ends; the request was not carried out.</summary>
    DropBefore,

    /// <summary>The request was carried out; the connection ends without an answer.</summary>
    DropAfter,

    /// <summary>The request was carried out; no answer ever comes.</summary>
    Silence,
}

/// <summary>A Kafka cluster in this process, reached by pipes: topics, logs that check sequences, one group coordinator, and faults on demand.</summary>
public sealed class FakeCluster : IAsyncDisposable
{
    private readonly List<Func<int, IRequest, (IMessage? Answer, Fault Fault)?>> _rules = [];
    private readonly List<Task> _connections = [];
    private readonly CancellationTokenSource _stop = new();

    public FakeCluster(int nodes = 1)
    {
        for (var id = 1; id <= nodes; id++) Nodes.Add(id, 9000 + id);
        Groups = new FakeGroups(this);
    }

    public Lock Gate { get; } = new();

    /// <summary>Where metadata says the nodes are.</summary>
    public string Host { get; private set; } = "fake";

    /// <summary>Node ids and the ports their pipes answer at.</summary>
    public Dictionary<int, int> Nodes { get; } = [];

    public Dictionary<string, FakeTopic> Topics { get; } = [];

    public FakeGroups Groups { get; }

    /// <summary>Every request that came, with its node.</summary>
    public List<(int Node, IRequest Request, short Version)> Seen { get; } = [];

    /// <summary>Connections that neither side has ended.</summary>
    public int OpenConnections
    {
        get
        {
            lock (Gate) return _connections.Count(connection => !connection.IsCompleted);
        }
    }

    /// <summary>Node down: connections are refused and ended.</summary>
    public HashSet<int> Down { get; } = [];

    public short MaxApiVersionsVersion { get; set; } = 4;

    public int NextProducerId { get; set; } = 1000;

    public bool AutoCreate { get; set; }

    public ClusterOptions Options => new()
    {
        BootstrapServers = string.Join(',', Nodes.Values.Select(port => $"fake:{port}")),
        Connect = ConnectAsync,
        RetryBackoff = TimeSpan.FromMilliseconds(10),
        RetryBackoffMax = TimeSpan.FromMilliseconds(40),
        RequestTimeout = TimeSpan.FromSeconds(5),
        ApiTimeout = TimeSpan.FromSeconds(5),
    };

    public FakeTopic AddTopic(string name, int partitions = 1)
    {
        lock (Gate) return Topics[name] = new FakeTopic(name, partitions, [.. Nodes.Keys]);
    }

    /// <summary>Adds a rule that may answer or spoil a request; the newest is asked first, null leaves it to the next.</summary>
    public void On<TRequest>(Func<int, TRequest, (IMessage? Answer, Fault Fault)?> rule) where TRequest : class, IRequest
    {
        lock (Gate) _rules.Insert(0, (node, request) => request is TRequest typed ? rule(node, typed) : null);
    }

    public IReadOnlyList<TRequest> SeenOf<TRequest>() where TRequest : class, IRequest
    {
        lock (Gate) return [.. Seen.Select(s => s.Request).OfType<TRequest>()];
    }

    public ValueTask<IDuplexPipe> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        lock (Gate)
        {
            var node = Nodes.Single(n => n.Value == port).Key;
            if (Down.Contains(node)) throw new IOException($"node {node} is down");
            Pipe toBroker = new(), toClient = new();
            _connections.Add(Task.Run(() => new FakeConnection(this, node, toBroker.Reader, toClient.Writer).RunAsync(_stop.Token), CancellationToken.None));
            return ValueTask.FromResult<IDuplexPipe>(new Duplex(toClient.Reader, toBroker.Writer));
        }
    }

    /// <summary>Lets the first node be reached over TCP too, at 127.0.0.1 and the port given.</summary>
    public int Listen()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        lock (Gate) (Host, Nodes[1]) = ("127.0.0.1", port);
        _connections.Add(AcceptAsync(listener));
        return port;
    }

    private async Task AcceptAsync(TcpListener listener)
    {
        using (listener)
        {
            try
            {
                while (true)
                {
                    var socket = await listener.AcceptSocketAsync(_stop.Token);
                    lock (Gate) _connections.Add(ServeAsync(socket));
                }
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // The cluster is disposed.
            }
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        await using var stream = new NetworkStream(socket, ownsSocket: true);
        try
        {
            await new FakeConnection(this, 1, PipeReader.Create(stream, new(leaveOpen: true)), PipeWriter.Create(stream, new(leaveOpen: true))).RunAsync(_stop.Token);
        }
        catch (IOException)
        {
            // The client went away without a word.
        }
    }

    internal (IMessage? Answer, Fault Fault) Rule(int node, IRequest request, short version)
    {
        lock (Gate)
        {
            Seen.Add((node, request, version));
            foreach (var rule in _rules)
                if (rule(node, request) is { } ruled) return ruled;
            return (null, Fault.None);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        Task[] connections;
        lock (Gate) connections = [.. _connections];
        await Task.WhenAll(connections);
    }

    private sealed class Duplex(PipeReader input, PipeWriter output) : IDuplexPipe
    {
        public PipeReader Input => input;

        public PipeWriter Output => output;
    }
}

public sealed class FakeTopic(string name, int partitions, int[] nodes)
{
    public string Name => name;

    public Guid Id { get; init; } = Guid.NewGuid();

    public Dictionary<string, string> Configs { get; } = [];

    public FakeLog[] Logs { get; private set; } = [.. Enumerable.Range(0, partitions).Select(p => new FakeLog { Leader = nodes[p % nodes.Length] })];

    /// <summary>Empty partitions are added until there are so many.</summary>
    public void Grow(int partitions) => Logs = [.. Logs, .. Enumerable.Range(Logs.Length, partitions - Logs.Length).Select(p => new FakeLog { Leader = nodes[p % nodes.Length] })];
}
