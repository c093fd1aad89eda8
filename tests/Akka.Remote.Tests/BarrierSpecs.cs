using Akka.Remote.TestKit;

namespace Akka.Remote.Tests;

public sealed class BarrierSpecs
{
    private static Barriers Of(params string[] nodes)
    {
        var barriers = new Barriers();
        foreach (var node in nodes) barriers.Join(node);
        return barriers;
    }

    [Fact]
    public void A_barrier_opens_when_all_have_entered_and_the_next_begins_anew()
    {
        var barriers = Of("a", "b");
        foreach (var name in new[] { "one", "two", "one" })
        {
            Assert.Null(barriers.Enter("a", name));
            var passed = Assert.NotNull(barriers.Enter("b", name));
            Assert.Equal((name, null), (passed.Barrier, passed.Failure));
            Assert.Equal(["a", "b"], passed.Nodes.Order());
        }
    }

    [Fact]
    public void A_node_that_leaves_as_it_should_is_not_waited_for()
    {
        var barriers = Of("a", "b", "c");
        Assert.Null(barriers.Enter("a", "one"));
        Assert.Null(barriers.Enter("b", "one"));
        Assert.Null(barriers.Leave("c")!.Value.Failure);
        Assert.Null(barriers.Enter("a", "two"));
        Assert.Equal(["a"], barriers.Leave("b")!.Value.Nodes);
    }

    [Fact]
    public void A_node_that_is_lost_fails_this_barrier_and_all_later_ones()
    {
        var barriers = Of("a", "b", "c");
        barriers.Enter("a", "one");
        Assert.Equal("node [c] was lost", barriers.Lose("c")!.Value.Failure);
        Assert.Equal("node [c] was lost", barriers.Enter("b", "one")!.Value.Failure);
        Assert.Equal("node [c] was lost", barriers.Enter("b", "two")!.Value.Failure);
    }

    [Fact]
    public void Another_barriers_name_fails_both()
    {
        var barriers = Of("a", "b", "c");
        barriers.Enter("a", "one");
        var failed = barriers.Enter("b", "two")!.Value;
        Assert.Equal("[b] entered [two] while [a] wait at [one]", failed.Failure);
        Assert.Equal(["a", "b"], failed.Nodes.Order());
        Assert.NotNull(barriers.Enter("c", "one")!.Value.Failure);
    }

    [Fact]
    public void A_barrier_that_takes_too_long_fails_and_says_who_is_missing()
    {
        var barriers = Of("a", "b", "c");
        barriers.Enter("b", "one");
        Assert.Equal("timed out; arrived: [b], missing: [a, c]", barriers.TimeOut("one")!.Value.Failure);
        Assert.Null(barriers.TimeOut("one"));
        Assert.Null(barriers.TimeOut("two"));
    }
}
