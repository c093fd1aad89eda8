using Actors.Topology.Testing;

namespace Actors.Topology.Tests.Files;

/// <summary>Each folder of Golden is a topology, its input and the output it must give: the files of <c>actors topologies test</c>.</summary>
public class TopologyTestSpecs
{
    private static string Golden => Path.Combine(AppContext.BaseDirectory, "Golden");

    public static TheoryData<string> Cases => [.. Directory.GetDirectories(Golden).Select(d => Path.GetFileName(d)!).Order()];

    [Theory]
    [MemberData(nameof(Cases))]
    public void Golden_cases_hold(string name)
    {
        var (output, error) = (new StringWriter(), new StringWriter());
        var folder = Path.Combine(Golden, name);
        var code = TopologyTest.Run(Path.Combine(folder, "topology.conf"), Path.Combine(folder, "in.jsonl"), Path.Combine(folder, "out.jsonl"), output, error);
        Assert.True(code == TopologyTest.Passed, $"{error}\nwhole output:\n{output}");
    }

    private static (int Code, string Output, string Error) Run(string topology, string input, string? expect)
    {
        var folder = Directory.CreateTempSubdirectory("topology-test").FullName;
        try
        {
            string Put(string name, string text)
            {
                File.WriteAllText(Path.Combine(folder, name), text);
                return Path.Combine(folder, name);
            }
            var (output, error) = (new StringWriter(), new StringWriter());
            var code = TopologyTest.Run(Put("t.conf", topology), Put("in.jsonl", input), expect is null ? null : Put("out.jsonl", expect), output, error);
            return (code, output.ToString(), error.ToString().Replace(folder + Path.DirectorySeparatorChar, ""));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private const string Copy = "topology { name = t, sources { in { topic = in } }, flows { f { from = in, stages = [ { to { topic = out } } ] } } }";
    private const string One = """{"topic":"in","key":"k","value":{"x":1},"timestamp":3}""";
    private const string Two = One + "\n" + """{"topic":"in","key":"k","value":{"x":2},"timestamp":4}""" + "\n";

    [Fact]
    public void Output_is_printed_a_line_a_record() =>
        Assert.Equal((0, """{"topic":"out","key":"k","value":{"x":1},"timestamp":3}""" + "\n", ""), Run(Copy, One, null));

    [Fact]
    public void Only_the_fields_that_are_expected_are_compared() => Assert.Equal(0, Run(Copy, Two, "{\"value\":{\"x\":1.0}}\n\n{\"timestamp\":4}\n").Code);

    [Theory]
    [InlineData("{\"value\":{\"x\":1}}\n{\"value\":{\"x\":9}}", "out.jsonl:2: output 2 differs\n  expected {\"value\":{\"x\":9}}\n  found    {\"topic\":\"out\",\"key\":\"k\",\"value\":{\"x\":2},\"timestamp\":4}\n")]
    [InlineData("{\"value\":{\"x\":1}}", "out.jsonl: output 2 is not expected\n  expected nothing more\n  found    {\"topic\":\"out\",\"key\":\"k\",\"value\":{\"x\":2},\"timestamp\":4}\n")]
    [InlineData("{}\n{}\n{}", "out.jsonl:3: output 3 differs\n  expected {}\n  found    nothing more\n")]
    public void The_first_difference_is_told(string expect, string difference)
    {
        var (code, _, error) = Run(Copy, Two, expect);
        Assert.Equal((1, difference), (code, error));
    }

    [Theory]
    [InlineData("nonsense", "in.jsonl:1: is no JSON object")]
    [InlineData("{\"topic\":\"other\"}", "in.jsonl:1: other is no source topic of t; they are in")]
    [InlineData("\n{\"topic\":\"in\",\"kye\":1}", "in.jsonl:2: unknown field kye; known are topic, key, value, timestamp, partition, headers, or advance alone")]
    [InlineData("{\"key\":1}", "in.jsonl:1: has no topic")]
    [InlineData("{\"advance\":\"soon\"}", "in.jsonl:1: advance ")]
    [InlineData("{\"topic\":\"in\",\"timestamp\":\"now\"}", "in.jsonl:1: timestamp is no integer of milliseconds")]
    public void A_line_that_cannot_be_read_is_told(string input, string reason)
    {
        var (code, _, error) = Run(Copy, input, null);
        Assert.Equal(2, code);
        Assert.StartsWith(reason, error);
    }

    [Fact]
    public void A_wrong_topology_is_told_with_file_line_and_field()
    {
        const string line = " name = t, sources { in { topic = in } }, flows { f { from = x, stages = [] } } }";
        var (code, _, error) = Run($"topology {{\n{line}", "", null);
        Assert.Equal((2, $"t.conf:2:62: topology.flows.f.from: there is no source or flow x; did you mean f?\n    {line}\n    {new string(' ', 61)}^\n"), (code, error));
    }
}
