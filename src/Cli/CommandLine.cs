using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using Actors.Cli.Tools;
using Actors.Client;
using Actors.Protocol;

namespace Actors.Cli;

/// <summary>The program as a function of its name, its arguments and a terminal. Exit codes: 0 done, 1 it could not be done, 2 the command line makes no sense.</summary>
internal static class CommandLine
{
    public static readonly TimeSpan TimeToEnd = TimeSpan.FromSeconds(8);

    public static async Task<int> RunAsync(string startedAs, string[] args, Terminal terminal, CancellationToken cancellation = default)
    {
        // The directive [suggest] is completion's; it answers alike under every name.
        if (KafkaTools.Find(startedAs, terminal) is { } tool && args is not [['[', ..], ..]) return await tool.RunAsync(args, cancellation);
        var parsed = Root(startedAs, args, terminal).Parse(args);
        if (parsed.Action is ParseErrorAction)
        {
            foreach (var error in parsed.Errors) terminal.Error.WriteLine($"actors: {error.Message}");
            terminal.Error.WriteLine($"Try '{Path(parsed)} --help'.");
            return 2;
        }
        try
        {
            using var output = new StreamWriter(terminal.Output, leaveOpen: true) { AutoFlush = true };
            var configuration = new InvocationConfiguration
            {
                EnableDefaultExceptionHandler = false, Output = output, Error = terminal.Error, ProcessTerminationTimeout = TimeToEnd,
            };
            var code = await parsed.InvokeAsync(configuration, cancellation);
            if (parsed.Action is HelpAction && parsed.CommandResult.Command is ExampleCommand { Example: var example }) terminal.Line($"Example:\n  {example}\n");
            return code;
        }
        catch (UsageException error)
        {
            terminal.Error.WriteLine($"actors: {error.Message}");
            terminal.Error.WriteLine($"Try '{Path(parsed)} --help'.");
            return 2;
        }
        catch (Exception error) when (error is CommandFailedException or KafkaException)
        {
            terminal.Error.WriteLine($"actors: {error.Message}");
            if (error is KafkaException { Error: var code } && Remedy(code) is { } remedy) terminal.Error.WriteLine(remedy);
            return 1;
        }
        catch (OperationCanceledException)
        {
            terminal.Error.WriteLine("actors: interrupted");
            return 1;
        }
    }

    /// <summary>The commands that the name stands for: one of Kafka's tools, or <c>actors</c>.</summary>
    private static RootCommand Root(string startedAs, string[] args, Terminal terminal) => KafkaTools.Find(startedAs, terminal)?.Command ?? Actors(args, terminal);

    private static RootCommand Actors(string[] args, Terminal terminal)
    {
        var root = new RootCommand("Topics, records, groups, topologies and nodes of Actors; topics, records and groups of any Kafka cluster.") { HelpName = "actors" };
        foreach (var command in CommandEntry.All) root.Add(command.IsMeantBy(args) ? command.Build(terminal) : new Command(command.Name, command.Meaning));
        return root;
    }

    private static string Path(ParseResult parsed)
    {
        var names = new Stack<string>();
        for (System.CommandLine.Parsing.SymbolResult? at = parsed.CommandResult; at is System.CommandLine.Parsing.CommandResult command; at = at.Parent)
            names.Push(command.Command is RootCommand ? "actors" : command.Command.Name);
        return string.Join(' ', names);
    }

    private static string? Remedy(ErrorCode error) => error switch
    {
        ErrorCode.NetworkException or ErrorCode.RequestTimedOut or ErrorCode.BrokerNotAvailable =>
            "Is a node running there? Name another with --bootstrap-server HOST:PORT.",
        ErrorCode.UnknownTopicOrPartition => "'actors topics list' shows the topics there are, 'actors topics create --topic NAME' makes one.",
        ErrorCode.TopicAlreadyExists => "With --if-not-exists that is no error.",
        ErrorCode.NonEmptyGroup => "Stop the group's members first; 'actors groups describe --group NAME --members' names them.",
        ErrorCode.GroupIdNotFound => "'actors groups list' shows the groups there are.",
        ErrorCode.UnsupportedVersion => "The broker is too old, or does not serve this yet.",
        _ => null,
    };
}
