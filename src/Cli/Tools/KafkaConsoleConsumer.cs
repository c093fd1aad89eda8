using System.CommandLine;
using Actors.Cli.Records;
using Actors.Client;

namespace Actors.Cli.Tools;

/// <summary><c>kafka-console-consumer</c>. Source: <c>org.apache.kafka.tools.consumer.ConsoleConsumer</c>.</summary>
internal sealed class KafkaConsoleConsumer : KafkaTool
{
    private const string Logger = "org.apache.kafka.tools.consumer.ConsoleConsumer", ClientId = "console-consumer";

    private static readonly string[] Meant =
        ["group.id", "client.id", "auto.offset.reset", "isolation.level", "enable.auto.commit", "auto.commit.interval.ms", "bootstrap.servers", "key.deserializer", "value.deserializer"];

    private readonly Option<string?> _topic, _include, _offset, _group, _isolation, _formatter, _formatterConfig, _keyDeserializer, _valueDeserializer, _config;
    private readonly Option<int?> _partition, _timeout;
    private readonly Option<long?> _maxMessages;
    private readonly Option<bool> _fromBeginning;
    private readonly Option<string[]> _properties, _consumerProperties;

    public KafkaConsoleConsumer(Terminal terminal) : base(terminal, "kafka-console-consumer", "This tool helps to read data from Kafka topics and outputs it to standard output.")
    {
        _topic = Add(Flags.Of<string?>("--topic", "The topic to consume on."));
        _include = Add(Flags.Of<string?>("--include"));
        _partition = Add(Flags.Of<int?>("--partition", "The partition to consume from."));
        _offset = Add(Flags.Of<string?>("--offset"));
        _fromBeginning = Add(Flags.Of<bool>("--from-beginning"));
        _group = Add(Flags.Of<string?>("--group", "The consumer group id of the consumer."));
        _maxMessages = Add(Flags.Of<long?>("--max-messages"));
        _timeout = Add(Flags.Of<int?>("--timeout-ms"));
        _isolation = Add(Flags.Of<string?>("--isolation-level"));
        _properties = Add(Flags.Of<string[]>("--property", $"How records are shown. Known: {string.Join(", ", RecordStyle.Known)}, key.deserializer, value.deserializer."));
        _formatter = Add(Flags.Of<string?>("--formatter"));
        _formatterConfig = Add(new Option<string?>("--formatter-config") { Description = "A properties file for the formatter; --property wins over it.", HelpName = "file" });
        _keyDeserializer = Add(Flags.Of<string?>("--key-deserializer"));
        _valueDeserializer = Add(Flags.Of<string?>("--value-deserializer"));
        _consumerProperties = Add(Flags.Of<string[]>("--consumer-property"));
        _config = Add(Flags.Of<string?>("--consumer.config"));
        foreach (var name in (string[])["--skip-message-on-error", "--enable-systest-events"]) Add(Flags.Ignored(name));
    }

    protected override void Tell(string[] args, Exception error)
    {
        Terminal.Error.WriteLine(JavaError.Log("ERROR", "Unknown error when running consumer: ", Logger));
        Terminal.Error.WriteLine(JavaError.Whole(error));
        if (JavaError.Remedy(error) is { } remedy) Terminal.Error.WriteLine(remedy);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Check(parsed);
        var settings = FlagValues.Properties("--consumer.config", parsed.GetValue(_config));
        foreach (var (name, value) in FlagValues.Pairs("--consumer-property", parsed.GetValue(_consumerProperties)!)) settings[name] = value;
        if (settings.Keys.Except(Meant).ToList() is { Count: > 0 } unused)
            Terminal.Error.WriteLine(JavaError.Log("WARN", $"These configurations '[{string.Join(", ", unused)}]' were supplied but are not used yet.", "org.apache.kafka.clients.consumer.ConsumerConfig"));
        var style = Style(parsed, settings);
        await using var client = FlagValues.Connect(Terminal, parsed.GetValue(Servers)!, settings.GetValueOrDefault("client.id", ClientId));
        var request = new ConsumeRequest(await TopicsAsync(parsed, client, cancellation), style)
        {
            Partition = parsed.GetValue(_partition),
            Offset = Offset(parsed.GetValue(_offset)),
            FromBeginning = parsed.GetValue(_fromBeginning) || settings.GetValueOrDefault("auto.offset.reset") == "earliest",
            Group = parsed.GetValue(_group) ?? settings.GetValueOrDefault("group.id"),
            MaxMessages = parsed.GetValue(_maxMessages) ?? -1,
            Timeout = ConsumeCommand.Patience(parsed.GetValue(_timeout)),
            Isolation = ConsumeCommand.Isolation(parsed.GetValue(_isolation) ?? settings.GetValueOrDefault("isolation.level", "read_uncommitted")),
            AutoCommit = settings.IsTrue("enable.auto.commit", otherwise: true) ? TimeSpan.FromMilliseconds(Number(settings, "auto.commit.interval.ms", 5000)) : null,
        };
        var (end, shown) = await Consumption.RunAsync(Terminal, client, request, cancellation);
        if (end == ReadEnd.TimedOut)
        {
            Terminal.Error.WriteLine(JavaError.Log("ERROR", "Error processing message, terminating consumer process: ", Logger));
            Terminal.Error.WriteLine("org.apache.kafka.common.errors.TimeoutException");
        }
        if (end == ReadEnd.Unread) Terminal.Error.WriteLine("Unable to write to standard out, closing consumer.");
        Terminal.Error.WriteLine($"Processed a total of {shown} messages");
        return 0;
    }

