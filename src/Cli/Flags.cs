using System.CommandLine;

namespace Actors.Cli;

/// <summary>The table of flags, each under Kafka's name: parsing, help and completion of every command and of Kafka's tools take them from here.</summary>
internal static class Flags
{
    /// <param name="Value">What stands after the flag in the help; empty for a switch.</param>
    /// <param name="Meaning">A sentence.</param>
    /// <param name="Words">Values to complete with.</param>
    /// <param name="Short">Another name.</param>
    private sealed record Row(string Value, string Meaning, string[]? Words = null, string? Short = null);

    private static readonly string[] Codecs = ["none", "gzip", "snappy", "lz4", "zstd"];

    private static readonly string[] GroupStates = ["Stable", "Empty", "PreparingRebalance", "CompletingRebalance", "Dead"];

    private static readonly string[] Deserializers =
        ["String", "Long", "Integer", "Short", "Double", "Float", "Boolean", "UUID", "Bytes", "ByteArray"];

    private static readonly Dictionary<string, Row> Table = new()
    {
        ["--bootstrap-server"] = new("host:port,…", "Brokers to ask first.", ["127.0.0.1:9092", "localhost:9092"], "-b"),
        ["--broker-list"] = new("host:port,…", "The old name of --bootstrap-server."),
        ["--command-config"] = new("file", "A properties file with the client's settings."),
        ["--output"] = new("table|json", "How it is shown: lines in columns, or one JSON document.", ["table", "json"]),
        ["--http"] = new("http://host:port,…", "Nodes' HTTP addresses; the first that answers is asked."),

        ["--topic"] = new("topic", "The topic's name.", Short: "-t"),
        ["--partitions"] = new("n", "How many partitions; left out at creation: the broker's default."),
        ["--replication-factor"] = new("n", "How many replicas of each partition; left out: the broker's default."),
        ["--config"] = new("name=value", "A topic configuration; may be given several times."),
        ["--if-not-exists"] = new("", "A topic that is there already is no error."),
        ["--if-exists"] = new("", "A topic that is not there is no error."),
        ["--exclude-internal"] = new("", "Leave internal topics out."),
        ["--under-replicated-partitions"] = new("", "Show only partitions with fewer replicas in sync than replicas."),
        ["--unavailable-partitions"] = new("", "Show only partitions whose leader is not available."),
        ["--storage"] = new("", "Show what each partition holds in the journal instead: rows, bytes, first and last offset. Asks the node's HTTP address."),
        ["--topics-with-overrides"] = new("", "Show only topics that have configurations of their own, without their partitions."),

        ["--partition"] = new("n", "This partition only."),
        ["--offset"] = new("offset", "With --partition: a number, earliest or latest (the default).", ["earliest", "latest"]),
        ["--from-beginning"] = new("", "Start with the oldest record; else only new ones are shown."),
        ["--include"] = new("regex", "Read all topics whose names match."),
        ["--group"] = new("group", "The group's name.", Short: "-g"),
        ["--max-messages"] = new("n", "End after so many."),
        ["--timeout-ms"] = new("ms", "End when no record comes for so long."),
        ["--isolation-level"] = new("level", "read_uncommitted or read_committed.", ["read_uncommitted", "read_committed"]),
        ["--key"] = new("format", "The keys' format. A windowed key is shown as [key@start/end].", Records.DataFormats.All),
        ["--value"] = new("format", "The values' format, likewise.", Records.DataFormats.All),
        ["--json"] = new("", "Show each record as a JSON object with topic, key, value, timestamp, partition, offset, headers and window."),
        ["--formatter"] = new("class", "The formatter's class: DefaultMessageFormatter or NoOpMessageFormatter.", ["org.apache.kafka.tools.consumer.DefaultMessageFormatter", "org.apache.kafka.tools.consumer.NoOpMessageFormatter"]),
        ["--key-deserializer"] = new("class", "The keys' deserializer.", Classes()),
        ["--value-deserializer"] = new("class", "The values' deserializer.", Classes()),
        ["--consumer-property"] = new("name=value", "A consumer's setting; may be given several times."),
        ["--consumer.config"] = new("file", "A properties file with the consumer's settings; --consumer-property wins over it."),
        ["--producer-property"] = new("name=value", "A producer's setting; may be given several times."),
        ["--producer.config"] = new("file", "A properties file with the producer's settings; --producer-property wins over it."),
        ["--property"] = new("name=value", "How records are read or shown; may be given several times."),
        ["--compression-codec"] = new("codec", "none, gzip, snappy, lz4 or zstd; gzip when only the flag is given.", Codecs, "--compression-type"),
        ["--request-required-acks"] = new("acks", "-1 or all, 1, 0.", ["-1", "all", "1", "0"], "--acks"),
        ["--batch-size"] = new("bytes", "Bytes at which a batch is full."),
        ["--timeout"] = new("ms", "How long a batch that is not full waits for more."),

        ["--state"] = new("state,…", "The group's state; in a list, only the groups in these states when some are named.", GroupStates),
        ["--type"] = new("type,…", "The groups' type; only the groups of these types when some are named.", ["classic", "consumer"]),
        ["--offsets"] = new("", "Show offsets and lag (the default). Lag is the records from the committed offset to the log's end."),
        ["--members"] = new("", "Show the members."),
        ["--verbose"] = new("", "With --members: show each one's partitions."),
        ["--all-groups"] = new("", "All groups."),
        ["--all-topics"] = new("", "All topics that the group has committed offsets of."),
        ["--to-earliest"] = new("", "To the first offset in the log."),
        ["--to-latest"] = new("", "To the log's end."),
        ["--to-current"] = new("", "To the committed offset itself."),
        ["--to-offset"] = new("offset", "To this offset."),
        ["--to-datetime"] = new("time", "To the first record of this time or later: YYYY-MM-DDThh:mm:ss.sss, in UTC unless Z or ±hh:mm follows."),
        ["--by-duration"] = new("duration", "To the first record since this long ago: PnDTnHnMnS."),
        ["--shift-by"] = new("n", "By so many records, back when it is negative."),
        ["--from-file"] = new("file", "To the offsets in a CSV file of topic,partition,offset (of group,topic,partition,offset for several groups)."),
        ["--dry-run"] = new("", "Only show what the offsets would be."),
        ["--execute"] = new("", "Do it."),
        ["--export"] = new("", "Print the offsets as CSV, as --from-file takes them."),

        ["--entity-type"] = new("type", "topics or brokers.", ["topics", "brokers"]),
        ["--entity-name"] = new("name", "The topic's name or the broker's id."),
        ["--entity-default"] = new("", "The default of all brokers."),
        ["--broker"] = new("id", "The broker, instead of --entity-type brokers --entity-name."),
        ["--broker-defaults"] = new("", "The default of all brokers, instead of --entity-type brokers --entity-default."),
        ["--add-config"] = new("name=value,…", "Configurations to set: k1=v1,k2=[v1,v2,v2],k3=v3."),
        ["--add-config-file"] = new("file", "A properties file with the configurations to set."),
        ["--delete-config"] = new("name,…", "Configurations to set back to their defaults."),
        ["--all"] = new("", "Show every configuration, not only those set."),
    };

