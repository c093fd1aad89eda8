using System.CommandLine;
using Actors.Client;
using Actors.Protocol;

namespace Actors.Cli.Topics;

/// <summary>Deletes a topic.</summary>
internal static class DeleteCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Of<string?>("--topic");
        var name = TopicCommands.Positional();
        var ifExists = Flags.Of<bool>("--if-exists");
        var command = new ExampleCommand("delete", "Delete a topic with all its records.", "actors topics delete --topic orders --if-exists") { name, servers, topic, ifExists };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = TopicCommands.Name(parsed, topic, name);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            try
            {
                await admin.DeleteTopicAsync(wanted, cancellation);
            }
            catch (KafkaException error) when (error.Error == ErrorCode.UnknownTopicOrPartition && parsed.GetValue(ifExists))
            {
                return 0;
            }
            return 0;
        });
        return command;
    }
}