    private void Check(ParseResult parsed)
    {
        if (parsed.Has(_topic) == parsed.Has(_include)) throw new UsageException("Exactly one of --include/--topic is required. ");
        Require(parsed, Servers);
        if (parsed.Has(_partition) && !parsed.Has(_topic)) throw new UsageException("The topic is required when partition is specified.");
        if (parsed.Has(_offset) && !parsed.Has(_partition)) throw new UsageException("The partition is required when offset is specified.");
        if (parsed.Has(_offset) && parsed.Has(_fromBeginning)) throw new UsageException("Options from-beginning and offset cannot be specified together.");
        if (parsed.Has(_group) && parsed.Has(_partition)) throw new UsageException("Options group and partition cannot be specified together.");
    }

    private RecordStyle Style(ParseResult parsed, Dictionary<string, string> settings)
    {
        var properties = FlagValues.Properties("--formatter-config", parsed.GetValue(_formatterConfig));
        foreach (var (name, value) in FlagValues.Pairs("--property", parsed.GetValue(_properties)!)) properties[name] = value;
        DataFormat Format(Option<string?> option) => (parsed.GetValue(option) ?? properties.GetValueOrDefault(Name(option).Replace('-', '.')) ?? settings.GetValueOrDefault(Name(option).Replace('-', '.'))) is { } given
            ? Deserializer(option.Name, given)
            : DataFormat.String;
        var style = RecordStyle.Of(properties, Format(_keyDeserializer), Format(_valueDeserializer), json: false);
        return parsed.GetValue(_formatter)?.Split('.')[^1] switch
        {
            null or "DefaultMessageFormatter" => style,
            "NoOpMessageFormatter" => style with { Silent = true },
            _ => throw new UsageException($"--formatter {parsed.GetValue(_formatter)}: this formatter is not there; leave it out, or name DefaultMessageFormatter or NoOpMessageFormatter"),
        };
    }

    private static DataFormat Deserializer(string option, string text) => text.Split('.')[^1] switch
    {
        "StringDeserializer" => DataFormat.String,
        "LongDeserializer" => DataFormat.Long,
        "IntegerDeserializer" => DataFormat.Integer,
        "ShortDeserializer" => DataFormat.Short,
        "DoubleDeserializer" => DataFormat.Double,
        "FloatDeserializer" => DataFormat.Float,
        "BooleanDeserializer" => DataFormat.Boolean,
        "UUIDDeserializer" => DataFormat.Uuid,
        "BytesDeserializer" or "ByteArrayDeserializer" => DataFormat.Bytes,
        "TimeWindowedDeserializer" => DataFormat.WindowedString,
        "SessionWindowedDeserializer" => DataFormat.SessionWindowedString,
        _ => throw new UsageException($"{option} {text}: this deserializer is not there; those of org.apache.kafka.common.serialization are"),
    };

    private async ValueTask<IReadOnlyList<string>> TopicsAsync(ParseResult parsed, ClusterClient client, CancellationToken cancellation)
    {
        if (parsed.GetValue(_topic) is { } topic) return [topic];
        await using var admin = new Admin(client);
        var found = await Topics.ListCommand.FindAsync(admin, FlagValues.TopicPattern("--include", parsed.GetValue(_include)!), excludeInternal: true, cancellation);
        return found.Count > 0 ? [.. found.Select(t => t.Name)] : throw new CommandFailedException($"no topic's name matches --include {parsed.GetValue(_include)}");
    }

    private static long? Offset(string? text) => text?.ToLowerInvariant() switch
    {
        null => null,
        "earliest" => LogicalOffset.Earliest,
        "latest" => LogicalOffset.Latest,
        _ when long.TryParse(text, out var offset) && offset >= 0 => offset,
        _ => throw new UsageException($"The provided offset value '{text}' is incorrect. Valid values are 'earliest', 'latest', or a non-negative long."),
    };

    private static int Number(Dictionary<string, string> settings, string name, int otherwise) =>
        !settings.TryGetValue(name, out var text) ? otherwise : int.TryParse(text, out var number) && number > 0 ? number : throw new UsageException($"{name}={text}: a number from 1 is meant");
}
