using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Sets a group's offsets anew, while it has no members.</summary>
internal static class ResetCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var group = Flags.Needed("--group");
        var topics = Flags.Of<string[]>("--topic", "The topic, topic:0,1 for some of its partitions; may be given several times. Left out: all that the group has committed offsets of.");
        var allTopics = Flags.Of<bool>("--all-topics");
        var flags = new ResetFlags();
        var dryRun = Flags.Of<bool>("--dry-run", "Only show what the offsets would be (the default).");
        var execute = Flags.Of<bool>("--execute");
        var export = Flags.Of<bool>("--export");
        var command = new ExampleCommand("reset-offsets", "Set a group's offsets anew, while it has no members.",
            "actors groups reset-offsets --group reports --topic orders --to-earliest --execute\n  actors groups reset-offsets --group reports --all-topics --by-duration PT1H") { servers, group, topics, allTopics, dryRun, execute, export };
        foreach (var option in flags.All) command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetValue(group)!;
            if (parsed.GetValue(dryRun) && parsed.GetValue(execute)) throw new UsageException("--dry-run and --execute exclude each other");
            var target = flags.Target(parsed, [name]) ?? throw new UsageException($"one of {string.Join(", ", flags.All.Select(o => o.Name))} says where to");
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var reset = new GroupReset(admin, target, warning => terminal.Error.WriteLine($"actors: {warning}"))
            {
                Topics = parsed.GetValue(topics)! is { Length: > 0 } some && !parsed.GetValue(allTopics) ? some : null, Execute = parsed.GetValue(execute),
            };
            Show(terminal, [(name, await reset.RunAsync(name, cancellation))], parsed.GetValue(export));
            if (!parsed.GetValue(execute) && !parsed.GetValue(dryRun) && !parsed.GetValue(export)) terminal.Error.WriteLine("Nothing was changed: --execute does it.");
            return 0;
        });
        return command;
    }

    public static void Show(Terminal terminal, IReadOnlyList<(string Group, IReadOnlyDictionary<TopicPartition, long> Offsets)> reset, bool export)
    {
        static string Line(string group, string topic, string partition, string offset) => $"{group,-30} {topic,-30} {partition,-10} {offset,-15}";

        if (export)
        {
            terminal.Line(OffsetsFile.Write(reset));
            return;
        }
        terminal.Line($"\n{Line("GROUP", "TOPIC", "PARTITION", "NEW-OFFSET")}");
        foreach (var (group, offsets) in reset)
            foreach (var (partition, offset) in offsets) terminal.Line(Line(group, partition.Topic, $"{partition.Partition}", $"{offset}"));
    }
}
