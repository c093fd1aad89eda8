using static Actors.Topology.Tests.Flows;

namespace Actors.Topology.Tests.Operators;

public class StatelessSpecs
{
    [Fact]
    public void Filter_lets_through_what_is_true_and_filter_not_all_else()
    {
        string[] input = [In("\"a\"", """{"x":1}"""), In("\"b\"", """{"x":3}"""), In("\"c\"", """{"x":null}"""), In("\"d\"", "null")];
        Assert.Equal([Out("\"b\"", """{"x":3}""")], Run("{ filter = \"x > 2\" }" + To, input));
        Assert.Equal([Out("\"a\"", """{"x":1}"""), Out("\"c\"", """{"x":null}"""), Out("\"d\"", "null")], Run("{ filter-not = \"x > 2\" }" + To, input));
    }

    [Fact]
    public void A_value_nobody_changes_is_written_as_it_came()
    {
        var plan = Plan(To);
        var driver = new Testing.TopologyTestDriver(plan);
        driver.Pipe("in", "k", "{ \"b\": 1.50, \"a\":2 }", 7);
        var written = Assert.Single(driver.ReadOutputs());
        Assert.Equal("{ \"b\": 1.50, \"a\":2 }"u8.ToArray(), written.Value);
    }

    [Fact]
    public void Map_values_makes_an_object_or_one_value_and_leaves_null_alone()
    {
        string[] input = [In("\"k\"", """{"x":2,"s":"a","o":{"p":[1,2]}}""", 5), In("\"k\"", "null", 6)];
        Assert.Equal(
            [Out("\"k\"", """{"double":4,"s":"A","o":[1,2],"d":1.0}""", 5), Out("\"k\"", "null", 6)],
            Run("""{ map-values { double = "x * 2", s = "UCASE(s)", o = "o.p", d = "x / 2.0" } }""" + To, input));
        Assert.Equal([Out("\"k\"", "3", 5), Out("\"k\"", "null", 6)], Run("{ map-values = \"x + 1\" }" + To, input));
    }

    [Fact]
    public void Map_makes_key_and_value_of_the_old_ones_and_keeps_what_is_left_out()
    {
        string[] input = [In("\"k\"", """{"x":2}""")];
        Assert.Equal([Out("\"k-2\"", """{"old":"k","x":2}""")], Run("""{ map { key = "CONCAT(key, '-', x)", value { old = "key", x = x } } }""" + To, input));
        Assert.Equal([Out("\"2\"", """{"x":2}""")], Run("""{ map { key = x } }""" + To, input));
        Assert.Equal([Out("\"k\"", "2")], Run("""{ map { value = x } }""" + To, input));
        Assert.Equal([Out("\"2\"", """{"x":2}""")], Run("{ select-key = x }" + To, input));
    }

    [Fact]
    public void Flat_map_makes_a_record_of_each_element()
    {
        string[] input = [In("\"k\"", """{"items":[{"n":"a","q":1},{"n":"b","q":2}],"z":9}"""), In("\"k\"", """{"items":[]}"""), In("\"k\"", """{"items":5}""")];
        Assert.Equal(
            [Out("\"a\"", """{"q":1,"z":9}"""), Out("\"b\"", """{"q":2,"z":9}""")],
            Run("""{ flat-map { each = items, as = item, key = "item.n", value { q = "item.q", z = z } } }""" + To, input));
        Assert.Equal(2, Run("""{ flat-map { each = items, as = item } }""" + To, input).Length);
    }

    [Fact]
    public void Words_of_a_line_are_counted()
    {
        var plan = Plan(
            """{ flat-map { each = "SPLIT(LCASE(value), ' ')", as = word, value = word } }, { group-by { word = value } }, { aggregate { n = "COUNT(*)" } } """ + To,
            "sources { in { topic = in, value = string } }");
        Assert.Equal(
            [Out("\"to\"", """{"word":"to","n":1}"""), Out("\"be\"", """{"word":"be","n":1}"""), Out("\"or\"", """{"word":"or","n":1}"""), Out("\"to\"", """{"word":"to","n":2}""")],
            Run(plan, In("null", "\"To be or to\"")));
    }

