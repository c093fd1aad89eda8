using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>What of a group is shown.</summary>
internal enum GroupView
{
    Offsets,
    Members,
    State,
}

/// <summary>Shows groups' offsets and lag, members or state.</summary>
internal static class DescribeCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var group = Flags.Of<string[]>("--group", "The group's name; may be given several times.");
        var all = Flags.Of<bool>("--all-groups");
        var offsets = Flags.Of<bool>("--offsets");
        var members = Flags.Of<bool>("--members");
        var verbose = Flags.Of<bool>("--verbose");
        var state = Flags.Of<bool>("--state", "Show the group's state.");
        var output = Flags.Output();
        var command = new ExampleCommand("describe", "Show groups' offsets and lag, members or state.",
            "actors groups describe --group reports\n  actors groups describe --all-groups --state") { servers, group, all, offsets, members, verbose, state, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            if (parsed.GetValue(group)!.Length == 0 && !parsed.GetValue(all)) throw new UsageException("--group is missing; or --all-groups");
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var names = await NamesAsync(admin, parsed.GetValue(group)!, parsed.GetValue(all), cancellation);
            if (json)
            {
                await JsonAsync(terminal, admin, names, cancellation);
                return 0;
            }
            var view = parsed.GetValue(members) ? GroupView.Members : parsed.GetValue(state) ? GroupView.State : GroupView.Offsets;
            var missing = await RunAsync(terminal, admin, names, view, parsed.GetValue(verbose), _ => { }, cancellation);
            return missing.Count == 0 ? 0 : throw Missing(missing);
        });
        return command;
    }

    /// <summary>The groups named, or all there are, in the order of their names.</summary>
    public static async Task<IReadOnlyList<string>> NamesAsync(Admin admin, string[] named, bool all, CancellationToken cancellation) =>
        all ? [.. (await admin.ListGroupsAsync(cancellation)).Select(g => g.GroupId)] : [.. named.Distinct().Order(StringComparer.Ordinal)];

    /// <summary>Shows group after group, and gives those that are not there.</summary>
    public static async Task<List<string>> RunAsync(
        Terminal terminal, Admin admin, IReadOnlyList<string> names, GroupView view, bool verbose, Action<string> missing, CancellationToken cancellation)
    {
        var absent = new List<string>();
        using var progress = new Progress(terminal, "groups", names.Count);
        for (var i = 0; i < names.Count; i++)
        {
            progress.At(i);
            var group = await admin.DescribeGroupAsync(names[i], cancellation);
            if (group.State == "Dead")
            {
                absent.Add(names[i]);
                missing(names[i]);
                continue;
            }
            if (GroupLines.Remark(group) is { } remark) terminal.Error.WriteLine($"\n{remark}");
            var lines = view switch
            {
                GroupView.Members => GroupLines.Members(group, verbose),
                GroupView.State => GroupLines.State(group),
                _ => GroupLines.Offsets(await GroupOffsets.OfAsync(admin, group, cancellation)),
            };
            var text = string.Join('\n', lines);
            if (text.Length > 0) terminal.Line($"\n{text}");
        }
        return absent;
    }

    private static async Task JsonAsync(Terminal terminal, Admin admin, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var (described, missing) = (new List<object>(), new List<string>());
        foreach (var name in names)
        {
            var group = await admin.DescribeGroupAsync(name, cancellation);
            if (group.State == "Dead")
            {
                missing.Add(name);
                continue;
            }
            var offsets = await GroupOffsets.OfAsync(admin, group, cancellation);
            var owners = group.Members.SelectMany(m => m.Assignment.Select(p => (p, m.MemberId))).ToDictionary(o => o.p, o => o.MemberId);
            described.Add(new
            {
                Group = name, group.State, group.Assignor, Coordinator = group.Coordinator.Id,
                Members = group.Members.Select(m => new { m.MemberId, m.GroupInstanceId, m.Host, m.ClientId, Assignment = m.Assignment.Order() }),
                Offsets = offsets.Committed.Keys.Union(owners.Keys).Order().Select(p => new
                {
                    p.Topic, p.Partition, CurrentOffset = offsets.Current(p), LogEndOffset = offsets.End(p), Lag = offsets.Lag(p), MemberId = owners.GetValueOrDefault(p),
                }),
            });
        }
        terminal.Json(described);
        if (missing.Count > 0) throw Missing(missing);
    }

    private static CommandFailedException Missing(List<string> names) =>
        new($"Consumer group '{string.Join("', '", names)}' does not exist.\n'actors groups list' shows the groups there are.");
}
