using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Topology.Runtime;

namespace Actors.Topology.Tests.Runtime;

/// <summary>Deletions that take long, and what is deployed and deleted meanwhile.</summary>
public sealed class DeletionSpecs : IAsyncDisposable
{
    private const string Words = """
        topology {
          name = words
          commit-interval = 50ms
          sources { words { topic = words, key = string, value = string } }
          flows { count { from = words, stages = [ { group-by = value }, { aggregate { cnt = "COUNT(*)" } }, { to { topic = counts, key = string, value = json } } ] } }
        }
        """;

    private static readonly string Lines = Words.Replace("name = words", "name = lines");

    private readonly RuntimeBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static async Task<PutOutcome> Put(Node node, string name, string text) => (await node.Deployments.PutAsync(name, text, $"{name}.conf").WaitAsync(RuntimeBed.Patience)).Outcome;

    /// <summary>Has the broker say that the group of words has members, until the answer is false.</summary>
    private void HoldGroup(Func<bool> holds) => _bed.Cluster.On<DeleteGroupsRequest>((_, request) => request.GroupsNames is ["words"] && holds()
        ? (new DeleteGroupsResponse { Results = [new DeleteGroupsResponse.DeletableGroupResult { GroupId = "words", ErrorCode = (short)ErrorCode.NonEmptyGroup }] }, Fault.None)
        : null);

    private int Polls => _bed.Cluster.SeenOf<DeleteGroupsRequest>().Count(request => request.GroupsNames is ["words"]);

    [Fact]
    public async Task What_is_deployed_under_a_name_that_is_being_deleted_is_deployed_as_soon_as_it_is_gone()
    {
        var node = _bed.Start();
        await node.Deploy("words", Words);
        var held = true;
        _bed.Cluster.On<DeleteTopicsRequest>((_, _) => held ? (null, Fault.DropBefore) : null);
        var deleted = node.Deployments.DeleteAsync("words");
        await RuntimeBed.Until(() => _bed.Cluster.SeenOf<DeleteTopicsRequest>().Count > 0, node.Described);
        var put = Put(node, "words", Words);
        held = false;
        Assert.Equal(PutOutcome.Created, await put);
        Assert.True(await deleted);
    }

    [Fact]
    public async Task A_name_whose_deletion_takes_long_keeps_no_other_waiting()
    {
        var node = _bed.Start();
        await node.Deploy("words", Words);
        var held = true;
        HoldGroup(() => held);
        Task<bool>[] deleted = [node.Deployments.DeleteAsync("words"), node.Deployments.DeleteAsync("words")];
        await RuntimeBed.Until(() => Polls > 0, node.Described);
        var (put, last) = (Put(node, "words", Words), node.Deployments.DeleteAsync("words"));
        Assert.Equal(PutOutcome.Created, await Put(node, "lines", Lines));
        Assert.True(await node.Deployments.DeleteAsync("lines").WaitAsync(RuntimeBed.Patience));
        Assert.DoesNotContain(deleted, d => d.IsCompleted);
        Assert.False(put.IsCompleted || last.IsCompleted);
        held = false;
        Assert.All(await Task.WhenAll(deleted).WaitAsync(RuntimeBed.Patience), Assert.True);
        // In the order in which they came.
        Assert.Equal(PutOutcome.Created, await put);
        Assert.True(await last.WaitAsync(RuntimeBed.Patience));
        Assert.Empty(await node.Deployments.ListAsync());
    }

    [Fact]
    public async Task A_deletion_that_a_node_took_over_ends_when_another_has_finished_it()
    {
        _bed.Cluster.AddTopic("words");
        var one = _bed.Start(1);
        var two = _bed.Start(2, settings => settings with { RemoverPatience = TimeSpan.FromMilliseconds(100) });
        await one.Deploy("words", Words);
        await two.UntilState("words", TopologyState.Running);
        var held = true;
        HoldGroup(() => held);
        _ = one.Deployments.DeleteAsync("words");
        await RuntimeBed.Until(() => Polls > 0, one.Described);
        one.Kill();
        _bed.Cluster.Groups.Expel("words");
        var before = Polls;
        await RuntimeBed.Until(() => Polls >= before + 3, two.Described);
        // As the first node writes it when it was slow only; somebody deploys anew at once.
        await _bed.Produce("__actors_topologies", ("words", null, 1));
        await _bed.Produce("__actors_topologies", ("words", Words + "\n", 2));
        await RuntimeBed.Until(() => two.Deployments.TextAsync("words").Result == Words + "\n", two.Described);
        await two.UntilState("words", TopologyState.Running);
        held = false;
        await _bed.Produce("words", ("k", "a", 1), ("k", "b", 2));
        await _bed.UntilCounts("counts", "cnt", new() { ["a"] = 1, ["b"] = 1 });
        Assert.Contains("words-count-1-changelog", _bed.Cluster.Topics.Keys);
        Assert.Equal(["words", "words", "words", "words"], _bed.Records("__actors_topologies").Select(entry => entry.Key));
    }
}
