namespace Actors.Topology.Tests.Files;

public class TopologyFileSpecs
{
    private static string Commercials => Path.Combine(AppContext.BaseDirectory, "topologies", "commercials.conf");

    [Fact]
    public void The_commercials_are_planned_as_three_sub_topologies()
    {
        Assert.True(TopologyFile.TryLoad(Commercials, out var plan, out var errors), string.Join("\n", errors));
        Assert.Equal("commercials", plan.Name);
        Assert.Equal(["commercials_json"], plan.SourceTopics);
        Assert.Equal(["metrics_per_brand", "metrics_per_brand_windowed"], plan.SinkTopics);
        Assert.Equal(
            ["commercials_json", "commercials-by-brand-1-repartition", "commercials-windowed-1-repartition"],
            plan.SubTopologies.SelectMany(s => s.SourceTopics));
        var partitioned = plan.Partition(new Dictionary<string, int> { ["commercials_json"] = 3 });
        Assert.Equal(["0_0", "0_1", "0_2", "1_0", "1_1", "1_2", "2_0", "2_1", "2_2"], partitioned.Tasks.Select(t => t.ToString()));
        Assert.Equal(
            [
                new InternalTopic("commercials-by-brand-1-repartition", InternalTopicKind.Repartition, 3),
                new InternalTopic("commercials-windowed-1-repartition", InternalTopicKind.Repartition, 3),
                new InternalTopic("commercials-by-brand-1-changelog", InternalTopicKind.ChangeLog, 3),
                new InternalTopic("commercials-windowed-1-changelog", InternalTopicKind.ChangeLog, 3),
            ],
            partitioned.InternalTopics);
        Assert.Equal([false, true], plan.SubTopologies.SelectMany(s => s.Stores).Select(s => s.Windowed));
    }

    private const string Everything = """
        topology { name = all, commit-interval = 250ms
          deserialization-exception-handler { dead-letter = failed }, processing-exception-handler = continue, production-exception-handler = fail
          sources {
            in { topic = in, key = long, value = json, timestamp = "CAST(ts AS BIGINT)", timestamp-extractor = use-partition-time-on-invalid-timestamp }
            lines { topic = l, value = string, deserialization-exception-handler { dead-letter = lines-failed } } }
          flows {
            a { from = in, stages = [
              { filter = "x > 1 AND NOT y" }, { filter-not = "s LIKE 'it''s \"%'" }
              { map { key = k, value { x = "x + 1", "odd name" = s } } }, { map { key = "x" } }, { map-values = value }, { map-values { x = x, l = "value.l" } }
              { flat-map { each = l, as = e, key = "e.k", value = "e.v" } }
              { select-key = "value.a" }, { group-by = [ a, "b.c" ] }, { window { hopping = 10s, advance = 5s, grace = 0s } }
              { aggregate { n = "COUNT(*)" } }, { having = "n > 3" }, { to { topic = out, key = json, value = json, windowed-key = false } } ] }
            b { from = a, stages = [ { group-by { g = "n % 2" } }, { window { tumbling = 1d } }, { aggregate { n = "SUM(n)" } }, { to { topic = out2 } } ] }
          } }
        """;

    [Fact]
    public void A_description_prints_as_a_file_that_reads_back_the_same()
    {
        var plan = Flows.Read(Everything);
        var printed = plan.Description.ToString();
        Assert.Equal(printed, Flows.Read(printed).Description.ToString());
        Assert.Equal(plan.ToString(), Flows.Read(printed).ToString());
        Assert.Contains("  deserialization-exception-handler = { dead-letter = \"failed\" }\n  processing-exception-handler = continue\n  sources {", printed);
        Assert.Contains("{ window { hopping = 10000ms, advance = 5000ms, grace = 0ms } }", printed);
        Assert.Contains("{ window { tumbling = 86400000ms, grace = 86400000ms } }", printed);
    }

