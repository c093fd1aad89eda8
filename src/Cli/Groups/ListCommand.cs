using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Lists groups' names, and their states and types where asked for.</summary>
internal static class ListCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var (states, types) = (States(), Types());
        var output = Flags.Output();
        var command = new ExampleCommand("list", "List the groups' names.", "actors groups list --state Stable,Empty") { servers, states, types, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var groups = await FindAsync(admin, parsed, states, types, cancellation);
            if (json) terminal.Json(groups.Select(g => new { Group = g.GroupId, Type = GroupLines.Type(g), g.State }));
            else Show(terminal, groups, parsed.Has(types), parsed.Has(states));
            return 0;
        });
        return command;
    }

    public static Option<string?> States()
    {
        var states = Flags.Of<string?>("--state");
        states.Arity = ArgumentArity.ZeroOrOne;
        return states;
    }

    public static Option<string?> Types()
    {
        var types = Flags.Of<string?>("--type");
        types.Arity = ArgumentArity.ZeroOrOne;
        return types;
    }

    public static async Task<IReadOnlyList<ListedGroup>> FindAsync(Admin admin, ParseResult parsed, Option<string?> states, Option<string?> types, CancellationToken cancellation)
    {
        var (inState, ofType) = (Names(parsed.GetValue(states)), Names(parsed.GetValue(types)));
        return [.. (await admin.ListGroupsAsync(cancellation)).Where(g => inState?.Contains(g.State) != false && ofType?.Contains(GroupLines.Type(g)) != false)];

        static HashSet<string>? Names(string? list) =>
            string.IsNullOrEmpty(list) ? null : list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    public static void Show(Terminal terminal, IReadOnlyList<ListedGroup> groups, bool types, bool states)
    {
        foreach (var line in types || states ? GroupLines.Listed(groups, types, states) : groups.Select(g => g.GroupId)) terminal.Line(line);
    }
}
