using System.CommandLine;
using System.Text.Json;

namespace Actors.Cli.Live;

/// <summary><c>actors cluster</c>: the nodes, and what each of them does.</summary>
internal static class ClusterCommand
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    public static Command Build(Terminal terminal)
    {
        var http = NodeEvents.Http();
        var output = Flags.Output();
        var command = new ExampleCommand("cluster", "Show the cluster's nodes and how many leaders, groups and tasks each has.", "actors cluster --http http://127.0.0.1:8080") { http, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var asJson = FlagValues.IsJson(parsed.GetValue(output)!);
            using var node = new NodeEvents(terminal, parsed.GetValue(http)!);
            var cluster = await node.GetAsync<Cluster>("cluster", Json, cancellation);
            if (asJson)
            {
                terminal.Json(cluster);
                return 0;
            }
            List<string[]> rows = [["NODE", "STATUS", "KAFKA", "HTTP", "ROLES", "LEADERS", "GROUPS", "TASKS", "CONTROLLER"]];
            foreach (var n in cluster.Nodes)
                rows.Add([$"{n.Id}", n.Status, n.Kafka, n.Http, string.Join(',', n.Roles), $"{n.Leaders}", $"{n.Groups}", $"{n.Tasks}", n.Id == cluster.Controller ? "yes" : ""]);
            foreach (var line in Columns.Lines(rows, [4, 10, 15, 15, 15, 7, 6, 5, 0])) terminal.Line(line);
            return 0;
        });
        return command;
    }

    private sealed record Cluster(IReadOnlyList<Node> Nodes, int Controller);

    private sealed record Node(int Id, string Kafka, string Http, IReadOnlyList<string> Roles, string Status, int? Leaders, int? Groups, int? Tasks);
}
