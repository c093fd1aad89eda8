using System.CommandLine;
using System.Globalization;
using Actors.Topology;
using Actors.Topology.Testing;

namespace Actors.Cli.Topologies;

/// <summary><c>actors topologies list|describe|deploy|delete|test</c>: the last without a node, the others over a node's HTTP API.</summary>
internal static class TopologyCommands
{
    public static Command Build(Terminal terminal) => new("topologies", "List, describe, deploy, delete and test topologies.")
    {
        List(terminal), DescribeCommand.Build(terminal), Deploy(terminal), Delete(terminal), Test(terminal),
    };

    internal static Option<string> Http() => new("--http") { Description = "A node's HTTP address.", HelpName = "http://host:port", DefaultValueFactory = _ => "http://127.0.0.1:8080" };

    private static Command List(Terminal terminal)
    {
        var http = Http();
        var tasks = new Option<bool>("--tasks") { Description = "Show each task too." };
        var output = Flags.Output();
        var command = new ExampleCommand("list", "List the deployed topologies.", "actors topologies list --tasks") { http, tasks, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            using var node = new NodeHttp(terminal, parsed.GetValue(http)!);
            var topologies = await node.ListAsync(cancellation);
            if (json) terminal.Json(topologies);
            else foreach (var line in parsed.GetValue(tasks) ? TaskLines(topologies) : Lines(topologies)) terminal.Line(line);
            return 0;
        });
        return command;
    }

    private static Command Deploy(Terminal terminal)
    {
        var http = Http();
        var files = new Argument<FileInfo[]>("file") { Description = "Topology files.", Arity = ArgumentArity.OneOrMore };
        var command = new ExampleCommand("deploy", "Deploy topology files.", "actors topologies deploy hocon/topologies/commercials.conf") { files, http };
        command.SetAction(async (parsed, cancellation) =>
        {
            // All are read first: a mistake in the last one shall not leave half of them deployed.
            var read = parsed.GetValue(files)!.Select(file => (Name: NameOf(file), Text: File.ReadAllBytes(file.FullName))).ToList();
            using var node = new NodeHttp(terminal, parsed.GetValue(http)!);
            foreach (var (name, text) in read)
            {
                var deployed = await node.PutAsync(name, text, cancellation);
                terminal.Line(deployed == Deployment.New ? $"Deployed topology {name}." : $"Topology {name} is deployed already, unchanged.");
            }
            return 0;
        });
        return command;
    }

    private static Command Delete(Terminal terminal)
    {
        var http = Http();
        var names = new Argument<string[]>("name") { Description = "The topologies' names.", Arity = ArgumentArity.OneOrMore };
        var command = new ExampleCommand("delete", "End topologies. Their offsets, state and internal topics are removed; source and sink topics stay.", "actors topologies delete commercials") { names, http };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var node = new NodeHttp(terminal, parsed.GetValue(http)!);
            foreach (var name in parsed.GetValue(names)!)
            {
                await node.DeleteAsync(name, cancellation);
                terminal.Line($"Deleted topology {name}.");
            }
            return 0;
        });
        return command;
    }

    private static Command Test(Terminal terminal)
    {
        var file = new Argument<FileInfo>("file") { Description = "The topology file." };
        var input = new Option<FileInfo>("--input") { Description = "Lines of {\"topic\",\"key\",\"value\",\"timestamp\"} or {\"advance\":\"5s\"}.", HelpName = "in.jsonl", Required = true };
        var expect = new Option<FileInfo?>("--expect") { Description = "What shall come out; the first difference is told, with exit code 1.", HelpName = "out.jsonl" };
        var command = new ExampleCommand("test", "Run a topology file over records, without a node, and print what it writes.", "actors topologies test commercials.conf --input in.jsonl --expect out.jsonl")
        {
            file, input, expect,
        };
        command.SetAction(parsed =>
        {
            using var output = new StreamWriter(terminal.Output, leaveOpen: true) { NewLine = "\n" };
            return TopologyTest.Run(Path(parsed.GetValue(file)!), Path(parsed.GetValue(input)!), parsed.GetValue(expect) is { } expected ? Path(expected) : null, output, terminal.Error);
        });
        return command;
    }

    /// <exception cref="CommandFailedException">The file is not there, or no topology; every error with its place and its line.</exception>
    private static string NameOf(FileInfo file)
    {
        if (TopologyFile.TryLoad(Path(file), out var plan, out var errors, refusesIncludes: true)) return plan.Name;
        throw new CommandFailedException($"{file} is refused\n{TopologyError.Explain(errors)}");
    }

    /// <summary>As it was typed, for that is how errors shall name it.</summary>
    private static string Path(FileInfo file) => file.Exists ? file.ToString() : throw new CommandFailedException($"there is no file {file}");

    internal static IEnumerable<string> Lines(IReadOnlyList<TopologyStatus> topologies) => Columns.Lines(
        [
            ["TOPOLOGY", "STATE", "GUARANTEE", "TASKS", "LAG", "REASON"],
            .. topologies.Select(t => new[]
            {
                t.Name, t.State, t.Guarantee ?? "", Number(t.Tasks?.Count), t.Tasks is null || t.Tasks.Any(task => task.Lag is null) ? "" : Number(t.Tasks.Sum(task => task.Lag)),
                t.Reason ?? "",
            }),
        ], [20, 10, 15, 6, 10, 0]);

    private static IEnumerable<string> TaskLines(IReadOnlyList<TopologyStatus> topologies) => Columns.Lines(
        [
            ["TOPOLOGY", "TASK", "NODE", "STATE", "LAG"],
            .. topologies.SelectMany(t => (t.Tasks ?? []).Select(task => new[] { t.Name, task.Id, task.Node.ToString(), task.State, Number(task.Lag) })),
        ], [20, 6, 6, 10, 0]);

    internal static string Number(long? number) => number?.ToString(CultureInfo.InvariantCulture) ?? "";
}
