using System.Diagnostics;
using System.Text.Json;
using Actors.Client;
using Actors.Node.Testing;
using Actors.Node.Tests;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Groups.Tests;

/// <summary>Three nodes, a topic of six partitions.</summary>
public sealed class ClusterWithTopic : IAsyncLifetime
{
    private readonly string _name = $"events-{Guid.NewGuid():N}";
    private readonly List<TestNode> _nodes = [];

    public IReadOnlyList<TestNode> Nodes => _nodes;

    public async Task InitializeAsync()
    {
        var patience = TimeSpan.FromSeconds(60);
        for (var id = 1; id <= 3; id++)
            _nodes.Add(await TestNode.StartAsync(new TestNodeOptions { NodeId = id, Cluster = _name, Patience = patience }));
        foreach (var node in _nodes)
            await node.AwaitNodesAsync(3);
        await _nodes[0].CreateTopicAsync("work", partitions: 6);
    }

    public async Task DisposeAsync()
    {
        foreach (var node in _nodes)
            await node.DisposeAsync();
    }
}

/// <summary>A group of a cluster, seen from every node: the same story with its generations, whichever is asked.</summary>
public sealed class ClusterEventsSpec(ClusterWithTopic cluster, ITestOutputHelper output) : IClassFixture<ClusterWithTopic>
{
    private const int Seconds = 30;
    private static readonly string[] Story = ["member-joined", "member-left", "rebalance", "generation", "assignment"];

    private readonly string _group = $"crew-{Guid.NewGuid():N}";

    [Fact]
    public async Task Every_node_tells_the_same_story_of_a_group_as_it_happens()
    {
        var listeners = cluster.Nodes.Select(node => new LiveEvents(node.Http)).ToList();
        try
        {
            await using var first = Join();
            AwaitAssignment(listeners, 1, members: 1);
            await using var second = Join();
            AwaitAssignment(listeners, 2, members: 2);
            await second.DisposeAsync();
            AwaitAssignment(listeners, 3, members: 1);
            foreach (var node in cluster.Nodes)
                Polling.Until(() => Shown(node), group => Generation(group) == 3 && group.GetProperty("state").GetString() == "Stable", Seconds, $"generation 3 at node {node.NodeId}");
            // Two more looks at everything have nothing to add: each shows a record more.
            for (var records = 1; records <= 2; records++)
            {
                await cluster.Nodes[0].Producer.SendAsync("work", null, "x");
                foreach (var listener in listeners)
                    Polling.Until(() => Records(listener), shown => shown >= records, Seconds, $"{records} records, as /events shows them");
            }

            var coordinator = Shown(cluster.Nodes[0]).GetProperty("coordinator").GetInt32();
            var told = listeners.ConvertAll(Told);
            var nearest = told[coordinator - 1];
            Assert.Equal(
                ["member-joined", "generation", "assignment", "member-joined", "rebalance", "generation", "assignment", "member-left", "rebalance", "generation", "assignment"],
                nearest.Select(happened => happened.Name));
            Assert.All(told, story => Assert.Equal(nearest.Select(happened => happened.ToString()), story.Select(happened => happened.ToString())));
            Assert.Equal([1, 1, 1, 2, 2, 2, 3, 3], nearest.Where(e => e.Data.TryGetProperty("generation", out _)).Select(e => Generation(e.Data)));
            var late = told.Where(story => story != nearest).SelectMany(story => story.Zip(nearest, (there, here) => Stopwatch.GetElapsedTime(here.Came, there.Came))).Order().ToList();
            output.WriteLine($"coordinator {coordinator}; at the others later by {string.Join(' ', late.Select(each => $"{each.TotalMilliseconds:0.0}"))} ms");
            Assert.InRange(late[late.Count / 2].TotalMilliseconds, double.MinValue, 100);
        }
        finally
        {
            listeners.ForEach(listener => listener.Dispose());
        }
    }

    [Fact]
    public async Task Who_comes_late_is_told_how_the_group_stands_and_then_what_changes()
    {
        await using var first = Join();
        foreach (var node in cluster.Nodes)
        {
            Polling.Until(() => Shown(node), group => Generation(group) == 1 && group.GetProperty("state").GetString() == "Stable", Seconds, $"generation 1 at node {node.NodeId}");
            using var earlier = new LiveEvents(node.Http);
            using var late = new LiveEvents(node.Http);
            Assert.Equal(["cluster", "topic", "group", "ready"], late.All.Select(e => e.Name).TakeWhile(name => name != "ready").Append("ready").Distinct());
            var standing = late.All.Single(e => e.IsOf(_group));
            Assert.Equal(("group", 1), (standing.Name, Generation(standing.Data)));
            Assert.Equal(6, standing.Data.GetProperty("members")[0].GetProperty("assignment").GetArrayLength());
        }
        var another = new LiveEvents(cluster.Nodes[^1].Http);
        try
        {
            await using var second = Join();
            AwaitAssignment([another], 2, members: 2);
            Assert.Equal(["member-joined", "rebalance", "generation", "assignment"], Told(another).Select(e => e.Name));
        }
        finally
        {
            another.Dispose();
        }
    }

    private void AwaitAssignment(IEnumerable<LiveEvents> listeners, int generation, int members)
    {
        foreach (var (listener, index) in listeners.Select((listener, index) => (listener, index)))
            Polling.Until(
                () => string.Join('\n', listener.All.Where(e => e.IsOf(_group))),
                _ => listener.All.Any(e => e.IsOf(_group) && e.Name == "assignment" && Generation(e.Data) == generation && e.Data.GetProperty("members").GetArrayLength() == members),
                Seconds, $"generation {generation} assigned, as listener {index} is told");
    }

    private List<LiveEvent> Told(LiveEvents listener) => [.. listener.All.Where(e => e.IsOf(_group) && Story.Contains(e.Name))];

    private static long Records(LiveEvents listener) => listener.All.LastOrDefault(e => e.Name == "topic" && e.Data.GetProperty("topic").GetString() == "work") is { } topic
        ? topic.Data.GetProperty("partitions").EnumerateArray().Sum(partition => partition.GetProperty("end_offset").GetInt64())
        : -1;

    private JsonElement Shown(TestNode node)
    {
        using var http = new HttpClient { BaseAddress = node.Http };
        using var answer = http.GetAsync($"groups/{_group}").Result;
        return answer.IsSuccessStatusCode ? JsonDocument.Parse(answer.Content.ReadAsStringAsync().Result).RootElement : default;
    }

    private static int? Generation(JsonElement data) =>
        data.ValueKind == JsonValueKind.Object && data.GetProperty("generation") is { ValueKind: JsonValueKind.Number } number ? number.GetInt32() : null;

    private Consumer Join() => new(cluster.Nodes[0].Client, new ConsumerOptions { Group = new GroupOptions { GroupId = _group, Topics = ["work"] }, AutoCommit = null });
}
