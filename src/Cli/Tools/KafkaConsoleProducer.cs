using System.CommandLine;
using System.Globalization;
using Actors.Cli.Records;
using Actors.Client;

namespace Actors.Cli.Tools;

/// <summary><c>kafka-console-producer</c>. Source: <c>kafka.tools.ConsoleProducer</c>.</summary>
internal sealed class KafkaConsoleProducer : KafkaTool
{
    private const string ClientId = "console-producer";

    /// <summary>The producer's settings that flags stand for, and those that have a meaning here.</summary>
    private static readonly string[] Meant =
        ["acks", "batch.size", "linger.ms", "compression.type", "client.id", "enable.idempotence", "max.block.ms", "buffer.memory", "bootstrap.servers", "key.serializer", "value.serializer", "delivery.timeout.ms", "max.request.size"];

    private readonly Option<string?> _oldServers, _topic, _codec, _acks, _config, _readerConfig;
    private readonly Option<int?> _linger, _maxBlock, _batchSize;
    private readonly Option<long?> _memory;
    private readonly Option<bool> _sync;
    private readonly Option<string[]> _properties, _producerProperties;

    public KafkaConsoleProducer(Terminal terminal) : base(terminal, "kafka-console-producer", "This tool helps to read data from standard input and publish it to Kafka.")
    {
        _oldServers = Add(Flags.Of<string?>("--broker-list"));
        _topic = Add(Flags.Of<string?>("--topic", "The topic id to produce messages to."));
        _sync = Add(Flags.Action("--sync", "Wait for each record's acknowledgement before the next is sent."));
        _codec = Add(Flags.Of<string?>("--compression-codec"));
        _codec.Arity = ArgumentArity.ZeroOrOne;
        _acks = Add(Flags.Of<string?>("--request-required-acks"));
        _batchSize = Add(new Option<int?>("--max-partition-memory-bytes") { Description = "Bytes at which a batch is full.", HelpName = "bytes" });
        _linger = Add(Flags.Of<int?>("--timeout"));
        _maxBlock = Add(new Option<int?>("--max-block-ms") { Description = "How long a record waits for the topic or for memory.", HelpName = "ms" });
        _memory = Add(new Option<long?>("--max-memory-bytes") { Description = "Most bytes of records that wait to be sent.", HelpName = "bytes" });
        _properties = Add(Flags.Of<string[]>("--property", $"How lines are read. Known: {string.Join(", ", LineParser.Known)}."));
        _readerConfig = Add(new Option<string?>("--reader-config") { Description = "A properties file for the reader of lines; --property wins over it.", HelpName = "file" });
        _producerProperties = Add(Flags.Of<string[]>("--producer-property"));
        _config = Add(Flags.Of<string?>("--producer.config"));
        foreach (var name in (string[])["--batch-size", "--line-reader", "--message-send-max-retries", "--metadata-expiry-ms", "--request-timeout-ms", "--retry-backoff-ms", "--socket-buffer-size"])
            Add(Flags.Ignored(name));
    }

    protected override void Tell(string[] args, Exception error)
    {
        Terminal.Error.WriteLine(error is CommandFailedException ? $"org.apache.kafka.common.KafkaException: {error.Message}" : JavaError.Whole(error));
        if (JavaError.Remedy(error) is { } remedy) Terminal.Error.WriteLine(remedy);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Require(parsed, _topic);
        if (!parsed.Has(_oldServers)) Require(parsed, Servers);
        var properties = FlagValues.Properties("--reader-config", parsed.GetValue(_readerConfig));
        foreach (var (name, value) in FlagValues.Pairs("--property", parsed.GetValue(_properties)!)) properties[name] = value;
        var parser = new LineParser(parsed.GetValue(_topic)!, null, properties);
        var settings = Settings(parsed);
        if (settings.Keys.Except(Meant).ToList() is { Count: > 0 } unused)
            Terminal.Error.WriteLine(JavaError.Log("WARN", $"These configurations '[{string.Join(", ", unused)}]' were supplied but are not used yet.", "org.apache.kafka.clients.producer.ProducerConfig"));
        var options = Options(settings);
        await using var client = FlagValues.Connect(Terminal, parsed.GetValue(Servers) ?? parsed.GetValue(_oldServers)!, settings.GetValueOrDefault("client.id", ClientId));
        await Production.RunAsync(Terminal, client, options, parser, parsed.GetValue(_sync), cancellation);
        return 0;
    }

    /// <summary>The file's settings, those of --producer-property over them, the flags' over both.</summary>
    private Dictionary<string, string> Settings(ParseResult parsed)
    {
        var settings = FlagValues.Properties("--producer.config", parsed.GetValue(_config));
        foreach (var (name, value) in FlagValues.Pairs("--producer-property", parsed.GetValue(_producerProperties)!)) settings[name] = value;
        if (parsed.Has(_codec)) settings["compression.type"] = parsed.GetValue(_codec) ?? "gzip";
        if (parsed.GetValue(_acks) is { } acks) settings["acks"] = acks;
        foreach (var (option, name) in ((Option<int?>, string)[])[(_linger, "linger.ms"), (_maxBlock, "max.block.ms"), (_batchSize, "batch.size")])
            if (parsed.GetValue(option) is { } number) settings[name] = number.ToString(CultureInfo.InvariantCulture);
        if (parsed.GetValue(_memory) is { } memory) settings["buffer.memory"] = memory.ToString(CultureInfo.InvariantCulture);
        return settings;
    }

    private static ProducerOptions Options(Dictionary<string, string> settings)
    {
        var acks = ProduceCommand.Acks(settings.GetValueOrDefault("acks", "-1"));
        long Number(string name, long otherwise) =>
            !settings.TryGetValue(name, out var text) ? otherwise : long.TryParse(text, out var number) && number is >= 0 and <= int.MaxValue ? number : throw new UsageException($"{name}={text}: a number from 0 is meant");
        var largest = (int)Number("max.request.size", 1 << 20);
        return new ProducerOptions
        {
            Acks = acks,
            Idempotent = settings.IsTrue("enable.idempotence", otherwise: acks == -1),
            Compression = ProduceCommand.Codec(settings.GetValueOrDefault("compression.type", "none")),
            BatchSize = (int)Math.Max(Number("batch.size", 64 << 10), 1),
            Linger = TimeSpan.FromMilliseconds(Number("linger.ms", 0)),
            MaxBlock = TimeSpan.FromMilliseconds(Number("max.block.ms", 10_000)),
            DeliveryTimeout = TimeSpan.FromMilliseconds(Number("delivery.timeout.ms", 120_000)),
            MaxRequestSize = largest,
            BufferMemory = Math.Max(Number("buffer.memory", 32 << 20), largest),
        };
    }
}
