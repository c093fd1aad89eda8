using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Actors.Hocon;
using Xunit;

namespace Actors.Node.Testing.Tests;

/// <summary>A node inside the test's process, used as its users use it.</summary>
public sealed class TestNodeSpec
{
    private const string Counting = """
        topology {
          name = counting
          commit-interval = 100ms
          sources { ratings { topic = ratings, key = string, value = json } }
          flows {
            by-brand { from = ratings, stages = [
              { filter = "rating >= 1" }
              { group-by = brand }
              { aggregate { cnt = "COUNT(*)", best = "MAX(rating)" } }
              { to { topic = counts, key = string, value = json } } ] }
          }
        }
        """;

    [Fact]
    public async Task A_topology_deployed_from_text_counts_what_is_produced()
    {
        await using var node = await TestNode.StartAsync(new TestNodeOptions { Settings = "actors.broker.default-partitions = 2" });
        await node.CreateTopicAsync("ratings", partitions: 3);
        Assert.Equal("counting", await node.DeployAsync(Counting));
        await node.AwaitRunningAsync("counting");
        foreach (var (brand, rating) in new[] { ("Acme", 3), ("Globex", 5), ("Acme", 0), ("Acme", 4) })
            await node.Producer.SendJsonAsync("ratings", brand, new { brand, rating });
        var counts = await node.Consumer("counts").TableAsync(table => table.Count == 2 && (int)table["Acme"].Json["cnt"]! == 2);
        Assert.Equal("""{"brand":"Acme","cnt":2,"best":4}""", counts["Acme"].Value);
        Assert.Equal(new Count("Globex", 1, 5), counts["Globex"].As<Count>());
        Assert.Equal(2, (await node.Admin.DescribeTopicAsync("counts")).Partitions.Count);
    }

    [Fact]
    public async Task Records_come_back_as_they_went_in()
    {
        await using var node = await TestNode.StartAsync();
        var time = DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_123);
        var sent = await node.Producer.SendAsync("words", "k", "v", time);
        await node.Producer.SendAsync("words", null, "größer");
        await node.Producer.SendAsync("words", "k", null);
        var read = await node.Consumer("words").TakeAsync(3);
        Assert.Equal([("k", "v"), (null, "größer"), ("k", null)], read.Select(record => (record.Key, record.Value)));
        Assert.Equal((sent.Offset, time), (read[0].Offset, read[0].Timestamp));
        await node.Producer.SendAllAsync("words", Enumerable.Range(0, 100).Select(i => ((string?)$"{i % 7}", (string?)$"{i}")));
        var table = await node.Consumer("words").TableAsync(rows => rows.Values.Any(row => row.Value == "99"));
        Assert.Equal(["", "0", "1", "2", "3", "4", "5", "6"], table.Keys.Order());
    }

    [Fact]
    public async Task A_group_goes_on_where_it_committed()
    {
        await using var node = await TestNode.StartAsync();
        await node.Producer.SendAllAsync("numbers", Enumerable.Range(0, 3).Select(i => ((string?)null, (string?)$"{i}")));
        await using (var first = node.Consumer("numbers", group: "readers"))
        {
            Assert.Equal(["0", "1", "2"], (await first.TakeAsync(3)).Select(record => record.Value));
            await first.CommitAsync();
        }
        await node.Producer.SendAsync("numbers", null, "3");
        Assert.Equal("3", (await node.Consumer("numbers", group: "readers").NextAsync()).Value);
    }

    [Fact]
    public async Task Nodes_of_one_process_are_strangers_and_what_a_named_directory_holds_outlives_its_node()
    {
        var data = Directory.CreateTempSubdirectory("actors-node-testing-").FullName;
        await using var other = await TestNode.StartAsync();
        await using (var node = await TestNode.StartAsync(new TestNodeOptions { Data = data, NodeId = 7 }))
        {
            await node.Producer.SendAsync("kept", null, "still here");
            using var http = new HttpClient { BaseAddress = node.Http };
            Assert.Equal(7, (int)(await http.GetFromJsonAsync<JsonObject>("/health"))!["node"]!);
        }
        Assert.DoesNotContain(await other.Admin.ListTopicsAsync(), topic => topic.Name == "kept");
        await using (var again = await TestNode.StartAsync(new TestNodeOptions { Data = data }))
            Assert.Equal("still here", (await again.Consumer("kept").NextAsync()).Value);
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    public async Task Nodes_that_name_one_cluster_share_its_topics_and_one_that_ends_hands_over()
    {
        var cluster = $"{Environment.ProcessId}";
        await using var first = await TestNode.StartAsync(new TestNodeOptions { NodeId = 1, Cluster = cluster });
        var second = await TestNode.StartAsync(new TestNodeOptions { NodeId = 2, Cluster = cluster });
        await first.AwaitNodesAsync(2);
        await first.CreateTopicAsync("shared", partitions: 6);
        await first.Producer.SendAllAsync("shared", Enumerable.Range(0, 60).Select(i => ((string?)$"{i}", (string?)$"{i}")));
        Assert.Equal(60, (await second.Consumer("shared").TakeAsync(60)).Select(record => record.Value).Distinct().Count());
        await second.DisposeAsync();
        await first.AwaitNodesAsync(1);
        await first.Producer.SendAllAsync("shared", Enumerable.Range(60, 60).Select(i => ((string?)$"{i}", (string?)$"{i}")));
        Assert.Equal(120, (await first.Consumer("shared").TakeAsync(120)).Select(record => record.Value).Distinct().Count());
    }

    [Fact]
    public async Task What_is_wrong_is_said()
    {
        var wrong = await Assert.ThrowsAsync<HoconException>(() => TestNode.StartAsync(new TestNodeOptions { Settings = "actors.broker.default-partitions = many" }));
        Assert.Contains("default-partitions", wrong.Message);
        await using var node = await TestNode.StartAsync(new TestNodeOptions { Patience = TimeSpan.FromSeconds(10) });
        Assert.Contains("topology:6:", (await Assert.ThrowsAsync<TopologyRefusedException>(() => node.DeployAsync(Counting.Replace("stages", "stagez")))).Message);
        await node.DeployAsync(Counting);
        Assert.Contains("counting", (await Assert.ThrowsAsync<TopologyRefusedException>(() => node.DeployAsync(Counting.Replace("MAX", "MIN")))).Message);
        await using var impatient = await TestNode.StartAsync(new TestNodeOptions { Patience = TimeSpan.FromSeconds(3) });
        await impatient.DeployAsync(Counting);
        Assert.Contains("ratings", (await Assert.ThrowsAsync<TimeoutException>(() => impatient.AwaitRunningAsync("counting"))).Message);
        await impatient.Producer.SendAsync("few", null, "one");
        Assert.Contains("one", (await Assert.ThrowsAsync<TimeoutException>(() => impatient.Consumer("few").TakeAsync(2))).Message);
    }

    private sealed record Count(string Brand, long Cnt, long Best);
}
