using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary>Adds partitions to a topic.</summary>
internal static class AlterCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Of<string?>("--topic");
        var name = TopicCommands.Positional();
        var partitions = Flags.Of<int>("--partitions", "How many partitions the topic shall have: more than it has. Keys go to other partitions from then on.");
        partitions.Required = true;
        var command = new ExampleCommand("alter", "Add partitions to a topic.", "actors topics alter --topic orders --partitions 6") { name, servers, topic, partitions };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = TopicCommands.Name(parsed, topic, name);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            await admin.CreatePartitionsAsync(wanted, parsed.GetValue(partitions), cancellation: cancellation);
            return 0;
        });
        return command;
    }
}
