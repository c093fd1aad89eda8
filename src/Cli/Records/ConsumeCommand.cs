using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Records;

/// <summary><c>actors consume</c>, with the flags, properties and lines of kafka-console-consumer.</summary>
internal static class ConsumeCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Needed("--topic", "The topic to read.");
        var partition = Flags.Of<int?>("--partition", "Read this one only.");
        var offset = Flags.Of<string?>("--offset");
        var fromBeginning = Flags.Of<bool>("--from-beginning");
        var group = Flags.Of<string?>("--group", "Read as a member of this group, from its committed offsets, and commit.");
        var maxMessages = Flags.Of<long?>("--max-messages");
        var timeout = Flags.Of<int?>("--timeout-ms");
        var isolation = Flags.Needed("--isolation-level", otherwise: "read_uncommitted");
        var key = Flags.Of<string?>("--key");
        var value = Flags.Needed("--value", otherwise: "string");
        var json = Flags.Of<bool>("--json");
        var properties = Flags.Of<string[]>("--property", $"How records are shown; may be given several times. Known: {string.Join(", ", RecordStyle.Known)}.");
        var command = new ExampleCommand("consume", "Show a topic's records, a line each, until Ctrl+C.",
            "actors consume --topic ratings --from-beginning --property print.key=true\n  actors consume --topic ratings --group reports --max-messages 100 --json")
        {
            servers, topic, partition, offset, fromBeginning, group, maxMessages, timeout, isolation, key, value, json, properties,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var style = RecordStyle.Of(
                FlagValues.Pairs("--property", parsed.GetValue(properties)!, RecordStyle.Known),
                parsed.GetValue(key) is { } given ? DataFormats.Parse("--key", given) : null, DataFormats.Parse("--value", parsed.GetValue(value)!), parsed.GetValue(json));
            var request = new ConsumeRequest([parsed.GetValue(topic)!], style)
            {
                Partition = parsed.GetValue(partition), Offset = Offset(parsed.GetValue(offset)), FromBeginning = parsed.GetValue(fromBeginning), Group = parsed.GetValue(group),
                MaxMessages = parsed.GetValue(maxMessages) ?? -1, Timeout = Patience(parsed.GetValue(timeout)), Isolation = Isolation(parsed.GetValue(isolation)!),
            };
            Check(request);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            var (_, shown) = await Consumption.RunAsync(terminal, client, request, cancellation);
            terminal.Error.WriteLine($"Processed a total of {shown} messages");
            return 0;
        });
        return command;
    }

    /// <summary>Without end where it is negative or left out.</summary>
    public static TimeSpan? Patience(int? milliseconds) => milliseconds is >= 0 and { } ms ? TimeSpan.FromMilliseconds(ms) : null;

    /// <exception cref="UsageException">No isolation level.</exception>
    public static IsolationLevel Isolation(string text) => text switch
    {
        "read_uncommitted" => IsolationLevel.ReadUncommitted,
        "read_committed" => IsolationLevel.ReadCommitted,
        _ => throw new UsageException($"--isolation-level {text}: read_uncommitted or read_committed is meant"),
    };

    private static void Check(ConsumeRequest request)
    {
        if (request.Offset is not null && request.Partition is null) throw new UsageException("--offset needs --partition");
        if (request.Offset is not null && request.FromBeginning) throw new UsageException("--offset and --from-beginning exclude each other");
        if (request.Group is not null && request.Partition is not null) throw new UsageException("--group and --partition exclude each other: the group shares the partitions");
    }

    private static long? Offset(string? text) => text switch
    {
        null => null,
        "earliest" => LogicalOffset.Earliest,
        "latest" => LogicalOffset.Latest,
        _ when long.TryParse(text, out var offset) && offset >= 0 => offset,
        _ => throw new UsageException($"--offset {text}: a number from 0, earliest or latest is meant"),
    };
}
