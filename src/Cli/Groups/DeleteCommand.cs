using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Deletes groups, or their offsets of some topics.</summary>
internal static class DeleteCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var group = Flags.Needed("--group");
        var topics = Flags.Of<string[]>("--topic", "Delete only the group's offsets of this topic, topic:0,1 for some of its partitions; may be given several times.");
        var command = new ExampleCommand("delete", "Delete a group without members, with its offsets.", "actors groups delete --group reports\n  actors groups delete --group reports --topic orders:0,1") { servers, group, topics };
        command.SetAction(async (parsed, cancellation) =>
        {
            var name = parsed.GetValue(group)!;
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            if (parsed.GetValue(topics)! is { Length: > 0 } some)
            {
                var refused = (await OffsetsAsync(admin, name, some, cancellation)).Where(r => r.Value is not null).Select(r => r.Value!).FirstOrDefault();
                if (refused is not null) throw refused;
                terminal.Line($"Request succeed for deleting offsets with topic {string.Join(", ", some)} group {name}");
                return 0;
            }
            await admin.DeleteGroupAsync(name, cancellation);
            terminal.Line(Done([name]));
            return 0;
        });
        return command;
    }

    public static string Done(IEnumerable<string> names) => $"Deletion of requested consumer groups ({Quoted(names)}) was successful.";

    public static string Quoted(IEnumerable<string> names) => string.Join(", ", names.Select(name => $"'{name}'"));

    /// <summary>Deletes a group's offsets; what became of each partition, null for done.</summary>
    public static async Task<IReadOnlyDictionary<TopicPartition, KafkaException?>> OffsetsAsync(Admin admin, string group, string[] topics, CancellationToken cancellation)
    {
        var partitions = new List<TopicPartition>();
        foreach (var topic in topics) partitions.AddRange(await PartitionChoice.OfAsync(admin, topic, cancellation));
        return await admin.DeleteOffsetsAsync(group, [.. partitions.Distinct()], cancellation);
    }
}
