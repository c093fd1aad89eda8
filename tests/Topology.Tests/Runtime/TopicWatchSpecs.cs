using System.Text;
using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Actors.Topology.Runtime;

namespace Actors.Topology.Tests.Runtime;

/// <summary>Topics that are deleted, made anew or enlarged under a running topology.</summary>
public sealed class TopicWatchSpecs : IAsyncDisposable
{
    private const string Copy = """
        topology {
          name = copy
          commit-interval = 20ms
          sources { in { topic = in, key = string, value = json } }
          flows { f { from = in, stages = [ { filter = "n >= 0" }, { to { topic = out, key = string, value = json } } ] } }
        }
        """;

    private const string Counting = """
        topology {
          name = counting
          commit-interval = 20ms
          sources { in { topic = in, key = string, value = json } }
          flows { f { from = in, stages = [ { group-by = n }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = out, key = string, value = json } } ] } }
        }
        """;

    private readonly RuntimeBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private Node Start(int node = 1) => _bed.Start(node, settings => settings with { TopicWatchInterval = TimeSpan.FromMilliseconds(50) });

    /// <summary>Appends numbers to a partition, all at once.</summary>
    private void Append(FakeTopic topic, int partition, IEnumerable<int> numbers)
    {
        using var batch = new RecordBatchBuilder();
        foreach (var n in numbers) batch.Append(1000 + n, Encoding.UTF8.GetBytes($"{n}"), Encoding.UTF8.GetBytes($$"""{"n":{{n}}}"""));
        lock (_bed.Cluster.Gate) topic.Logs[partition].Append(batch.Build());
    }

    private void Delete(string topic)
    {
        lock (_bed.Cluster.Gate) Assert.True(_bed.Cluster.Topics.Remove(topic));
    }

    private long Committed(string topic) => Math.Max(0, _bed.Committed("counting", topic, 0)) + Math.Max(0, _bed.Committed("counting", topic, 1));

    private string[] Keys(string topic) => [.. _bed.Records(topic).Select(record => record.Key).Distinct()];

    private Task UntilOut(IEnumerable<int> numbers, Node node) => RuntimeBed.Until(
        () => numbers.All(n => Keys("out").Contains($"{n}")), () => $"wanted {string.Join(' ', numbers)}, found {string.Join(' ', Keys("out"))}; {node.Described()}");

