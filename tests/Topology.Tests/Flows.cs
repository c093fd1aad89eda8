using Actors.Topology.Testing;

namespace Actors.Topology.Tests;

/// <summary>Short ways to write a topology down in a spec.</summary>
internal static class Flows
{
    public const string Json = "sources { in { topic = in, key = string, value = json } }";

    /// <summary>A topology of one flow over the source <c>in</c>.</summary>
    public static TopologyPlan Plan(string stages, string sources = Json) => Read($"topology {{ name = t\n{sources}\nflows {{ f {{ from = in, stages = [\n{stages}\n] }} }} }}");

    public static TopologyPlan Read(string text)
    {
        Assert.True(TopologyFile.TryRead(text, "t.conf", out var plan, out var errors), string.Join("\n", errors));
        return plan!;
    }

    public static string[] Errors(string text)
    {
        Assert.False(TopologyFile.TryRead(text, "t.conf", out var plan, out var errors), "the topology should have been refused");
        Assert.Null(plan);
        return [.. errors.Select(e => e.ToString())];
    }

    /// <summary>Runs JSON lines through one flow's stages.</summary>
    public static string[] Run(string stages, params string[] lines) => Run(Plan(stages), lines);

    public static string[] Run(TopologyPlan plan, params string[] lines) => [.. TopologyTest.Run(plan, "in.jsonl", lines).Select(r => r.ToString())];

    public static string In(string key, string value, long timestamp = 0) => $$"""{"topic":"in","key":{{key}},"value":{{value}},"timestamp":{{timestamp}}}""";

    public static string Out(string key, string value, long timestamp = 0, string window = "") =>
        $$"""{"topic":"out","key":{{key}},"value":{{value}},"timestamp":{{timestamp}}{{(window.Length == 0 ? "" : $",\"window\":{window}")}}}""";

    public const string To = "\n{ to { topic = out, key = string, value = json } }";
}
