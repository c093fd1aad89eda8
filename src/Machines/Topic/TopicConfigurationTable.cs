using System.Collections.Frozen;
using System.Globalization;

namespace Actors.Machines;

/// <summary>The type of a configuration's value, as Kafka names them.</summary>
public enum ConfigurationType
{
    Boolean,
    String,
    Int,
    Long,
    Double,
    List,
}

/// <summary>One topic configuration: Kafka's name, type, default, the broker's setting of the same meaning (null: none) and whether this product applies it or only keeps it.</summary>
public sealed record TopicConfigurationEntry(string Name, ConfigurationType Type, string Default, string? BrokerSynonym, bool IsApplied)
{
    internal double Least { get; init; } = double.NegativeInfinity;

    internal double Most { get; init; } = double.PositiveInfinity;

    internal double? Also { get; init; }

    internal string[] Words { get; init; } = [];
}

/// <summary>The topic configurations that Kafka 3.9 knows, and what may stand in them.</summary>
public static class TopicConfigurationTable
{
    private const string Never = "9223372036854775807";

    private static readonly TopicConfigurationEntry[] Rows =
    [
        new("cleanup.policy", ConfigurationType.List, "delete", "log.cleanup.policy", true) { Words = ["compact", "delete"] },
        Kept("compression.gzip.level", ConfigurationType.Int, "-1", "compression.gzip.level", 1, 9) with { Also = -1 },
        Kept("compression.lz4.level", ConfigurationType.Int, "9", "compression.lz4.level", 1, 17),
        Kept("compression.type", ConfigurationType.String, "producer", "compression.type") with { Words = ["uncompressed", "zstd", "lz4", "snappy", "gzip", "producer"] },
        Kept("compression.zstd.level", ConfigurationType.Int, "3", "compression.zstd.level", -131_072, 22),
        Applied("delete.retention.ms", ConfigurationType.Long, "86400000", "log.cleaner.delete.retention.ms", 0),
        Kept("file.delete.delay.ms", ConfigurationType.Long, "60000", "log.segment.delete.delay.ms", 0),
        Kept("flush.messages", ConfigurationType.Long, Never, "log.flush.interval.messages", 1),
        Kept("flush.ms", ConfigurationType.Long, Never, "log.flush.interval.ms", 0),
        Kept("follower.replication.throttled.replicas", ConfigurationType.List, "", null),
        Kept("index.interval.bytes", ConfigurationType.Int, "4096", "log.index.interval.bytes", 0),
        Kept("leader.replication.throttled.replicas", ConfigurationType.List, "", null),
        Kept("local.retention.bytes", ConfigurationType.Long, "-2", "log.local.retention.bytes", -2),
        Kept("local.retention.ms", ConfigurationType.Long, "-2", "log.local.retention.ms", -2),
        Applied("max.compaction.lag.ms", ConfigurationType.Long, Never, "log.cleaner.max.compaction.lag.ms", 1),
        Applied("max.message.bytes", ConfigurationType.Int, "1048588", "message.max.bytes", 0),
        Kept("message.downconversion.enable", ConfigurationType.Boolean, "true", "log.message.downconversion.enable"),
        Kept("message.format.version", ConfigurationType.String, "3.0-IV1", "log.message.format.version"),
        Applied("message.timestamp.after.max.ms", ConfigurationType.Long, Never, "log.message.timestamp.after.max.ms", 0),
        Applied("message.timestamp.before.max.ms", ConfigurationType.Long, Never, "log.message.timestamp.before.max.ms", 0),
        Kept("message.timestamp.difference.max.ms", ConfigurationType.Long, Never, "log.message.timestamp.difference.max.ms", 0),
        new("message.timestamp.type", ConfigurationType.String, "CreateTime", "log.message.timestamp.type", true) { Words = ["CreateTime", "LogAppendTime"] },
        Applied("min.cleanable.dirty.ratio", ConfigurationType.Double, "0.5", "log.cleaner.min.cleanable.ratio", 0) with { Most = 1 },
        Applied("min.compaction.lag.ms", ConfigurationType.Long, "0", "log.cleaner.min.compaction.lag.ms", 0),
        Kept("min.insync.replicas", ConfigurationType.Int, "1", "min.insync.replicas", 1),
        Kept("preallocate", ConfigurationType.Boolean, "false", "log.preallocate"),
        Kept("remote.log.copy.disable", ConfigurationType.Boolean, "false", null),
        Kept("remote.log.delete.on.disable", ConfigurationType.Boolean, "false", null),
        Kept("remote.storage.enable", ConfigurationType.Boolean, "false", null),
        Applied("retention.bytes", ConfigurationType.Long, "-1", "log.retention.bytes", double.NegativeInfinity),
        Applied("retention.ms", ConfigurationType.Long, "604800000", "log.retention.ms", -1),
        Applied("segment.bytes", ConfigurationType.Int, "1073741824", "log.segment.bytes", 14),
        Kept("segment.index.bytes", ConfigurationType.Int, "10485760", "log.index.size.max.bytes", 4),
        Kept("segment.jitter.ms", ConfigurationType.Long, "0", "log.roll.jitter.ms", 0),
        Kept("segment.ms", ConfigurationType.Long, "604800000", "log.roll.ms", 1),
        Kept("unclean.leader.election.enable", ConfigurationType.Boolean, "false", "unclean.leader.election.enable"),
    ];

