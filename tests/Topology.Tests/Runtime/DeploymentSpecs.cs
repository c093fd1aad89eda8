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
        Assert.False(Directory.Exists(Path.Combine(_bed.SnapshotDirectory, "words")));
        await _bed.Produce("words", ("k", "b", 4));
        await node.Deploy("words", Words);
        await _bed.UntilCounts("counts", "cnt", new() { ["a"] = 2, ["b"] = 2 });
    }
}
