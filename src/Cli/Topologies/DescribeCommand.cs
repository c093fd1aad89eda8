using System.CommandLine;
using System.Globalization;

namespace Actors.Cli.Topologies;

/// <summary><c>actors topologies describe</c>: topologies with their tasks and what they last failed with.</summary>
internal static class DescribeCommand
{
    public static Command Build(Terminal terminal)
    {
        var http = TopologyCommands.Http();
        var names = new Argument<string[]>("name") { Description = "The topologies' names.", Arity = ArgumentArity.OneOrMore };
        var output = Flags.Output();
        var command = new ExampleCommand("describe", "Show topologies with their tasks, their last errors and when what failed is tried again.", "actors topologies describe commercials")
        {
            names, http, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            using var node = new NodeHttp(terminal, parsed.GetValue(http)!);
            var described = new List<TopologyStatus>();
            foreach (var name in parsed.GetValue(names)!) described.Add(await node.GetAsync(name, cancellation));
            if (json) terminal.Json(described);
            else foreach (var line in described.SelectMany(Lines)) terminal.Line(line);
            return 0;
        });
        return command;
    }

    private static IEnumerable<string> Lines(TopologyStatus topology, int index)
    {
        if (index > 0) yield return "";
        foreach (var line in TopologyCommands.Lines([topology])) yield return line;
        if (topology.LastError is { } error)
        {
            yield return "";
            yield return $"Last error, at {Time(error.Timestamp)}, {error.InARow} in a row{(topology.State == "failed" ? $", tried again at {Time(error.RetryAt)}" : "")}: {error.Message}";
        }
        if (topology.Tasks is not { Count: > 0 } tasks) yield break;
        yield return "";
        var rows = tasks.Select(t => new[]
        {
            t.Id, t.Node.ToString(), t.State, TopologyCommands.Number(t.Lag), TopologyCommands.Number(t.LastError?.InARow), t.LastError is { } last ? Time(last.Timestamp) : "",
            t is { State: "failed", LastError: { } failed } ? Time(failed.RetryAt) : "", t.LastError?.Message ?? "",
        });
        foreach (var line in Columns.Lines([["TASK", "NODE", "STATE", "LAG", "FAILURES", "FAILED-AT", "RETRY-AT", "LAST-ERROR"], .. rows], [6, 6, 10, 10, 8, 10, 10, 0])) yield return line;
    }

    private static string Time(long epochMilliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(epochMilliseconds).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