    [Theory]
    // text of the stages | the errors
    [InlineData("{ filter = \"x >\" }", "t.conf:4:16: topology.flows.f.stages[0].filter: expected a value, a field or a function, found the end of the expression")]
    [InlineData("{ filter = \"UCAS(x) = 'a'\" }", "t.conf:4:13: topology.flows.f.stages[0].filter: unknown function UCAS; did you mean UCASE?")]
    [InlineData("{ filter = \"a = \\\"b\\\" + UCASE(5)\" }", "t.conf:4:31: topology.flows.f.stages[0].filter: argument 1 of UCASE is a string, found an integer")]
    [InlineData("{ filter = \"1 + 2\" }", "t.conf:4:15: topology.flows.f.stages[0].filter: expected a boolean, found an integer")]
    [InlineData("{ filtre = \"x\" }", "t.conf:4:3: topology.flows.f.stages[0].filtre: unknown stage; known are filter, filter-not, map, map-values, flat-map, select-key, group-by, window, aggregate, having, to")]
    [InlineData("{ join { with = x } }", "t.conf:4:3: topology.flows.f.stages[0].join: is not supported yet")]
    [InlineData("{ filter = \"x\", to { topic = o } }", "t.conf:4:1: topology.flows.f.stages[0]: a stage has one name, found filter, to; each stands in braces of its own, with a comma or a new line between")]
    [InlineData("{ to { topic = o, vlue = json } }", "t.conf:4:19: topology.flows.f.stages[0].to.vlue: unknown key; did you mean value?")]
    [InlineData("{ to { key = string } }", "t.conf:4:6: topology.flows.f.stages[0].to.topic: is missing")]
    [InlineData("{ to { topic = \"a b\" } }", "t.conf:4:16: topology.flows.f.stages[0].to.topic: \"a b\" is no legal name: letters, digits, '.', '_' and '-', at most 249")]
    [InlineData("{ to { topic = \"out\\n\" } }", "t.conf:4:16: topology.flows.f.stages[0].to.topic: \"out\n\" is no legal name: letters, digits, '.', '_' and '-', at most 249")]
    [InlineData("{ to { topic = in } }", "t.conf:4:1: topology.flows.f.stages[0]: the topic in is read by the source in of this flow, so the flow would feed itself")]
    [InlineData("{ group-by = x }", "t.conf:4:1: topology.flows.f.stages[0]: is not followed by aggregate")]
    [InlineData("{ group-by = x }, { filter = \"a\" }", "t.conf:4:1: topology.flows.f.stages[0]: is followed by window or aggregate, not filter")]
    [InlineData("{ aggregate { n = \"COUNT(*)\" } }", "t.conf:4:1: topology.flows.f.stages[0]: aggregate needs a group-by before it")]
    [InlineData("{ window { tumbling = 5s } }", "t.conf:4:1: topology.flows.f.stages[0]: window stands between group-by and aggregate")]
    [InlineData("{ having = \"n > 1\" }", "t.conf:4:1: topology.flows.f.stages[0]: having stands right after aggregate; elsewhere it is filter")]
    [InlineData("{ group-by = x }, { aggregate { x = \"COUNT(*)\" } }", "t.conf:4:38: topology.flows.f.stages[1].aggregate.x: x is the name of a grouping or window field already")]
    [InlineData("{ group-by = x }, { aggregate { n = \"x\" } }", "t.conf:4:38: topology.flows.f.stages[1].aggregate.n: there is no aggregate function in it")]
    [InlineData("{ group-by = x }, { aggregate { n = \"COUNT(*) + y\" } }", "t.conf:4:49: topology.flows.f.stages[1].aggregate.n: unknown field y here: outside of an aggregate function only the grouping fields are known (x)")]
    [InlineData("{ group-by = x }, { aggregate { n = \"COUNT(*)\" } }, { having = \"m > 1\" }", "t.conf:4:65: topology.flows.f.stages[2].having: unknown field m; did you mean x?")]
    [InlineData("{ map-values { a = x } }, { filter = \"b > 1\" }", "t.conf:4:39: topology.flows.f.stages[1].filter: unknown field b; did you mean a?")]
    [InlineData("{ group-by = x }, { window { tumbling = 5s, hopping = 5s } }, { aggregate { n = \"COUNT(*)\" } }", "t.conf:4:28: topology.flows.f.stages[1].window: expected one of tumbling and hopping")]
    [InlineData("{ group-by = x }, { window { session = 5s } }, { aggregate { n = \"COUNT(*)\" } }", "t.conf:4:40: topology.flows.f.stages[1].window.session: is not supported yet")]
    [InlineData("{ group-by = x }, { aggregate { n = \"COUNT(*)\" } }, { to { topic = o, value = long } }", "t.conf:4:53: topology.flows.f.stages[2]: a value that is object cannot be written as long")]
    public void A_wrong_stage_is_refused_with_its_place(string stage, string error) =>
        Assert.Equal([error], Flows.Errors($"topology {{ name = t\n{Flows.Json}\nflows {{ f {{ from = in, stages = [\n{stage}\n] }} }} }}"));

