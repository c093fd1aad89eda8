using System.Text;
using Actors.Topology.Testing;
using static Actors.Topology.Tests.Flows;

namespace Actors.Topology.Tests.Operators;

public class AggregateSpecs
{
    private const string Windowed = """{ group-by = b }, { window { tumbling = 10ms, grace = 5ms } }, { aggregate { n = "COUNT(*)" } } """;

    private static string Brand(string brand) => $$"""{"b":"{{brand}}"}""";

    [Fact]
    public void Each_record_changes_its_group_and_the_change_comes_out_at_once()
    {
        Assert.Equal(
            [
                Out("\"A\"", """{"brand":"A","n":1,"sum":2,"mean":2.0}""", 10),
                Out("\"B\"", """{"brand":"B","n":1,"sum":5,"mean":5.0}""", 11),
                Out("\"A\"", """{"brand":"A","n":2,"sum":5,"mean":2.5}""", 10),
            ],
            Run(
                """{ group-by = brand }, { aggregate { n = "COUNT(*)", sum = "SUM(x)", mean = "SUM(x) / CAST(COUNT(*) AS DOUBLE)" } } """ + To,
                In("null", """{"brand":"A","x":2}""", 10), In("null", """{"brand":"B","x":5}""", 11), In("null", """{"brand":"A","x":3}""", 7)));
    }

    [Fact]
    public void Rows_of_closed_windows_go_as_fast_as_new_ones_come_however_many_windows_hold_a_record()
    {
        var driver = new TopologyTestDriver(Plan("{ group-by = key }, { window { hopping = 200ms, advance = 1ms, grace = 0ms } }, { aggregate { n = \"COUNT(*)\" } } " + To));
        for (var i = 0; i < 2000; i++) driver.Pipe("in", $"k{i}", "{}", i);
        // The last 200 records are in 1 to 200 windows that are still open.
        Assert.InRange(driver.Tasks.Values.SelectMany(task => task.Stores).Sum(store => store.Count), 200 * 201 / 2, 200 * 201 / 2 + 402);
    }

    [Fact]
    public void Records_without_a_value_or_a_group_are_left_out()
    {
        var driver = new TopologyTestDriver(Plan("{ group-by = b }, { aggregate { n = \"COUNT(*)\" } } " + To));
        driver.Pipe("in", "k", null, 1);
        driver.Pipe("in", "k", "{\"b\":null}", 1);
        driver.Pipe("in", "k", "{}", 1);
        Assert.Empty(driver.ReadOutputs());
        Assert.Equal(3, driver.Dropped(DropReason.NullKeyOrValue));
    }

    [Fact]
    public void One_grouping_field_keys_by_its_text_and_keeps_its_type_in_the_value()
    {
        Assert.Equal(
            [Out("\"7\"", """{"x":7,"n":1}"""), Out("\"7.5\"", """{"x":7.5,"n":1}"""), Out("\"true\"", """{"x":true,"n":1}"""), Out("\"[1,\\\"a\\\"]\"", """{"x":[1,"a"],"n":1}""")],
            Run("{ group-by = x }, { aggregate { n = \"COUNT(*)\" } } " + To, In("null", """{"x":7}"""), In("null", """{"x":7.5}"""), In("null", """{"x":true}"""), In("null", """{"x": [1, "a"]}""")));
    }

    [Fact]
    public void Several_grouping_fields_key_by_a_json_object_of_them()
    {
        Assert.Equal(
            [Out("\"{\\\"a\\\":1,\\\"c\\\":\\\"x\\\"}\"", """{"a":1,"c":"x","n":1}""")],
            Run("{ group-by = [ a, \"b.c\" ] }, { aggregate { n = \"COUNT(*)\" } } " + To, In("null", """{"b":{"c":"x"},"a":1}""")));
    }

    [Fact]
    public void Grouping_by_what_the_other_side_cannot_see_carries_the_group_along()
    {
        var plan = Plan("{ group-by = [ key, ROWPARTITION, \"headers.h\" ] }, { aggregate { n = \"COUNT(*)\" } } " + To);
        var line = """{"topic":"in","key":"k","value":1,"timestamp":0,"headers":{"h":"v"}}""";
        Assert.Equal(
            ["""{"topic":"out","key":"{\"key\":\"k\",\"ROWPARTITION\":0,\"h\":\"v\"}","value":{"key":"k","ROWPARTITION":0,"h":"v","n":1},"timestamp":0,"headers":{"h":"v"}}"""],
            Run(plan, line));
    }