    /// <summary>The flag of this name. Its help is the table's unless a command means something of its own by it.</summary>
    /// <exception cref="KeyNotFoundException">The table has no such flag.</exception>
    public static Option<T> Of<T>(string name, string? meaning = null)
    {
        var row = Table[name];
        var option = new Option<T>(name) { Description = meaning ?? row.Meaning };
        if (row.Value.Length > 0 && typeof(T) != typeof(bool)) option.HelpName = row.Value;
        if (row.Short is { } other) option.Aliases.Add(other);
        if (row.Words is { } words) option.CompletionSources.Add(words);
        if (typeof(T) == typeof(string[])) ((Option<string[]>)(object)option).DefaultValueFactory = _ => [];
        return option;
    }

    /// <summary>A flag that must be given, or has a value when it is not.</summary>
    public static Option<string> Needed(string name, string? meaning = null, string? otherwise = null)
    {
        var option = Of<string>(name, meaning);
        if (otherwise is null) option.Required = true;
        else option.DefaultValueFactory = _ => otherwise;
        return option;
    }

    public static Option<string> BootstrapServer() => Needed("--bootstrap-server", otherwise: "127.0.0.1:9092");

    public static Option<string> Output() => Needed("--output", otherwise: "table");

    /// <summary>An action of one of Kafka's tools, which takes its action as a flag.</summary>
    public static Option<bool> Action(string name, string meaning) => new(name) { Description = meaning };

    /// <summary>A flag of Kafka's that means nothing here: it is taken and has no effect.</summary>
    public static Option<string?> Ignored(string name) => new(name) { Description = "Taken for Kafka's sake; has no effect here.", HelpName = "value", Arity = ArgumentArity.ZeroOrOne };

    /// <summary>Whether the flag stands on the command line, with a value or without.</summary>
    public static bool Has(this ParseResult parsed, Option option) => parsed.GetResult(option) is { Implicit: false };

    private static string[] Classes() => [.. Deserializers.Select(type => $"org.apache.kafka.common.serialization.{type}Deserializer")];
}
