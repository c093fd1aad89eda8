using Actors.Client.Tests.Fakes;
using Actors.Protocol.Messages;
using Actors.Topology.Runtime;

namespace Actors.Topology.Tests.Runtime;

public sealed class DeploymentSpecs : IAsyncLifetime
{
    private const string Words = """
        topology {
          name = words
          commit-interval = 50ms
          sources { words { topic = words, key = string, value = string } }
          flows { count { from = words, stages = [ { group-by = value }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private readonly RuntimeBed _bed = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _bed.DisposeAsync();

    [Fact]
    public async Task The_same_text_again_changes_nothing_and_another_is_refused()
    {
        var node = _bed.Start();
        Assert.Equal(PutOutcome.Created, (await node.Deployments.PutAsync("words", Words, "words.conf")).Outcome);
        Assert.Equal(PutOutcome.Unchanged, (await node.Deployments.PutAsync("words", Words, "words.conf")).Outcome);
        Assert.Equal(PutOutcome.Conflict, (await node.Deployments.PutAsync("words", Words + "\n", "words.conf")).Outcome);
        Assert.Equal(Words, await node.Deployments.TextAsync("words"));
        Assert.Single(_bed.Records("__actors_topologies"));
    }

    [Fact]
    public async Task A_wrong_text_is_refused_with_every_error_and_stored_nowhere()
    {
        var node = _bed.Start();
        var result = await node.Deployments.PutAsync("words", Words.Replace("COUNT(*)", "COUNTS(*)").Replace("from = words", "from = wrods"), "words.conf");
        Assert.Equal(PutOutcome.Invalid, result.Outcome);
        Assert.Equal(2, result.Errors.Count);
        Assert.All(result.Errors, e => Assert.True(e is { File: "words.conf", Line: > 0, Column: > 0 }, e.ToString()));
        Assert.Equal(PutOutcome.Invalid, (await node.Deployments.PutAsync("other", Words, "words.conf")).Outcome);
        Assert.Empty(_bed.Records("__actors_topologies"));
        Assert.Empty(await node.Deployments.ListAsync());
    }

    [Fact]
    public async Task An_include_is_refused_with_its_place_for_only_the_text_itself_is_stored()
    {
        var node = _bed.Start();
        var result = await node.Deployments.PutAsync("words", "\n  include \"more.conf\"\n" + Words, "words.conf");
        Assert.Equal(PutOutcome.Invalid, result.Outcome);
        Assert.Equal("words.conf:2:3: \"more.conf\": includes are not allowed here", Assert.Single(result.Errors).ToString());
        Assert.Empty(_bed.Records("__actors_topologies"));
    }

    [Fact]
    public async Task A_stored_text_with_an_include_runs_on_without_it()
    {
        _bed.Cluster.AddTopic("words");
        _bed.Cluster.AddTopic("__actors_topologies");
        await _bed.Produce("__actors_topologies", ("words", "include \"more.conf\"\n" + Words, 1));
        await _bed.Start().UntilState("words", TopologyState.Running);
    }

    [Theory]
    // the topology, its flow and its sink, beside the topology orders-eu with the flow count and the sink counts
    [InlineData("orders", "eu-count", "elsewhere", "orders-eu-count-1-repartition")]
    [InlineData("other", "count", "orders-eu-count-1-changelog", "orders-eu-count-1-changelog")]
    public async Task A_topology_that_would_share_anothers_internal_topic_is_refused(string name, string flow, string sink, string topic)
    {
        var node = _bed.Start();
        await node.Deploy("orders-eu", Words.Replace("name = words", "name = orders-eu"));
        var result = await node.Deployments.PutAsync(name, Words.Replace("name = words", $"name = {name}").Replace("count {", $"{flow} {{").Replace("topic = counts", $"topic = {sink}"), "orders.conf");
        Assert.Equal(PutOutcome.Invalid, result.Outcome);
        Assert.Equal($"orders.conf:1:1: topology.name: the topic {topic} would be topology orders-eu's too, and is an internal one of at least one of the two; take another name",
            Assert.Single(result.Errors).ToString());
        await node.Deploy("orders", Words.Replace("name = words", "name = orders"));
    }

    [Fact]
    public async Task Topologies_may_write_to_one_sink()
    {
        var node = _bed.Start();
        await node.Deploy("one", Words.Replace("name = words", "name = one"));
        await node.Deploy("two", Words.Replace("name = words", "name = two"));
    }

    [Fact]
    public async Task Deployments_of_one_name_at_once_make_one_topology()
    {
        var node = _bed.Start();
        var results = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => node.Deployments.PutAsync("words", Words, "words.conf")));
        Assert.Single(results, r => r.Outcome == PutOutcome.Created);
        Assert.Equal(7, results.Count(r => r.Outcome == PutOutcome.Unchanged));
    }

    [Fact]
    public async Task Deployed_topologies_are_there_again_after_a_restart()
    {
        var first = _bed.Start();
        await first.Deploy("words", Words);
        await first.Stop();
        var second = _bed.Start();
        await RuntimeBed.Until(() => second.Deployments.ListAsync().Result is [{ Name: "words" }], () => second.Described());
    }

    [Fact]
    public async Task What_is_deployed_while_the_node_stops_does_not_keep_it_and_is_there_after_a_restart()
    {
        _bed.Cluster.AddTopic("words");
        var first = _bed.Start();
        await first.Deploy("words", Words);
        await first.UntilState("words", TopologyState.Running);
        var (writesHeld, commitsHeld) = (true, true);
        _bed.Cluster.On<ProduceRequest>((_, request) => writesHeld && request.TopicData.Exists(t => t.Name == "__actors_topologies") ? (null, Fault.DropBefore) : null);
        _bed.Cluster.On<OffsetCommitRequest>((_, _) => commitsHeld ? (null, Fault.DropBefore) : null);
        await _bed.Produce("words", ("k", "a", 1));
        await RuntimeBed.Until(() => _bed.Cluster.SeenOf<OffsetCommitRequest>().Count > 0, first.Described);
        var put = first.Deployments.PutAsync("lines", Words.Replace("name = words", "name = lines"), "lines.conf");
        var stopped = first.Deployments.StopAsync(RuntimeBed.Patience);
        writesHeld = false;
        Assert.Equal(PutOutcome.Created, (await put.WaitAsync(RuntimeBed.Patience)).Outcome);
        Assert.False(stopped.IsCompleted);
        commitsHeld = false;
        await stopped;
        first.Kill();
        var second = _bed.Start();
        await RuntimeBed.Until(() => second.Deployments.ListAsync().Result is [{ Name: "lines" }, { Name: "words" }], second.Described);
    }

    [Fact]
    public async Task Another_node_hears_of_deployments_and_deletions()
    {
        var one = _bed.Start(1);
        var two = _bed.Start(2);
        await one.Deploy("words", Words);
        await RuntimeBed.Until(() => two.Deployments.ListAsync().Result is [{ Name: "words" }], () => two.Described());
        Assert.True(await one.Deployments.DeleteAsync("words"));
        await RuntimeBed.Until(() => two.Deployments.ListAsync().Result.Count == 0, () => two.Described());
    }

    [Fact]
    public async Task Another_node_follows_a_topology_that_is_deleted_and_deployed_again_with_another_text()
    {
        _bed.Cluster.AddTopic("words");
        var one = _bed.Start(1);
        var two = _bed.Start(2);
        await one.Deploy("words", Words);
        for (var round = 0; round < 5; round++)
        {
            Assert.True(await one.Deployments.DeleteAsync("words"));
            await one.Deploy("words", Words + new string('\n', round + 1));
        }
        await RuntimeBed.Until(() => two.Deployments.TextAsync("words").Result == Words + new string('\n', 5), () => two.Described());
        await two.UntilState("words", TopologyState.Running);
    }

    [Fact]
    public async Task Deleting_removes_state_and_offsets_so_that_the_next_of_the_name_begins_anew()
    {
        _bed.Cluster.AddTopic("words");
        var node = _bed.Start();
        await node.Deploy("words", Words);
        await _bed.Produce("words", ("k", "a", 1), ("k", "a", 2), ("k", "b", 3));
        await _bed.UntilCounts("counts", "cnt", new() { ["a"] = 2, ["b"] = 1 });
        Assert.True(await node.Deployments.DeleteAsync("words"));
        Assert.False(await node.Deployments.DeleteAsync("words"));
        Assert.DoesNotContain(_bed.Cluster.Topics.Keys, t => t.EndsWith("-changelog") || t.EndsWith("-repartition"));
        Assert.False(Directory.Exists(Path.Combine(_bed.SnapshotDirectory(), "words")));
        await _bed.Produce("words", ("k", "b", 4));
        await node.Deploy("words", Words);
        await _bed.UntilCounts("counts", "cnt", new() { ["a"] = 2, ["b"] = 2 });
    }

    private IEnumerable<string> InternalTopics()
    {
        lock (_bed.Cluster.Gate) return [.. _bed.Cluster.Topics.Keys.Where(t => t.StartsWith("words-"))];
    }

    private (string Key, string? Value)[] Entries() => [.. _bed.Records("__actors_topologies")];

    [Fact]
    public async Task A_deletion_that_a_kill_interrupts_is_finished_at_the_next_start()
    {
        _bed.Cluster.AddTopic("words");
        var first = _bed.Start();
        await first.Deploy("words", Words);
        await _bed.Produce("words", ("k", "a", 1), ("k", "b", 2));
        await _bed.UntilCounts("counts", "cnt", new() { ["a"] = 1, ["b"] = 1 });
        var hang = true;
        _bed.Cluster.On<DeleteTopicsRequest>((_, _) => hang ? (null, Fault.Silence) : null);
        _ = first.Deployments.DeleteAsync("words");
        await RuntimeBed.Until(() => _bed.Cluster.SeenOf<DeleteTopicsRequest>().Count > 0, () => "it does not begin");
        first.Kill();
        hang = false;
        Assert.Single(InternalTopics());
        var second = _bed.Start();
        await RuntimeBed.Until(() => Entries() is [_, _, ("words", null)], () => $"{second.Described()}; {string.Join(", ", Entries())}");
        Assert.Empty(InternalTopics());
        Assert.False(Directory.Exists(Path.Combine(_bed.SnapshotDirectory(), "words")));
        await second.Deploy("words", Words);
        await _bed.UntilCounts("counts", "cnt", new() { ["a"] = 1, ["b"] = 1 });
    }

    [Fact]
    public async Task What_a_dead_node_did_not_remove_another_removes_after_a_while()
    {
        _bed.Cluster.AddTopic("words");
        var one = _bed.Start(1);
        var two = _bed.Start(2, s => s with { RemoverPatience = TimeSpan.FromMilliseconds(300) });
        await one.Deploy("words", Words);
        await one.UntilState("words", TopologyState.Running);
        await two.UntilState("words", TopologyState.Running);
        var hang = true;
        _bed.Cluster.On<DeleteTopicsRequest>((_, _) => hang ? (null, Fault.Silence) : null);
        _ = one.Deployments.DeleteAsync("words");
        await RuntimeBed.Until(() => _bed.Cluster.SeenOf<DeleteTopicsRequest>().Count > 0, () => "it does not begin");
        one.Kill();
        hang = false;
        await RuntimeBed.Until(() => Entries() is [_, _, ("words", null)], () => $"{two.Described()}; {string.Join(", ", Entries())}");
        Assert.Empty(InternalTopics());
    }

    [Fact]
    public async Task A_deletion_waits_for_the_other_nodes_to_leave_and_each_removes_its_snapshots()
    {
        _bed.Cluster.AddTopic("words", 2);
        Node[] nodes = [_bed.Start(1), _bed.Start(2)];
        await nodes[0].Deploy("words", Words);
        await RuntimeBed.Until(() => nodes.All(n => n.Deployments.GetAsync("words").Result!.Tasks.Select(t => t.Node).Order().SequenceEqual([1, 1, 2, 2])), () => string.Join(" | ", nodes.Select(n => n.Described())));
        Assert.True(await nodes[0].Deployments.DeleteAsync("words"));
        await RuntimeBed.Until(() => nodes.All(n => n.Deployments.ListAsync().Result.Count == 0), () => string.Join(" | ", nodes.Select(n => n.Described())));
        Assert.Empty(InternalTopics());
        Assert.Empty(_bed.Cluster.Groups["words"].Members);
        Assert.All([1, 2], node => Assert.False(Directory.Exists(Path.Combine(_bed.SnapshotDirectory(node), "words"))));
    }
}
