using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Actors.Client;
using Actors.Client.Tests.Fakes;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Actors.Topology.Runtime;
using Akka.Actor;
using Akka.TestKit;

namespace Actors.Topology.Tests.Runtime;

/// <summary>A broker in this process, and nodes' topology runtimes that come, go and are killed.</summary>
public sealed class RuntimeBed : IAsyncDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _directory = Directory.CreateTempSubdirectory("actors-topologies-").FullName;
    private readonly List<Node> _nodes = [];
    private readonly ClusterClient _client;
    private readonly Producer _producer;

    public RuntimeBed()
    {
        _client = new ClusterClient(Cluster.Options);
        _producer = new Producer(_client);
    }

    public FakeCluster Cluster { get; } = new();

    public string SnapshotDirectory(int node = 1) => Path.Combine(_directory, $"node{node}");

    /// <summary>A node whose actors' timers, and clock, stand still until the scheduler is advanced.</summary>
    public (Node Node, TestScheduler Clock) StartAtRest(Func<TopologyRuntimeSettings, TopologyRuntimeSettings> change)
    {
        var system = ActorSystem.Create("node", "akka.scheduler.implementation = \"Akka.TestKit.TestScheduler, Akka.TestKit\"");
        var clock = (TestScheduler)system.Scheduler;
        return (Start(1, settings => change(settings with { Time = new SchedulersTime(clock) }), system), clock);
    }

    public Node Start(int nodeId = 1, Func<TopologyRuntimeSettings, TopologyRuntimeSettings>? change = null, ActorSystem? system = null)
    {
        var settings = new TopologyRuntimeSettings
        {
            NodeId = nodeId,
            SnapshotDirectory = SnapshotDirectory(nodeId),
            RestartPause = TimeSpan.FromMilliseconds(100),
            HeartbeatInterval = TimeSpan.FromMilliseconds(100),
            Fetch = new FetcherOptions { MaxWait = TimeSpan.FromMilliseconds(50) },
        };
        var node = new Node(Cluster, change is null ? settings : change(settings), system ?? ActorSystem.Create("node"));
        _nodes.Add(node);
        return node;
    }

    public async Task Produce(string topic, params (string? Key, string? Value, long Timestamp)[] records)
    {
        foreach (var (key, value, timestamp) in records)
            await _producer.PostAsync(new ProducerRecord(topic, Bytes(key), Bytes(value), null, timestamp));
        await _producer.FlushAsync();
    }

    private static ReadOnlyMemory<byte>? Bytes(string? text) => text is null ? default(ReadOnlyMemory<byte>?) : Encoding.UTF8.GetBytes(text);

    /// <summary>All records of a topic as they lie there: key and value, partition by partition.</summary>
    public IReadOnlyList<(string Key, string? Value)> Records(string topic)
    {
        var read = new List<(string, string?)>();
        lock (Cluster.Gate)
        {
            if (!Cluster.Topics.TryGetValue(topic, out var found)) return read;
            foreach (var batch in found.Logs.SelectMany(l => l.Batches))
            {
                using var records = new RecordBatchReader(batch);
                foreach (var record in records)
                    read.Add((Encoding.UTF8.GetString(record.Key.GetValueOrDefault().Span), record.Value is { } v ? Encoding.UTF8.GetString(v.Span) : null));
            }
        }
        return read;
    }

    /// <summary>The last value of a field under each key.</summary>
    public Dictionary<string, long> Last(string topic, string field)
    {
        var last = new Dictionary<string, long>();
        foreach (var (key, value) in Records(topic))
            if (value is not null)
                last[key] = JsonDocument.Parse(value).RootElement.GetProperty(field).GetInt64();
        return last;
    }

    public long Committed(string group, string topic, int partition = 0)
    {
        lock (Cluster.Gate) return Cluster.Groups[group].Offsets.TryGetValue(new TopicPartition(topic, partition), out var at) ? at.Offset : -1;
    }

    public static async Task Until(Func<bool> holds, Func<string> what)
    {
        var deadline = DateTime.UtcNow + Patience;
        while (!holds())
        {
            Assert.True(DateTime.UtcNow < deadline, what());
            await Task.Delay(10);
        }
    }

    public async Task UntilCounts(string topic, string field, Dictionary<string, long> wanted) =>
        await Until(() => wanted.All(w => Last(topic, field).GetValueOrDefault(w.Key) == w.Value),
            () => $"wanted {JsonSerializer.Serialize(wanted)}, found {JsonSerializer.Serialize(Last(topic, field))}; {string.Join("; ", _nodes.Select(n => n.Described()))}");

    public async ValueTask DisposeAsync()
    {
        foreach (var node in _nodes) node.Kill();
        await _producer.CloseAsync(TimeSpan.Zero);
        await _client.DisposeAsync();
        await Cluster.DisposeAsync();
        if (Directory.Exists(_directory)) Directory.Delete(_directory, recursive: true);
    }
}