    [Fact]
    public void A_flow_goes_on_behind_to_and_is_read_by_others()
    {
        var plan = Read($$"""
            topology { name = t
            {{Json}}
            flows {
              second { from = first, stages = [ { filter = "y > 10" }, { to { topic = large } } ] }
              first { from = in, stages = [ { map-values { y = "x * 2" } }, { to { topic = all } }, { filter = "y > 0" } ] } } }
            """);
        Assert.Equal(
            ["""{"topic":"all","key":"a","value":{"y":-4},"timestamp":0}""", """{"topic":"all","key":"b","value":{"y":12},"timestamp":0}""", """{"topic":"large","key":"b","value":{"y":12},"timestamp":0}"""],
            Run(plan, In("\"a\"", """{"x":-2}"""), In("\"b\"", """{"x":6}""")));
    }

    [Fact]
    public void A_source_that_another_flow_writes_gets_its_records_at_once()
    {
        var plan = Read("""
            topology { name = t
            sources { in { topic = in }, middle { topic = middle, key = string, value = long } }
            flows { a { from = in, stages = [ { map-values = x }, { to { topic = middle, value = long } } ] }
                    b { from = middle, stages = [ { map-values { twice = "value * 2" } }, { to { topic = out } } ] } } }
            """);
        Assert.Equal(["""{"topic":"middle","key":"k","value":21,"timestamp":3}""", Out("\"k\"", """{"twice":42}""", 3)], Run(plan, In("\"k\"", """{"x":21}""", 3)));
    }

    [Theory]
    [InlineData("string", "long", "\"7\"", "7")]
    [InlineData("long", "double", "7", "1.5")]
    [InlineData("json", "string", """{"a":[1]}""", "\"text\"")]
    [InlineData("bytes", "bytes", "\"AQI=\"", "\"/w==\"")]
    [InlineData("double", "json", "0.25", "[1,2.0]")]
    public void Formats_come_out_as_they_went_in(string keyFormat, string valueFormat, string key, string value)
    {
        var plan = Plan($"{{ to {{ topic = out, key = {keyFormat}, value = {valueFormat} }} }}", $"sources {{ in {{ topic = in, key = {keyFormat}, value = {valueFormat} }} }}");
        Assert.Equal([Out(key, value)], Run(plan, In(key, value)));
    }

    [Fact]
    public void What_cannot_be_read_or_written_is_left_out_and_counted()
    {
        var driver = new Testing.TopologyTestDriver(Plan("{ to { topic = out, key = long, value = json } }",
            "deserialization-exception-handler = continue, production-exception-handler = continue, sources { in { topic = in, key = json, value = json, timestamp = ts } }"));
        driver.Pipe("in", "1", "{\"ts\":5", 0);
        driver.Pipe("in", "nonsense", "{\"ts\":5}", 0);
        driver.Pipe("in", "1", "{\"ts\":\"x\"}", 0);
        driver.Pipe("in", "1", "{\"ts\":-1}", 0);
        driver.Pipe("in", "\"a\"", "{\"ts\":5}", 0);
        driver.Pipe("in", "1", "{\"ts\":5}", 0);
        Assert.Equal("""{"topic":"out","key":1,"value":{"ts":5},"timestamp":5}""", Assert.Single(driver.ReadOutputs()).ToString());
        Assert.Equal((2, 2, 1), (driver.Dropped(DropReason.Unreadable), driver.Dropped(DropReason.BadTimestamp), driver.Dropped(DropReason.Unwritable)));
    }

    [Fact]
    public void The_timestamp_can_come_out_of_the_record()
    {
        var plan = Plan("{ to { topic = out, value = string } }", """sources { in { topic = in, value = string, timestamp = "STRINGTOTIMESTAMP(SUBSTRING(value, 1, 19), 'yyyy-MM-dd HH:mm:ss')" } }""");
        Assert.Equal([Out("null", "\"2024-05-01 12:33:44 installed\"", 1714566824000)], Run(plan, In("null", "\"2024-05-01 12:33:44 installed\"", 1)));
    }

    [Fact]
    public void The_wall_clock_moves_only_when_told()
    {
        var lines = Run("{ map-values = \"UNIX_TIMESTAMP()\" }" + To, In("null", "1"), """{"advance":"5s"}""", In("null", "1"));
        Assert.Equal([Out("null", "0"), Out("null", "5000")], lines);
    }
}
