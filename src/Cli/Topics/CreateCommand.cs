using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary>Makes a topic.</summary>
internal static class CreateCommand
{
    private const string Collision =
        "WARNING: Due to limitations in metric names, topics with a period ('.') or underscore ('_') could collide. To avoid issues it is best to use either, but not both.";

    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Of<string?>("--topic");
        var name = TopicCommands.Positional();
        var partitions = Flags.Of<int?>("--partitions");
        var replication = Flags.Of<int?>("--replication-factor");
        var configs = Flags.Of<string[]>("--config");
        var ifNotExists = Flags.Of<bool>("--if-not-exists");
        var command = new ExampleCommand("create", "Make a topic.", "actors topics create --topic orders --partitions 3 --config retention.ms=86400000")
        {
            name, servers, topic, partitions, replication, configs, ifNotExists,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = Wanted(TopicCommands.Name(parsed, topic, name), parsed.GetValue(partitions), parsed.GetValue(replication), parsed.GetValue(configs)!);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            await RunAsync(terminal, admin, wanted, parsed.GetValue(ifNotExists), cancellation);
            return 0;
        });
        return command;
    }

    /// <exception cref="CommandFailedException">Numbers that no topic has.</exception>
    public static NewTopic Wanted(string name, int? partitions, int? replication, string[] configs)
    {
        if (replication is < 1 or > short.MaxValue) throw new CommandFailedException($"The replication factor must be between 1 and {short.MaxValue} inclusive");
        if (partitions is < 1) throw new CommandFailedException("The partitions must be greater than 0");
        return new NewTopic(name, partitions ?? -1, (short)(replication ?? -1), FlagValues.Pairs("--config", configs));
    }

    public static async Task RunAsync(Terminal terminal, Admin admin, NewTopic wanted, bool ifNotExists, CancellationToken cancellation)
    {
        if (wanted.Name.AsSpan().ContainsAny('.', '_')) terminal.Line(Collision);
        if (!ifNotExists) await admin.CreateTopicAsync(wanted, cancellation: cancellation);
        else if (!await admin.EnsureTopicAsync(wanted, cancellation)) return;
        terminal.Line($"Created topic {wanted.Name}.");
    }
}