    [Fact]
    public void Grouping_by_the_key_itself_needs_no_repartition()
    {
        var plan = Plan("{ filter = \"x > 0\" }, { group-by = key }, { aggregate { n = \"COUNT(*)\" } } " + To);
        Assert.Single(plan.SubTopologies);
        Assert.Equal([Out("\"k\"", """{"key":"k","n":1}""")], Run(plan, In("\"k\"", """{"x":1}""")));
        Assert.Equal(2, Plan("{ select-key = x }, { group-by = key }, { aggregate { n = \"COUNT(*)\" } } " + To).SubTopologies.Count);
    }

    [Fact]
    public void Expressions_without_a_name_are_called_as_in_ksqlDB()
    {
        Assert.Equal(
            [Out("\"A\"", """{"KSQL_COL_0":"A","n":1}""")],
            Run("{ group-by = \"UCASE(b)\" }, { aggregate { n = \"COUNT(*)\" } } " + To, In("null", Brand("a"))));
    }

    [Fact]
    public void Grouping_fields_can_be_named_and_used_in_results()
    {
        Assert.Equal(
            [Out("\"5\"", """{"decade":5,"n":1,"from":50}""")],
            Run("""{ group-by { decade = "x / 10" } }, { aggregate { n = "COUNT(*)", from = "decade * 10 + 0 * COUNT(*)" } } """ + To, In("null", """{"x":57}""")));
    }

    [Fact]
    public void Windows_hold_their_start_and_not_their_end()
    {
        Assert.Equal(
            [
                Out("\"A\"", """{"b":"A","window_start":0,"window_end":10,"n":1}""", 0, """{"start":0,"end":10}"""),
                Out("\"A\"", """{"b":"A","window_start":0,"window_end":10,"n":2}""", 9, """{"start":0,"end":10}"""),
                Out("\"A\"", """{"b":"A","window_start":10,"window_end":20,"n":1}""", 10, """{"start":10,"end":20}"""),
            ],
            Run(Windowed + To, In("null", Brand("A"), 0), In("null", Brand("A"), 9), In("null", Brand("A"), 10)));
    }

    [Fact]
    public void A_record_is_late_once_stream_time_has_reached_the_windows_end_and_the_grace()
    {
        var driver = new TopologyTestDriver(Plan(Windowed + To));
        driver.Pipe("in", "k", Brand("A"), 14);
        driver.Pipe("in", "k", Brand("A"), 9);
        driver.Pipe("in", "k", Brand("B"), 15);
        driver.Pipe("in", "k", Brand("A"), 9);
        Assert.Equal(3, driver.ReadOutputs().Count);
        Assert.Equal(1, driver.Dropped(DropReason.Late));
    }

    [Fact]
    public void Closed_windows_leave_the_store_with_tombstones()
    {
        var driver = new TopologyTestDriver(Plan(Windowed + To));
        for (var i = 0; i < 100; i++) driver.Pipe("in", "k", Brand($"brand-{i % 10}"), i);
        // Stream time 99: windows that end at 94 or before are closed.
        Assert.All(driver.Store("f-1"), row => Assert.True(System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(row.Key.AsSpan(row.Key.Length - 8)) >= 80 + 10 - 5 - 1));
        Assert.Equal(10, driver.Store("f-1").Count);
        driver.Restart();
        Assert.Equal(10, driver.Store("f-1").Count);
    }

    [Fact]
    public void Hopping_windows_count_a_record_in_each_that_holds_it()
    {
        var lines = Run("""{ group-by = b }, { window { hopping = 10ms, advance = 5ms, grace = 0s } }, { aggregate { n = "COUNT(*)" } } """ + To, In("null", Brand("A"), 3), In("null", Brand("A"), 7));
        Assert.Equal(
            [
                Out("\"A\"", """{"b":"A","window_start":0,"window_end":10,"n":1}""", 3, """{"start":0,"end":10}"""),
                Out("\"A\"", """{"b":"A","window_start":0,"window_end":10,"n":2}""", 7, """{"start":0,"end":10}"""),
                Out("\"A\"", """{"b":"A","window_start":5,"window_end":15,"n":1}""", 7, """{"start":5,"end":15}"""),
            ],
            lines);
    }

