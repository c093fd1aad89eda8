using System.Collections.Immutable;
using System.Globalization;
using Actors.Protocol.Records;

namespace Actors.Machines;

/// <summary>A topic's configuration, typed; times in milliseconds, sizes in bytes. Source: Kafka 3.9's topic configurations and their defaults.</summary>
/// <remarks>What the product does not apply (compression, segments and flushes of files it does not have) is kept in <see cref="Overrides"/> and shown, no more.</remarks>
public sealed record TopicConfiguration
{
    /// <summary>Kafka's defaults.</summary>
    public static readonly TopicConfiguration Default = new();

    /// <summary>What was set for this topic itself, by Kafka's names, sorted.</summary>
    public ImmutableSortedDictionary<string, string> Overrides { get; private init; } = ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal);

    /// <summary><c>retention.ms</c>: -1 keeps records for ever.</summary>
    public long RetentionMs { get; init; } = 604_800_000;

    /// <summary><c>retention.bytes</c>, of one partition: -1 is without limit.</summary>
    public long RetentionBytes { get; init; } = -1;

    /// <summary><c>max.message.bytes</c>: the largest record batch.</summary>
    public int MaxMessageBytes { get; init; } = 1_048_588;

    /// <summary><c>segment.bytes</c>: no batch may be larger either.</summary>
    public int SegmentBytes { get; init; } = 1_073_741_824;

    /// <summary><c>cleanup.policy</c> has <c>delete</c>.</summary>
    public bool CleanupDelete { get; init; } = true;

    /// <summary><c>cleanup.policy</c> has <c>compact</c>.</summary>
    public bool CleanupCompact { get; init; }

    /// <summary><c>delete.retention.ms</c>: how long a compacted topic keeps tombstones.</summary>
    public long DeleteRetentionMs { get; init; } = 86_400_000;

    /// <summary><c>min.compaction.lag.ms</c>.</summary>
    public long MinCompactionLagMs { get; init; }

    /// <summary><c>max.compaction.lag.ms</c>.</summary>
    public long MaxCompactionLagMs { get; init; } = long.MaxValue;

    /// <summary><c>min.cleanable.dirty.ratio</c>, 0 to 1.</summary>
    public double MinCleanableDirtyRatio { get; init; } = 0.5;

    /// <summary><c>message.timestamp.type</c>.</summary>
    public TimestampType TimestampType { get; init; }

    /// <summary><c>message.timestamp.before.max.ms</c>: how much older than the broker's clock a record may be.</summary>
    public long TimestampBeforeMaxMs { get; init; } = long.MaxValue;

    /// <summary><c>message.timestamp.after.max.ms</c>: how much newer than the broker's clock a record may be.</summary>
    public long TimestampAfterMaxMs { get; init; } = long.MaxValue;

    /// <summary><c>min.insync.replicas</c>: kept; the storage replicates, so there is always one.</summary>
    public int MinInSyncReplicas { get; init; } = 1;

    /// <summary><c>compression.type</c>: kept, not applied, as batches are stored as they come.</summary>
    public string CompressionType { get; init; } = "producer";

    /// <summary>This configuration with a topic's own settings over it. The settings must have passed <see cref="TopicConfigurationRules"/>.</summary>
    public TopicConfiguration With(IEnumerable<KeyValuePair<string, string>> overrides)
    {
        var result = this;
        var kept = Overrides.ToBuilder();
        foreach (var (name, value) in overrides)
        {
            kept[name] = value;
            result = result.WithSetting(name, value.Trim());
        }
        return result with { Overrides = kept.ToImmutable() };
    }

    /// <summary>Every value the product applies, by Kafka's names: what <see cref="Restore"/> reads.</summary>
    public IReadOnlyList<KeyValuePair<string, string>> Settings() =>
    [
        new("retention.ms", Text(RetentionMs)),
        new("retention.bytes", Text(RetentionBytes)),
        new("max.message.bytes", Text(MaxMessageBytes)),
        new("segment.bytes", Text(SegmentBytes)),
        new("cleanup.policy", string.Join(',', Policies())),
        new("delete.retention.ms", Text(DeleteRetentionMs)),
        new("min.compaction.lag.ms", Text(MinCompactionLagMs)),
        new("max.compaction.lag.ms", Text(MaxCompactionLagMs)),
        new("min.cleanable.dirty.ratio", MinCleanableDirtyRatio.ToString(CultureInfo.InvariantCulture)),
        new("message.timestamp.type", TimestampType.ToString()),
        new("message.timestamp.before.max.ms", Text(TimestampBeforeMaxMs)),
        new("message.timestamp.after.max.ms", Text(TimestampAfterMaxMs)),
        new("min.insync.replicas", Text(MinInSyncReplicas)),
        new("compression.type", CompressionType),
    ];

    /// <summary>The configuration that had these <see cref="Settings"/> and <see cref="Overrides"/>.</summary>
    /// <exception cref="UnreadableStateException">A value that cannot be.</exception>
    public static TopicConfiguration Restore(IReadOnlyCollection<KeyValuePair<string, string>> settings, IReadOnlyCollection<KeyValuePair<string, string>> overrides)
    {
        foreach (var (name, value) in settings)
            if (TopicConfigurationRules.Check(name, value) is { } reason)
                throw new UnreadableStateException($"Topic configuration: {reason}.");
        return Default.With(settings) with { Overrides = overrides.ToImmutableSortedDictionary(StringComparer.Ordinal) };
    }

    private IEnumerable<string> Policies()
    {
        if (CleanupCompact)
            yield return "compact";
        if (CleanupDelete)
            yield return "delete";
    }

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);

    private TopicConfiguration WithSetting(string name, string value) => name switch
    {
        "retention.ms" => this with { RetentionMs = Long(value) },
        "retention.bytes" => this with { RetentionBytes = Long(value) },
        "max.message.bytes" => this with { MaxMessageBytes = Int(value) },
        "segment.bytes" => this with { SegmentBytes = Int(value) },
        "cleanup.policy" => this with { CleanupDelete = Policies(value).Contains("delete"), CleanupCompact = Policies(value).Contains("compact") },
        "delete.retention.ms" => this with { DeleteRetentionMs = Long(value) },
        "min.compaction.lag.ms" => this with { MinCompactionLagMs = Long(value) },
        "max.compaction.lag.ms" => this with { MaxCompactionLagMs = Long(value) },
        "min.cleanable.dirty.ratio" => this with { MinCleanableDirtyRatio = double.Parse(value, CultureInfo.InvariantCulture) },
        "message.timestamp.type" => this with { TimestampType = Enum.Parse<TimestampType>(value) },
        "message.timestamp.before.max.ms" => this with { TimestampBeforeMaxMs = Long(value) },
        "message.timestamp.after.max.ms" => this with { TimestampAfterMaxMs = Long(value) },
        "min.insync.replicas" => this with { MinInSyncReplicas = Int(value) },
        "compression.type" => this with { CompressionType = value },
        _ => this,
    };

    private static string[] Policies(string value) => value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    private static long Long(string value) => long.Parse(value, CultureInfo.InvariantCulture);

    private static int Int(string value) => int.Parse(value, CultureInfo.InvariantCulture);

    /// <summary>Equal when every value is, the overrides included.</summary>
    public bool Equals(TopicConfiguration? other) =>
        other is not null && Overrides.SequenceEqual(other.Overrides) && Values.Equals(other.Values);

    public override int GetHashCode() => Values.GetHashCode();

    private (long, long, int, int, bool, bool, (long, long, long, double, TimestampType, long, long, int, string)) Values =>
        (RetentionMs, RetentionBytes, MaxMessageBytes, SegmentBytes, CleanupDelete, CleanupCompact,
            (DeleteRetentionMs, MinCompactionLagMs, MaxCompactionLagMs, MinCleanableDirtyRatio, TimestampType, TimestampBeforeMaxMs, TimestampAfterMaxMs,
                MinInSyncReplicas, CompressionType));
}
