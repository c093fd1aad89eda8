using System.CommandLine;
using Actors.Cli.Topologies;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary><c>actors topics create|list|describe|delete</c>, with the flags and lines of kafka-topics.</summary>
internal static class TopicCommands
{
    public static Command Build(Terminal terminal) => new("topics", "Make, list, describe and delete topics.")
    {
        Create(terminal), List(terminal), Describe(terminal), Delete(terminal),
    };

    private static Command Create(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var topic = Options.Topic("The topic's name.");
        var name = Positional();
        var partitions = new Option<int?>("--partitions") { Description = "How many; left out: the broker's default.", HelpName = "n" };
        var replication = new Option<short?>("--replication-factor") { Description = "Left out: the broker's default.", HelpName = "n" };
        var configs = new Option<string[]>("--config") { Description = "A topic configuration; may be given several times.", HelpName = "name=value", DefaultValueFactory = _ => [] };
        var ifNotExists = new Option<bool>("--if-not-exists") { Description = "A topic that is there already is no error." };
        var command = new ExampleCommand("create", "Make a topic.", "actors topics create --topic orders --partitions 3 --config retention.ms=86400000")
        {
            name, servers, topic, partitions, replication, configs, ifNotExists,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = Name(parsed, topic, name);
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var made = new NewTopic(wanted, parsed.GetValue(partitions) ?? -1, parsed.GetValue(replication) ?? -1, Options.Pairs("--config", parsed.GetValue(configs)!));
            if (!parsed.GetValue(ifNotExists)) await admin.CreateTopicAsync(made, cancellation: cancellation);
            else if (!await admin.EnsureTopicAsync(made, cancellation)) return 0;
            terminal.Line($"Created topic {wanted}.");
            return 0;
        });
        return command;
    }

    private static Command List(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var excludeInternal = new Option<bool>("--exclude-internal") { Description = "Leave internal topics out." };
        var command = new Command("list", "List the topics' names.") { servers, excludeInternal };
        command.SetAction(async (parsed, cancellation) =>
        {
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            foreach (var topic in await admin.ListTopicsAsync(cancellation))
                if (!topic.IsInternal || !parsed.GetValue(excludeInternal)) terminal.Line(topic.Name);
            return 0;
        });
        return command;
    }

    private static Command Describe(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var topic = Options.Topic("The topic; left out: all of them.");
        var name = Positional();
        var storage = new Option<bool>("--storage") { Description = "Show what each partition holds in the journal instead: rows, bytes, first and last offset. Asks the node's HTTP address." };
        var http = new Option<string>("--http") { Description = "The node's HTTP address, for --storage.", HelpName = "url", DefaultValueFactory = _ => "http://127.0.0.1:8080" };
        var command = new Command("describe", "Show topics' partitions and what is configured for them.") { name, servers, topic, storage, http };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = parsed.GetValue(topic) ?? parsed.GetValue(name);
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var topics = wanted is null ? await admin.ListTopicsAsync(cancellation) : [await admin.DescribeTopicAsync(wanted, cancellation)];
            if (parsed.GetValue(storage))
            {
                using var node = new NodeHttp(terminal, parsed.GetValue(http)!);
                var stored = new List<TopicStorage>();
                foreach (var found in topics) stored.Add(await node.StorageAsync(found.Name, cancellation));
                foreach (var line in TopicStorage.Lines(stored)) terminal.Line(line);
                return 0;
            }
            foreach (var found in topics)
                foreach (var line in TopicLines.Describe(found, await admin.DescribeTopicConfigsAsync(found.Name, cancellation))) terminal.Line(line);
            return 0;
        });
        return command;
    }

    private static Command Delete(Terminal terminal)
    {
        var servers = Options.BootstrapServer();
        var topic = Options.Topic("The topic's name.");
        var name = Positional();
        var ifExists = new Option<bool>("--if-exists") { Description = "A topic that is not there is no error." };
        var command = new Command("delete", "Delete a topic with all its records.") { name, servers, topic, ifExists };
        command.SetAction(async (parsed, cancellation) =>
        {
            var wanted = Name(parsed, topic, name);
            await using var client = Options.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            try
            {
                await admin.DeleteTopicAsync(wanted, cancellation);
            }
            catch (KafkaException error) when (error.Error == Protocol.ErrorCode.UnknownTopicOrPartition && parsed.GetValue(ifExists))
            {
                return 0;
            }
            return 0;
        });
        return command;
    }

    private static Argument<string?> Positional() => new("name") { Description = "The topic, instead of --topic.", Arity = ArgumentArity.ZeroOrOne };

    private static string Name(ParseResult parsed, Option<string?> option, Argument<string?> positional) => (parsed.GetValue(option), parsed.GetValue(positional)) switch
    {
        ({ Length: > 0 } named, null) => named,
        (null, { Length: > 0 } named) => named,
        (null, null) => throw new UsageException("--topic is missing"),
        var (one, other) => throw new UsageException($"which topic, {one} or {other}?"),
    };
}