    [Fact]
    public void Having_writes_no_row_it_never_held_for_and_a_tombstone_when_it_stops()
    {
        string[] lines = [In("null", """{"b":"A","x":1}""", 1), In("null", """{"b":"A","x":9}""", 2), In("null", """{"b":"A","x":-8}""", 3), In("null", """{"b":"A","x":-1}""", 4), In("null", """{"b":"A","x":20}""", 5)];
        Assert.Equal(
            [Out("\"A\"", """{"b":"A","s":10}""", 2), Out("\"A\"", "null", 3), Out("\"A\"", """{"b":"A","s":21}""", 5)],
            Run("""{ group-by = b }, { aggregate { s = "SUM(x)" } }, { having = "s > 5" } """ + To, lines));
    }

    [Fact]
    public void A_windowed_key_is_the_key_and_the_start_partitioned_by_the_key_alone()
    {
        var driver = new TopologyTestDriver(Plan(Windowed + To + "\n{ to { topic = plain, windowed-key = false } }"));
        driver.Pipe("in", "k", Brand("A"), 23);
        var written = driver.ReadOutputs();
        Assert.Equal([(byte)'A', 0, 0, 0, 0, 0, 0, 0, 20], written[0].Key!);
        Assert.Equal("A"u8.ToArray(), written[1].Key);
        Assert.Null(written[1].Window);
    }

    [Fact]
    public void Results_go_on_after_a_restart_as_if_there_had_been_none()
    {
        var stages = """{ group-by = b }, { window { tumbling = 10ms, grace = 5ms } }, { aggregate { n = "COUNT(*)", last = "LATEST_BY_OFFSET(x)", all = "COLLECT_LIST(x)" } }, { having = "n > 1" } """ + To;
        var records = Enumerable.Range(0, 60).Select(i => (Value: $$"""{"b":"{{"ABC"[i % 3]}}","x":{{i}}}""", Time: (long)(i * 7 % 40))).ToList();
        string[] Results(bool restarting)
        {
            var driver = new TopologyTestDriver(Plan(stages));
            foreach (var (value, time) in records)
            {
                driver.Pipe("in", null, value, time);
                if (restarting) driver.Restart();
            }
            return [.. driver.ReadOutputs().Select(r => r.ToString())];
        }
        Assert.NotEmpty(Results(false));
        Assert.Equal(Results(false), Results(true));
    }

    [Fact]
    public void Groups_are_whole_over_several_partitions()
    {
        var driver = new TopologyTestDriver(Plan("{ group-by = b }, { aggregate { n = \"COUNT(*)\" } } " + To), new Dictionary<string, int> { ["in"] = 4 });
        for (var i = 0; i < 100; i++) driver.Pipe("in", Encoding.UTF8.GetBytes($"key-{i}"), Encoding.UTF8.GetBytes(Brand($"{i % 7}")), i, i % 4);
        var last = driver.ReadOutputs().GroupBy(r => r.KeyJson).ToDictionary(g => g.Key, g => g.Last().ValueJson);
        Assert.Equal(Enumerable.Range(0, 7).Select(b => $$"""{"b":"{{b}}","n":{{100 / 7 + (b < 2 ? 1 : 0)}}}"""), last.OrderBy(p => p.Key).Select(p => p.Value));
        Assert.True(driver.Tasks.Values.Count(t => t.Stores.Any(s => s.Count > 0)) > 1, "the groups should be spread over tasks");
    }

    [Fact]
    public void An_aggregation_can_be_aggregated_again()
    {
        var plan = Read($$"""
            topology { name = t
            {{Json}}
            flows {
              counts { from = in, stages = [ { group-by = b }, { aggregate { n = "COUNT(*)" } } ] }
              most { from = counts, stages = [ { group-by { all = "'all'" } }, { aggregate { most = "MAX(n)" } }, { to { topic = out } } ] } } }
            """);
        Assert.Equal(
            [Out("\"all\"", """{"all":"all","most":1}"""), Out("\"all\"", """{"all":"all","most":2}""")],
            Run(plan, In("null", Brand("A")), In("null", Brand("A"))));
        Assert.Equal(3, plan.SubTopologies.Count);
    }
}