    [Fact]
    public void All_errors_of_a_file_are_told_at_once_in_its_order()
    {
        var errors = Flows.Errors("""
            topology {
              name = "a b"
              guarantee = at-most-once
              sources { in { topic = t, value = xml, timestamp = "ts +" } }
              flows {
                f { from = inn, stages = [ { filter = "(x" }, { map-values { a = "FOO(1)" } }, { filter = "b" } ] }
                g { from = h, stages = [] }
                h { from = g, stages = [] }
              }
              extra = 1
            }
            """);
        Assert.Equal(
            [
                "t.conf:2:10: topology.name: \"a b\" is no legal name: letters, digits, '.', '_' and '-', at most 249",
                "t.conf:3:15: topology.guarantee: ",
                "t.conf:4:37: topology.sources.in.value: ",
                "t.conf:4:59: topology.sources.in.timestamp: expected a value, a field or a function, found the end of the expression",
                "t.conf:6:16: topology.flows.f.from: there is no source or flow inn; did you mean in?",
                "t.conf:6:46: topology.flows.f.stages[0].filter: expected \")\", found the end of the expression",
                "t.conf:6:71: topology.flows.f.stages[1].map-values.a: unknown function FOO",
                "t.conf:6:96: topology.flows.f.stages[2].filter: unknown field b; did you mean a?",
                "t.conf:7:16: topology.flows.g.from: the flows g, h read each other in a circle",
                "t.conf:10:3: topology.extra: unknown key",
            ],
            errors.Select((e, i) => i is 1 or 2 ? e[..(e.IndexOf(": ", e.IndexOf(": ", StringComparison.Ordinal) + 2, StringComparison.Ordinal) + 2)] : e.Split(";  ")[0])
                .Select((e, i) => i == 9 ? e.Split(';')[0] : e));
    }

    [Theory]
    [InlineData("", "topology: is missing")]
    [InlineData("topology { name = t, sources { in { topic = in } } }", "flows: is missing")]
    [InlineData("topology { name = t, sources {}, flows {} }", "reads at least one source")]
    [InlineData("topology { name = t, sources { in { topic = in } }, flows { in { from = in, stages = [] } } }", "in is the name of a source already")]
    [InlineData("topology { name = t, sources { in { topic = in }, j { topic = in } }, flows { f { from = in, stages = [] } } }", "the topic in is read by the source in already")]
    [InlineData("topology { name = t, tables { u { topic = u } }, sources { in { topic = in } }, flows { f { from = in, stages = [] } } }", "tables are not supported yet")]
    [InlineData("topology { name = t, guarantee = exactly-once, sources { in { topic = in } }, flows { f { from = in, stages = [] } } }", "exactly-once is not supported yet")]
    [InlineData("topology { name = t, deserialization-exception-handler = skip, sources { in { topic = in } }, flows { f { from = in, stages = [] } } }", "t.conf:1:58: topology.deserialization-exception-handler: expected fail, continue or { dead-letter = TOPIC }")]
    [InlineData("topology { name = t, production-exception-handler { dead-letter = in }, sources { in { topic = in } }, flows { f { from = in, stages = [] } } }", "t.conf:1:51: topology.production-exception-handler: the dead-letter topic in is read by the source in, so the topology would feed itself")]
    [InlineData("topology { name = t, production-exception-handler { dead-letter = \"a b\" }, sources { in { topic = in } }, flows { f { from = in, stages = [] } } }", "production-exception-handler.dead-letter: \"a b\" is no legal name")]
    [InlineData("topology { name = t, sources { in { topic = in, timestamp-extractor = skip } }, flows { f { from = in, stages = [] } } }", "topology.sources.in.timestamp-extractor: ")]
    [InlineData("topology { name = ", "t.conf:1:")]
    public void A_wrong_file_is_refused(string text, string reason) => Assert.Contains(Flows.Errors(text), e => e.Contains(reason, StringComparison.Ordinal));

    [Fact]
    public void A_text_value_has_no_fields_and_the_error_says_what_it_is_called()
    {
        var errors = Flows.Errors("topology { name = t, sources { in { topic = in, value = string } }, flows { f { from = in, stages = [ { filter = \"level = 'x'\" } ] } } }");
        Assert.EndsWith("the value is a string and has no field level; it is called value", Assert.Single(errors));
    }
}
