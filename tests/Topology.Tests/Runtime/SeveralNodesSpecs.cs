using System.Text;
using System.Text.Json;
using Actors.Client;
using Actors.Node.Testing;
using Actors.Protocol.Records;
using Actors.Topology.Runtime;
using Akka.Actor;
using Xunit.Abstractions;

namespace Actors.Topology.Tests.Runtime;

/// <summary>A topology's tasks on a node and on runtimes beside it that come, go, die and thaw, above a whole broker: its counts stay right.</summary>
public sealed class SeveralNodesSpecs(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Partitions = 4;
    private const int Words = 20;

    private const string Counting = """
        topology {
          name = words
          commit-interval = 100ms
          sources { lines { topic = lines, key = string, value = string } }
          flows { count { from = lines, stages = [ { group-by = value }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(40);

    private readonly string _directory = Directory.CreateTempSubdirectory("actors-several-nodes-").FullName;
    private readonly List<Beside> _beside = [];
    private readonly Dictionary<string, long> _counts = [];
    private readonly Dictionary<string, long> _truth = [];
    private TestNode _node = null!;
    private Producer _producer = null!;
    private Fetcher _results = null!;
    private int _sent;
    private long _readTo;

    public async Task InitializeAsync()
    {
        _node = await TestNode.StartAsync(new TestNodeOptions { Settings = "actors.groups.min-session-timeout = 1s" });
        await _node.CreateTopicAsync("lines", Partitions);
        await _node.CreateTopicAsync("counts");
        await _node.DeployAsync(Counting);
        _producer = new Producer(_node.Client);
        _results = new Fetcher(_node.Client);
        _results.Assign(new TopicPartition("counts", 0), LogicalOffset.Earliest);
    }

    public async Task DisposeAsync()
    {
        foreach (var beside in _beside) await beside.KillAsync();
        await _results.DisposeAsync();
        await _producer.CloseAsync(TimeSpan.Zero);
        await _node.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task Nodes_that_join_get_their_share_and_give_it_back_and_every_record_is_counted_once()
    {
        await SendAsync(2000);
        await UntilTasks(1, 8);
        var two = Join(2);
        await SendAsync(2000);
        await UntilTasks(2, 4);
        await SendAsync(2000);
        var three = Join(3);
        await UntilTasks(3, 2);
        await SendAsync(2000);
        await UntilCounts(exactly: true);
        foreach (var seen in new[] { two.Runtime, three.Runtime })
        {
            var tasks = (await seen.Deployments.GetAsync("words"))!.Tasks;
            Assert.Equal(["0_0", "0_1", "0_2", "0_3", "1_0", "1_1", "1_2", "1_3"], tasks.Select(t => t.Id.ToString()));
            Assert.Equal([1, 2, 3], tasks.Select(t => t.Node).Distinct().Order());
        }
        await two.StopAsync();
        await three.StopAsync();
        await SendAsync(2000);
        await UntilTasks(1, 8);
        await UntilCounts(exactly: true);
    }

    [Fact]
    public async Task A_node_that_ends_in_order_is_out_of_the_group_when_it_has_ended()
    {
        var two = Join(2);
        await UntilTasks(2, 4);
        await SendAsync(2000);
        await two.StopAsync();
        Assert.DoesNotContain((await _node.Admin.DescribeGroupAsync("words")).Members, member => member.GroupInstanceId == "words-2");
        await UntilTasks(1, 8);
        await UntilCounts(exactly: true);
    }

    [Fact]
    public async Task A_node_that_dies_leaves_its_tasks_to_others_and_nothing_is_counted_too_low()
    {
        var two = Join(2);
        await UntilTasks(2, 4);
        var sending = SendAsync(20_000);
        await UntilCounted(3000);
        await two.KillAsync();
        await sending;
        await UntilTasks(1, 8);
        await SendAsync(Words);
        await UntilCounts(exactly: false);
        // Back again, with snapshots as old as its death.
        Join(2);
        await SendAsync(3000);
        await UntilTasks(2, 4);
        await SendAsync(Words);
        await UntilCounts(exactly: false);
    }

    [Fact]
    public async Task A_node_that_thaws_has_lost_its_tasks_and_harms_neither_counts_nor_change_logs()
    {
        var two = Join(2);
        await UntilTasks(2, 4);
        var sending = SendAsync(20_000);
        await UntilCounted(3000);
        two.Transport.Stall();
        await sending;
        await UntilTasks(1, 8);
        await SendAsync(3000);
        two.Transport.Thaw();
        await UntilTasks(2, 4);
        await SendAsync(Words);
        await UntilCounts(exactly: false);
        // All tasks from their change-logs, on a node that has never seen them.
        await two.StopAsync();
        var three = Join(3);
        await UntilTasks(3, 4);
        await three.StopAsync();
        Join(4);
        await UntilTasks(4, 4);
        await SendAsync(Words);
        await UntilCounts(exactly: false);
    }

    [Fact]
    public async Task Deleted_at_one_node_it_ends_at_all_and_the_next_of_its_name_counts_from_the_beginning()
    {
        var two = Join(2);
        await UntilTasks(2, 4);
        await SendAsync(3000);
        Assert.True(await two.Runtime.Deployments.DeleteAsync("words"));
        Assert.DoesNotContain(await _node.Admin.ListTopicsAsync(), t => t.Name.StartsWith("words-"));
        Assert.Empty((await _node.Admin.DescribeGroupAsync("words")).Members);
        Assert.False(Directory.Exists(Path.Combine(_directory, "node2", "words")));
        await _node.DeployAsync(Counting);
        await SendAsync(1000);
        await UntilTasks(2, 4);
        await UntilCounts(exactly: true);
    }

    private Beside Join(int node)
    {
        var beside = new Beside(_node.Kafka, node, Path.Combine(_directory, $"node{node}"));
        _beside.Add(beside);
        return beside;
    }

    private async Task SendAsync(int records)
    {
        for (var i = 0; i < records; i++)
        {
            // So many at a time as are counted while others wait to be sent.
            if (i % 1000 == 999) await _producer.FlushAsync();
            var word = $"word{_sent++ % Words}";
            _truth[word] = _truth.GetValueOrDefault(word) + 1;
            await _producer.PostAsync(new ProducerRecord("lines", Encoding.UTF8.GetBytes($"{_sent}"), Encoding.UTF8.GetBytes(word)));
        }
        await _producer.FlushAsync();
    }

    /// <summary>As the group's coordinator has it.</summary>
    private async Task UntilTasks(int node, int wanted)
    {
        for (var deadline = DateTime.UtcNow + Patience; ; await Task.Delay(50))
        {
            var group = await _node.Admin.DescribeGroupAsync("words");
            var members = group.Members.ToDictionary(m => m.GroupInstanceId ?? m.MemberId, m => m.Assignment.Count);
            if (group.State == "Stable" && members.GetValueOrDefault($"words-{node}") == wanted && members.Values.Sum() == 2 * Partitions) return;
            Assert.True(DateTime.UtcNow < deadline, $"node {node} should have {wanted} tasks: {group.State} {string.Join(", ", members)}");
        }
    }

    private async Task UntilCounted(int records)
    {
        for (var deadline = DateTime.UtcNow + Patience; _counts.Values.Sum() < records; await Task.Delay(1))
        {
            ReadResults();
            Assert.True(DateTime.UtcNow < deadline, $"{_counts.Values.Sum()} records were counted");
        }
    }

    private void ReadResults()
    {
        while (_results.TryRead(out var chunk))
        {
            foreach (var batch in chunk.Batches) Read(batch.Bytes);
            _readTo = chunk.NextOffset;
        }
    }

    /// <summary>Once all is committed, and all that came of it is read.</summary>
    private async Task UntilCounts(bool exactly)
    {
        await UntilCommitted();
        var end = (await EndsAsync("counts"))[new TopicPartition("counts", 0)];
        for (var deadline = DateTime.UtcNow + Patience; _readTo < end; await Task.Delay(10))
        {
            ReadResults();
            Assert.True(DateTime.UtcNow < deadline, $"of {end} results {_readTo} were read");
        }
        output.WriteLine($"{_truth.Values.Sum()} records, {_counts.Values.Sum() - _truth.Values.Sum()} counted twice");
        var said = $"sent {JsonSerializer.Serialize(_truth)}, counted {JsonSerializer.Serialize(_counts)}";
        Assert.True(_truth.All(t => exactly ? _counts[t.Key] == t.Value : _counts[t.Key] >= t.Value), said);
    }

    private async Task UntilCommitted()
    {
        var repartition = (await _node.Admin.ListTopicsAsync()).Single(t => t.Name.EndsWith("-repartition")).Name;
        for (var deadline = DateTime.UtcNow + Patience; ; await Task.Delay(50))
        {
            var committed = await _node.Admin.CommittedAsync("words");
            // The repartition topic grows until its sources are committed.
            var sources = await EndsAsync("lines");
            var late = sources.Concat(await EndsAsync(repartition)).Where(e => e.Value > 0 && committed.GetValueOrDefault(e.Key).Offset != e.Value).ToList();
            if (late.Count == 0) return;
            Assert.True(DateTime.UtcNow < deadline, $"not committed: {string.Join(", ", late.Select(e => $"{e.Key} {committed.GetValueOrDefault(e.Key).Offset} of {e.Value}"))}");
        }
    }

    private async Task<Dictionary<TopicPartition, long>> EndsAsync(string topic)
    {
        var partitions = (await _node.Admin.DescribeTopicAsync(topic)).Partitions.Select(p => new TopicPartition(topic, p.Index));
        var ends = await _node.Admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Latest));
        return ends.ToDictionary(e => e.Key, e => e.Value.Offset);
    }

    private void Read(ReadOnlyMemory<byte> batch)
    {
        using var records = new RecordBatchReader(batch);
        foreach (var record in records)
            if (record.Value is { } value)
                _counts[Encoding.UTF8.GetString(record.Key!.Value.Span)] = JsonDocument.Parse(value).RootElement.GetProperty("cnt").GetInt64();
    }

    /// <summary>A node's topology runtime beside the whole node, over TCP.</summary>
    private sealed class Beside
    {
        private readonly ActorSystem _system = ActorSystem.Create("beside");
        private bool _ended;

        public Beside(string kafka, int node, string directory) => Runtime = TopologyRuntime.Start(
            _system,
            new ClusterOptions { BootstrapServers = kafka, ClientId = "actors-topologies", Connect = Transport.ConnectAsync, RequestTimeout = TimeSpan.FromSeconds(5) },
            new TopologyRuntimeSettings
            {
                NodeId = node, SnapshotDirectory = directory, SessionTimeout = TimeSpan.FromSeconds(1.5), HeartbeatInterval = TimeSpan.FromMilliseconds(300),
                RestartPause = TimeSpan.FromMilliseconds(100), SnapshotInterval = TimeSpan.FromMilliseconds(500),
            });

        public StallingTransport Transport { get; } = new();

        public TopologyRuntime Runtime { get; }

        public async Task StopAsync()
        {
            _ended = true;
            await Runtime.DisposeAsync();
            await _system.Terminate();
        }

        /// <summary>Nothing of it reaches the broker any more.</summary>
        public async Task KillAsync()
        {
            if (_ended) return;
            _ended = true;
            Transport.Stall();
            await _system.Terminate();
        }
    }
}