    [Fact]
    public async Task A_source_topic_deleted_under_a_running_topology_is_waited_for_by_name()
    {
        Append(_bed.Cluster.AddTopic("in"), 0, [1, 2, 3]);
        var node = Start();
        await node.Deploy("copy", Copy);
        await UntilOut([1, 2, 3], node);
        await RuntimeBed.Until(() => _bed.Committed("copy", "in") == 3, () => node.Described());
        Delete("in");
        await RuntimeBed.Until(() => node.Deployments.GetAsync("copy").Result is { State: TopologyState.Restoring, Reason: "in", Tasks: [] }, () => node.Described());
        Assert.Equal("the topic in, which the topology reads, was deleted or made anew", (await node.Deployments.GetAsync("copy"))!.LastError!.Message);
        Assert.Equal(-1, _bed.Committed("copy", "in"));
        Append(_bed.Cluster.AddTopic("in"), 0, [4]);
        await UntilOut([4], node);
        await node.UntilState("copy", TopologyState.Running);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_source_topic_made_anew_at_once_is_read_from_its_beginning(int nodes)
    {
        Append(_bed.Cluster.AddTopic("in"), 0, Enumerable.Range(0, 10));
        var node = Start();
        await node.Deploy("copy", Copy);
        for (var other = 2; other <= nodes; other++) Start(other);
        await RuntimeBed.Until(() => _bed.Committed("copy", "in") == 10 && _bed.Cluster.Groups["copy"].Members.Count == nodes, () => node.Described());
        lock (_bed.Cluster.Gate) Append(_bed.Cluster.AddTopic("in"), 0, Enumerable.Range(100, 20));
        await UntilOut(Enumerable.Range(100, 20), node);
    }

    [Fact]
    public async Task A_deleted_sink_topic_is_made_again_and_written_on()
    {
        var source = _bed.Cluster.AddTopic("in");
        Append(source, 0, [1]);
        var node = Start();
        await node.Deploy("copy", Copy);
        await UntilOut([1], node);
        Delete("out");
        Append(source, 0, [2, 3]);
        await UntilOut([2, 3], node);
        Assert.Equal("the topic out, which the topology writes, was deleted or made anew", (await node.UntilState("copy", TopologyState.Running)).LastError!.Message);
    }

    [Fact]
    public async Task A_deleted_repartition_topic_is_made_again_as_it_was_and_counts_go_on()
    {
        const string repartition = "counting-f-1-repartition";
        var source = _bed.Cluster.AddTopic("in", 2);
        Append(source, 0, [5, 5, 6]);
        Append(source, 1, [5]);
        var node = Start();
        await node.Deploy("counting", Counting);
        await _bed.UntilCounts("out", "cnt", new() { ["5"] = 3, ["6"] = 1 });
        await RuntimeBed.Until(() => Committed("in") == 4 && Committed(repartition) == 4, () => $"committed are {Committed("in")} and {Committed(repartition)}");
        Delete(repartition);
        await RuntimeBed.Until(() => _bed.Cluster.Topics.ContainsKey(repartition), () => node.Described());
        Assert.Equal(2, _bed.Cluster.Topics[repartition].Logs.Length);
        Assert.Equal("-1", _bed.Cluster.Topics[repartition].Configs["retention.ms"]);
        Append(source, 0, [5, 7]);
        await _bed.UntilCounts("out", "cnt", new() { ["5"] = 4, ["6"] = 1, ["7"] = 1 });
    }

    [Fact]
    public async Task One_look_that_does_not_find_a_topic_moves_nothing()
    {
        Append(_bed.Cluster.AddTopic("in"), 0, [1]);
        var (looks, hiddenAt) = (0, -1);
        _bed.Cluster.On<MetadataRequest>((_, request) =>
        {
            // The client's own questions are in the order of the names, or have others beside these.
            if (request.Topics is not [{ Name: "in" }, { Name: "out" }]) return null;
            if (++looks != hiddenAt) return null;
            var answer = new MetadataResponse { ClusterId = "fake", ControllerId = 1 };
            answer.Brokers.Add(new MetadataResponse.MetadataResponseBroker { NodeId = 1, Host = _bed.Cluster.Host, Port = _bed.Cluster.Nodes[1] });
            foreach (var topic in request.Topics)
                answer.Topics.Add(new MetadataResponse.MetadataResponseTopic { Name = topic.Name, ErrorCode = (short)ErrorCode.UnknownTopicOrPartition, Partitions = [] });
            return (answer, Fault.None);
        });
        var node = Start();
        await node.Deploy("copy", Copy);
        await UntilOut([1], node);
        await node.UntilState("copy", TopologyState.Running);
        lock (_bed.Cluster.Gate) hiddenAt = looks + 1;
        await RuntimeBed.Until(() => looks >= hiddenAt + 4, () => $"{looks} looks");
        Assert.Empty(_bed.Cluster.SeenOf<LeaveGroupRequest>());
        Assert.Null((await node.UntilState("copy", TopologyState.Running)).LastError);
    }

    [Fact]
    public async Task Partitions_added_to_a_source_are_processed_soon()
    {
        var source = _bed.Cluster.AddTopic("in");
        Append(source, 0, [1]);
        var node = Start();
        await node.Deploy("copy", Copy);
        await UntilOut([1], node);
        lock (_bed.Cluster.Gate) source.Grow(3);
        Append(source, 1, [2]);
        Append(source, 2, [3]);
        await UntilOut([2, 3], node);
        await RuntimeBed.Until(() => node.Deployments.GetAsync("copy").Result!.Tasks.Select(task => task.Id.ToString()).SequenceEqual(["0_0", "0_1", "0_2"]), () => node.Described());
        Assert.Null((await node.UntilState("copy", TopologyState.Running)).LastError);
    }

    [Fact]
    public async Task Partitions_added_to_a_source_that_is_counted_in_place_fail_with_what_to_do()
    {
        var source = _bed.Cluster.AddTopic("in");
        var node = Start();
        await node.Deploy("counting", Counting.Replace("group-by = n", "group-by = key"));
        await node.UntilState("counting", TopologyState.Running);
        lock (_bed.Cluster.Gate) source.Grow(2);
        var failed = await node.UntilState("counting", TopologyState.Failed);
        Assert.Equal("task 0_1: Existing internal topic counting-f-1-changelog has invalid partitions: expected: 2 at least; actual: 1. "
            + "The source topic got more partitions: delete the topology and deploy it again.", failed.Reason);
    }
}
