using System.Globalization;
using System.Text.Json.Nodes;
using Actors.Client;
using Actors.Topology;
using Actors.Topology.Runtime;

namespace Actors.Node.Testing;

/// <summary>
/// A whole node inside the test's process: on free ports of 127.0.0.1, with storage of its own, with topologies deployed from text. Any Kafka client
/// may connect to it; <see cref="Producer"/> and <see cref="Consumer"/> are at hand.
/// </summary>
/// <example><code>
/// await using var node = await TestNode.StartAsync();
/// await node.CreateTopicAsync("ratings", partitions: 3);
/// await node.DeployAsync(File.ReadAllText("average-rating.conf"));
/// await node.Producer.SendJsonAsync("ratings", "Acme", new { rating = 5 });
/// var row = await node.Consumer("averages").NextAsync();
/// </code></example>
public sealed class TestNode : IAsyncDisposable
{
    private readonly TestNodeOptions _options;
    private readonly ClusterDirectory? _cluster;
    private readonly string _data;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource<NodeState> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly List<TestConsumer> _consumers = [];
    private Task<int> _run = Task.FromResult(0);
    private NodeState _state = null!;
    private bool _disposed;

    private TestNode(TestNodeOptions options)
    {
        _options = options;
        _cluster = options.Cluster is { } cluster ? new ClusterDirectory(cluster) : null;
        _data = options.Data ?? _cluster?.DataOf(options.NodeId) ?? Directory.CreateTempSubdirectory("actors-test-node-").FullName;
    }

    /// <summary>HOST:PORT for Kafka clients, their <c>bootstrap.servers</c>.</summary>
    public string Kafka => _state.Kafka;

    /// <summary>Where the HTTP API is served.</summary>
    public Uri Http => new($"http://{_state.Http}");

    /// <summary>Kafka's broker id.</summary>
    public int NodeId => _options.NodeId;

    /// <summary>A client of this node, over TCP.</summary>
    public ClusterClient Client { get; private set; } = null!;

    /// <summary>Topics, groups and offsets, by that client.</summary>
    public Admin Admin { get; private set; } = null!;

    /// <summary>Writes records, each acknowledged before the call returns.</summary>
    public TestProducer Producer { get; private set; } = null!;

    /// <summary>Starts a node; returns when it can serve.</summary>
    /// <exception cref="Actors.Hocon.HoconException">The settings are wrong; the message names each mistake.</exception>
    /// <exception cref="TimeoutException">It was not ready within <see cref="TestNodeOptions.Patience"/>.</exception>
    public static async Task<TestNode> StartAsync(TestNodeOptions? options = null, CancellationToken cancellation = default)
    {
        var node = new TestNode(options ?? new TestNodeOptions());
        try
        {
            await node.StartProcessAsync(cancellation);
            return node;
        }
        catch
        {
            await node.DisposeAsync();
            throw;
        }
    }

    /// <summary>Creates a topic; one that is there already is taken as it is.</summary>
    public async Task CreateTopicAsync(string topic, int partitions = 1, IReadOnlyDictionary<string, string>? configs = null) =>
        await Admin.EnsureTopicAsync(new NewTopic(topic, partitions, Configs: configs));

    /// <summary>Deploys a topology from its text. It is durable when this returns and runs as soon as its source topics are there.</summary>
    /// <returns>The topology's name.</returns>
    /// <exception cref="TopologyRefusedException">The text is wrong, or another text is deployed under its name.</exception>
    public async Task<string> DeployAsync(string topology, CancellationToken cancellation = default)
    {
        if (!TopologyFile.TryRead(topology, "topology", out var plan, out var errors))
            throw new TopologyRefusedException(string.Join('\n', errors));
        var result = await _state.Topologies!.PutAsync(plan.Name, topology, "topology", cancellation);
        return result.Outcome switch
        {
            PutOutcome.Conflict => throw new TopologyRefusedException($"another topology is deployed as {plan.Name}"),
            PutOutcome.Invalid => throw new TopologyRefusedException(string.Join('\n', result.Errors)),
            _ => plan.Name,
        };
    }

    /// <summary>Waits until a topology runs: its source topics are there and its stores are filled.</summary>
    /// <exception cref="TimeoutException">It does not within <see cref="TestNodeOptions.Patience"/>; the message says how it stands.</exception>
    public async Task AwaitRunningAsync(string topology, CancellationToken cancellation = default)
    {
        TopologyStatus? last = null;
        await AwaitAsync(
            async stop => (last = await _state.Topologies!.GetAsync(topology, stop)) is { State: TopologyState.Running },
            () => $"topology {topology} does not run: {(last is null ? "there is none of the name" : $"{last.State}, {last.Reason}")}", cancellation);
    }

    /// <summary>Waits until so many nodes are in the cluster, as this one tells its clients.</summary>
    /// <exception cref="TimeoutException">They are not within <see cref="TestNodeOptions.Patience"/>.</exception>
    public async Task AwaitNodesAsync(int count, CancellationToken cancellation = default)
    {
        using var http = new HttpClient { BaseAddress = Http };
        var last = "";
        await AwaitAsync(async stop => JsonNode.Parse(last = await http.GetStringAsync("/cluster", stop))!["nodes"]!.AsArray().Count == count, () => $"{count} nodes are waited for: {last}", cancellation);
    }

