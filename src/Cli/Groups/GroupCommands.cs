using System.CommandLine;
using Actors.Cli.Live;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary><c>actors groups list|describe|watch|delete</c>, but for watch with the flags and lines of kafka-consumer-groups.</summary>
internal static class GroupCommands
{
    public static Command Build(Terminal terminal) => new("groups", "List, describe, watch and delete consumer groups.") 
    {
        List(terminal), Describe(terminal), WatchCommand.Build(terminal), Delete(terminal),
    };

    private static Command List(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var state = new Option<bool>("--state") { Description = "Show each group's state too." };
        var command = new Command("list", "List the groups' names.") { servers, state };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var groups = await admin.ListGroupsAsync(cancellation);
            var lines = parsed.GetValue(state) ? GroupLines.States(groups) : groups.Select(g => g.GroupId);
            foreach (var line in lines) terminal.Line(line);
            return 0;
        });
        return command;
    }

    private static Command Describe(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var group = new Option<string>("--group", "-g") { Description = "The group's name.", HelpName = "group", Required = true };
        var offsets = new Option<bool>("--offsets") { Description = "Show offsets and lag (the default). Lag is the records from the committed offset to the log's end." };
        var members = new Option<bool>("--members") { Description = "Show the members." };
        var verbose = new Option<bool>("--verbose") { Description = "With --members: show each one's partitions." };
        var state = new Option<bool>("--state") { Description = "Show the group's state." };
        var command = new Command("describe", "Show a group's offsets and lag, members or state.") { servers, group, offsets, members, verbose, state };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var found = await admin.DescribeGroupAsync(parsed.GetValue(group)!, cancellation);
            var committed = await admin.CommittedAsync(found.GroupId, cancellation: cancellation);
            if (found.State == "Dead" && committed.Count == 0)
                throw new CommandFailedException($"Consumer group '{found.GroupId}' does not exist.\n'actors groups list' shows the groups there are.");
            if (GroupLines.Remark(found) is { } remark) terminal.Error.WriteLine(remark);
            var lines = parsed.GetValue(members) ? GroupLines.Members(found, parsed.GetValue(verbose))
                : parsed.GetValue(state) ? GroupLines.State(found)
                : await OffsetsAsync(admin, found, committed, cancellation);
            terminal.Line("");
            foreach (var line in lines) terminal.Line(line);
            return 0;
        });
        return command;
    }

    private static Command Delete(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var group = new Option<string>("--group", "-g") { Description = "The group's name.", HelpName = "group", Required = true };
        var command = new Command("delete", "Delete a group without members, with its offsets.") { servers, group };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            await admin.DeleteGroupAsync(parsed.GetValue(group)!, cancellation);
            terminal.Line($"Deletion of requested consumer groups ('{parsed.GetValue(group)}') was successful.");
            return 0;
        });
        return command;
    }

    private static async Task<IEnumerable<string>> OffsetsAsync(
        Admin admin, GroupDescription group, Dictionary<TopicPartition, OffsetAndMetadata> committed, CancellationToken cancellation)
    {
        var ends = await EndsAsync(admin, group, committed, cancellation);
        var left = committed.Where(offset => ends.ContainsKey(offset.Key)).ToDictionary(offset => offset.Key, offset => new OffsetRange(offset.Value.Offset, ends[offset.Key]));
        return GroupLines.Offsets(group, committed, ends, await admin.CountRecordsAsync(left, cancellation));
    }

    /// <summary>Where the logs end; partitions of topics that are gone are left out.</summary>
    private static async Task<Dictionary<TopicPartition, long>> EndsAsync(
        Admin admin, GroupDescription group, Dictionary<TopicPartition, OffsetAndMetadata> committed, CancellationToken cancellation)
    {
        var there = (await admin.ListTopicsAsync(cancellation)).ToDictionary(t => t.Name, t => t.Partitions.Count);
        var wanted = group.Members.SelectMany(m => m.Assignment).Concat(committed.Keys).Distinct()
            .Where(p => there.TryGetValue(p.Topic, out var count) && p.Partition < count)
            .ToDictionary(p => p, _ => LogicalOffset.Latest);
        return (await admin.ListOffsetsAsync(wanted, cancellation: cancellation)).ToDictionary(o => o.Key, o => o.Value.Offset);
    }
}
