using Actors.Expressions;

namespace Actors.Topology.Tests.Operators;

public class TaskSpecs
{
    private sealed class ListSink : ITaskSink
    {
        public List<string> Changes { get; } = [];

        public void Output(in OutputRecord record)
        {
        }

        public void ChangeLog(StoreDescription store, ReadOnlySpan<byte> key, ReadOnlySpan<byte> state, bool tombstone, long timestamp) =>
            Changes.Add($"{store.ChangeLogTopic} {Convert.ToHexString(key)} {(tombstone ? "tombstone" : Convert.ToHexString(state))} @{timestamp}");
    }

    private static readonly TopologyPlan Windowed = Flows.Plan("{ group-by = key }, { window { tumbling = 10ms, grace = 5ms } }, { aggregate { n = \"COUNT(*)\" } }");

    [Fact]
    public void A_topology_can_be_described_in_code()
    {
        var description = new TopologyDescription(
            "in-code", Guarantee.AtLeastOnce, TimeSpan.FromSeconds(1),
            [new SourceDescription("in", "in", Format.String, Format.Json, null)],
            [new FlowDescription("f", "in", [new FilterStage(Expression.Parse("x > 1"), false), new ToStage("out", Format.String, Format.Json, true)])]);
        Assert.True(TopologyPlan.TryCompile(description, out var plan, out _));
        Assert.Equal([Flows.Out("\"k\"", """{"x":2}""")], Flows.Run(plan, Flows.In("\"k\"", """{"x":2}"""), Flows.In("\"k\"", """{"x":1}""")));
        var wrong = description with { Flows = [description.Flows[0] with { From = "elsewhere" }] };
        Assert.False(TopologyPlan.TryCompile(wrong, out _, out var errors));
        Assert.Contains("there is no source or flow elsewhere", Assert.Single(errors).Message);
    }

    [Fact]
    public void Every_change_of_a_row_is_logged_and_a_closed_window_as_a_tombstone()
    {
        var sink = new ListSink();
        var task = new TopologyTask(Windowed.SubTopologies[0], 2, sink);
        task.Process("in", InputRecord.Of("k"u8.ToArray(), "{}"u8.ToArray(), 12, 0));
        task.Process("in", InputRecord.Of("k"u8.ToArray(), "{}"u8.ToArray(), 11, 1));
        task.AdvanceStreamTime(24);
        Assert.Equal(2, sink.Changes.Count);
        task.AdvanceStreamTime(25);
        Assert.Equal(
            [
                "t-f-1-changelog 6B000000000000000A 01010000000000000001 @12",
                "t-f-1-changelog 6B000000000000000A 01010000000000000002 @12",
                "t-f-1-changelog 6B000000000000000A tombstone @25",
            ],
            sink.Changes);
        Assert.Equal(("0_2", 25L, 0), (task.Id.ToString(), task.StreamTime, task.Stores.Single().Count));
    }

    [Fact]
    public void A_change_log_record_that_is_none_of_the_stores_is_a_loud_failure()
    {
        var task = new TopologyTask(Windowed.SubTopologies[0], 0, new ListSink());
        Assert.Throws<InvalidDataException>(() => task.Restore("f-1", [1, 2], [1], false, 0));
        Assert.Throws<KeyNotFoundException>(() => task.Restore("g-1", [], [], false, 0));
        task.Restore("f-1", [.. "k"u8, 0, 0, 0, 0, 0, 0, 0, 10], [1, 99, 0], false, 12);
        Assert.Throws<InvalidDataException>(() => task.Process("in", InputRecord.Of("k"u8.ToArray(), "{}"u8.ToArray(), 12, 0)));
    }

    [Fact]
    public void Task_ids_read_back()
    {
        Assert.True(TaskId.TryParse("3_14", out var id));
        Assert.Equal(new TaskId(3, 14), id);
        Assert.All(["", "3", "3_", "_1", "a_b", "1_2_3", "-1_2"], text => Assert.False(TaskId.TryParse(text, out _)));
    }
}