    /// <summary>Waits until a topology has processed, and committed, all records that its topics hold now.</summary>
    /// <exception cref="TimeoutException">It has not within <see cref="TestNodeOptions.Patience"/>; the message has its offsets.</exception>
    public async Task AwaitProcessedAsync(string topology, CancellationToken cancellation = default)
    {
        if (await _state.Topologies!.TextAsync(topology, cancellation) is not { } text || !TopologyFile.TryRead(text, topology, out var plan, out _))
            throw new ArgumentException($"there is no topology {topology}", nameof(topology));
        var last = "";
        await AwaitAsync(IsProcessedAsync, () => $"topology {topology} has not processed all: {last}", cancellation);

        async Task<bool> IsProcessedAsync(CancellationToken stop)
        {
            var topics = (await Admin.ListTopicsAsync(stop)).Where(topic => plan.SubTopologies.Any(part => part.SourceTopics.Contains(topic.Name)));
            var partitions = topics.SelectMany(topic => topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.Index))).ToList();
            var ends = await Admin.ListOffsetsAsync(partitions.ToDictionary(partition => partition, _ => LogicalOffset.Latest), cancellation: stop);
            var committed = await Admin.CommittedAsync(topology, cancellation: stop);
            var behind = partitions.Where(partition => ends[partition].Offset > (committed.TryGetValue(partition, out var offset) ? offset.Offset : 0)).ToList();
            last = string.Join(", ", behind.Select(partition => $"{partition} ends at {ends[partition].Offset}"));
            return behind.Count == 0;
        }
    }

    /// <summary>Reads topics from their beginnings, as a member of a group where one is named. It ends with the node at the latest.</summary>
    public TestConsumer Consumer(string topic, string? group = null)
    {
        var consumer = new TestConsumer(Client, topic, group, _options.Patience);
        lock (_consumers) _consumers.Add(consumer);
        return consumer;
    }

    /// <summary>Stops the node as SIGTERM does: topologies commit, what it held is handed over.</summary>
    /// <exception cref="TimeoutException">It does not end within <see cref="TestNodeOptions.Patience"/>.</exception>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (var consumer in _consumers) await consumer.DisposeAsync();
        if (Client is not null)
        {
            await Producer.DisposeAsync();
            await Admin.DisposeAsync();
            await Client.DisposeAsync();
        }
        await _stop.CancelAsync();
        // What kept it from starting was thrown there.
        await ((Task)_run).WaitAsync(_options.Patience).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!_run.IsCompleted)
            throw new TimeoutException($"node {NodeId} did not end within {_options.Patience}");
        _stop.Dispose();
        if (_options.Data is null)
            Directory.Delete(_data, recursive: true);
        _cluster?.DeleteIfUnused();
        if (_ready.Task.IsCompletedSuccessfully)
            await _run;
    }

    private async Task StartProcessAsync(CancellationToken cancellation)
    {
        var settings = NodeSettings.Read(CommandLine(), Environment);
        _run = Task.Run(() => new NodeProcess(settings, _ready.SetResult, _stop.Token).RunAsync(), cancellation);
        using var deadline = Deadline(cancellation);
        if (await Task.WhenAny(_run, _ready.Task).WaitAsync(deadline.Token) == _run)
            throw new InvalidOperationException($"node {NodeId} ended with exit code {await _run} before it was ready");
        _state = await _ready.Task;
        Client = new ClusterClient(new ClusterOptions { BootstrapServers = Kafka, ClientId = "test", ApiTimeout = _options.Patience });
        Admin = new Admin(Client);
        Producer = new TestProducer(Client);
    }

    private CommandLine CommandLine()
    {
        Directory.CreateDirectory(_data);
        string Written(string name, string text)
        {
            var file = Path.Combine(_data, name);
            File.WriteAllText(file, text);
            return file;
        }
        var files = _options.ConfigFiles.ToList();
        if (_cluster is not null)
            files.Insert(0, Written("cluster.conf", ClusterDirectory.Configuration()));
        if (_options.Settings.Length > 0)
            files.Add(Written("settings.conf", _options.Settings));
        var arguments = (string[])["--data", _data, "--kafka", "127.0.0.1:0", "--http", "127.0.0.1:0", "--node-id", _options.NodeId.ToString(CultureInfo.InvariantCulture)];
        var errors = new List<string>();
        return Node.CommandLine.Parse([.. arguments, .. files.SelectMany(file => (string[])["--config", file])], errors) ?? throw new ArgumentException(string.Join('\n', errors));
    }

    private string? Environment(string name) =>
        _options.Environment.TryGetValue(name, out var value) || _cluster?.Environment(_options.NodeId).TryGetValue(name, out value) == true
            ? value
            : System.Environment.GetEnvironmentVariable(name);

    private async Task AwaitAsync(Func<CancellationToken, Task<bool>> isSo, Func<string> complaint, CancellationToken cancellation)
    {
        using var deadline = Deadline(cancellation);
        try
        {
            while (!await isSo(deadline.Token)) await Task.Delay(20, deadline.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(complaint());
        }
    }

    private CancellationTokenSource Deadline(CancellationToken cancellation)
    {
        var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(_options.Patience);
        return deadline;
    }
}

/// <summary>A node did not take a topology; the message has every reason with its line and column.</summary>
public sealed class TopologyRefusedException(string message) : Exception(message);