    private static readonly FrozenDictionary<string, TopicConfigurationEntry> ByName = Rows.ToFrozenDictionary(row => row.Name);

    /// <summary>Every entry, by name.</summary>
    public static IReadOnlyList<TopicConfigurationEntry> Entries => Rows;

    /// <summary>The entry of a name, or null.</summary>
    public static TopicConfigurationEntry? Find(string name) => ByName.GetValueOrDefault(name);

    /// <summary>Why a setting cannot be, in Kafka's words; null when it can.</summary>
    public static string? Validate(string name, string? value)
    {
        if (Find(name) is not { } entry)
            return $"Unknown topic config name: {name}";
        if (value is null)
            return $"Null value not supported for topic configs: {name}";
        var reason = Reason(entry, value.Trim());
        return reason is null ? null : $"Invalid value {value} for configuration {name}: {reason}";
    }

    /// <summary>Why these settings together cannot be, the first reason; null when they can.</summary>
    public static string? Validate(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        foreach (var (name, value) in settings)
            if (Validate(name, value) is { } reason)
                return reason;
        return null;
    }

    private static string? Reason(TopicConfigurationEntry entry, string value) => entry.Type switch
    {
        ConfigurationType.Boolean => value.ToLowerInvariant() is "true" or "false" ? null : "Expected value to be either true or false",
        ConfigurationType.Int => int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? RangeReason(entry, number) : "Not a number of type INT",
        ConfigurationType.Long => long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? RangeReason(entry, number) : "Not a number of type LONG",
        ConfigurationType.Double => double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)
            ? RangeReason(entry, number) : "Not a number of type DOUBLE",
        ConfigurationType.List when entry.Words.Length > 0 => WordsReason(entry, value.Split(',', StringSplitOptions.TrimEntries)),
        ConfigurationType.String when entry.Words.Length > 0 => WordsReason(entry, value),
        _ => null,
    };

    private static string? RangeReason(TopicConfigurationEntry entry, double number)
    {
        if (number == entry.Also || (number >= entry.Least && number <= entry.Most))
            return null;
        if (entry.Also is { } also)
            return string.Create(CultureInfo.InvariantCulture, $"Value must be between {entry.Least} and {entry.Most} or equal to {also}");
        return number < entry.Least
            ? string.Create(CultureInfo.InvariantCulture, $"Value must be at least {entry.Least}")
            : string.Create(CultureInfo.InvariantCulture, $"Value must be no more than {entry.Most}");
    }

    private static string? WordsReason(TopicConfigurationEntry entry, params string[] values) =>
        values.All(entry.Words.Contains) ? null : $"String must be one of: {string.Join(", ", entry.Words)}";

    private static TopicConfigurationEntry Applied(string name, ConfigurationType type, string @default, string? synonym, double least) =>
        new(name, type, @default, synonym, true) { Least = least };

    private static TopicConfigurationEntry Kept(string name, ConfigurationType type, string @default, string? synonym,
        double least = double.NegativeInfinity, double most = double.PositiveInfinity) =>
        new(name, type, @default, synonym, false) { Least = least, Most = most };
}