/// <summary>A scheduler's time, for those who ask a clock.</summary>
internal sealed class SchedulersTime(TestScheduler scheduler) : TimeProvider
{
    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => scheduler.Now;

    public override long GetTimestamp() => scheduler.Now.Ticks;
}

/// <summary>One node's runtime, with connections that a kill cuts.</summary>
public sealed class Node
{
    private readonly FakeCluster _cluster;
    private readonly ActorSystem _system;
    private readonly List<IDuplexPipe> _pipes = [];
    private bool _killed;

    internal Node(FakeCluster cluster, TopologyRuntimeSettings settings, ActorSystem system)
    {
        (_cluster, _system) = (cluster, system);
        Runtime = TopologyRuntime.Start(_system, cluster.Options with { Connect = ConnectAsync }, settings);
    }

    public TopologyRuntime Runtime { get; }

    public TopologyDeployments Deployments => Runtime.Deployments;

    /// <summary>Like kill -9: from now on nothing of this node reaches the broker.</summary>
    public void Kill()
    {
        lock (_pipes)
        {
            if (_killed) return;
            _killed = true;
            foreach (var pipe in _pipes)
            {
                pipe.Output.Complete();
                pipe.Input.CancelPendingRead();
            }
        }
        _ = _system.Terminate();
    }

    /// <summary>An orderly stop.</summary>
    public async Task Stop()
    {
        await Runtime.DisposeAsync();
        Kill();
    }

    public async Task<TopologyStatus> Deploy(string name, string text)
    {
        var result = await Deployments.PutAsync(name, text, $"{name}.conf");
        Assert.True(result.Outcome == PutOutcome.Created, $"{result.Outcome} {string.Join("; ", result.Errors)}");
        return (await Deployments.GetAsync(name))!;
    }

    public async Task<TopologyStatus> UntilState(string name, TopologyState state)
    {
        TopologyStatus? status = null;
        for (var deadline = DateTime.UtcNow + RuntimeBed.Patience; status?.State != state; await Task.Delay(10))
        {
            status = await Deployments.GetAsync(name);
            Assert.True(DateTime.UtcNow < deadline, $"{name} is {status?.State} ({status?.Reason})");
        }
        return status!;
    }

    public string Described()
    {
        if (_killed) return "killed";
        return string.Join(", ", Deployments.ListAsync().Result.Select(t => $"{t.Name} {t.State} {t.Reason} [{string.Join(" ", t.Tasks.Select(x => $"{x.Id} {x.State} lag {x.Lag}"))}]"));
    }

    private async ValueTask<IDuplexPipe> ConnectAsync(string host, int port, CancellationToken cancellation)
    {
        var pipe = await _cluster.ConnectAsync(host, port, cancellation);
        lock (_pipes)
        {
            if (_killed) throw new IOException("this node was killed");
            _pipes.Add(pipe);
        }
        return pipe;
    }
}
