namespace Actors.Client;

/// <summary>What a configuration belongs to, by Kafka's numbers. Source: <c>ConfigResource.Type</c>.</summary>
public enum ConfigResourceType : sbyte
{
    Unknown = 0,
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}

/// <summary>Something that has configurations.</summary>
/// <param name="Type">What it is.</param>
/// <param name="Name">The topic's or group's name, the broker's id, or the empty text for what holds for all brokers.</param>
public readonly record struct ConfigResource(ConfigResourceType Type, string Name)
{
    /// <summary>What holds for all brokers.</summary>
    public static readonly ConfigResource AllBrokers = new(ConfigResourceType.Broker, "");

    public static ConfigResource Topic(string name) => new(ConfigResourceType.Topic, name);

    public static ConfigResource Broker(int id) => new(ConfigResourceType.Broker, id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    public override string ToString() => Name.Length == 0 ? $"all {Type}s" : $"{Type} {Name}";
}

/// <summary>Where a configuration's value comes from, by Kafka's numbers. Source: <c>DescribeConfigsResponse.ConfigSource</c>; its words are the upper-case names.</summary>
public enum ConfigSource : sbyte
{
    Unknown = 0,
    DynamicTopicConfig = 1,
    DynamicBrokerConfig = 2,
    DynamicDefaultBrokerConfig = 3,
    StaticBrokerConfig = 4,
    DefaultConfig = 5,
    DynamicBrokerLoggerConfig = 6,
    ClientMetricsConfig = 7,
    GroupConfig = 8,
}

/// <summary>The type of a configuration's value, by Kafka's numbers.</summary>
public enum ConfigType : sbyte
{
    Unknown = 0,
    Boolean = 1,
    String = 2,
    Int = 3,
    Short = 4,
    Long = 5,
    Double = 6,
    List = 7,
    Class = 8,
    Password = 9,
}

/// <summary>A value that a configuration would have if those before it were not set.</summary>
public readonly record struct ConfigSynonym(string Name, string? Value, ConfigSource Source);

/// <summary>A configuration as the broker tells it.</summary>
/// <param name="Name">Kafka's name of it.</param>
/// <param name="Value">Null where it is secret or has none.</param>
/// <param name="IsDefault">Nobody has set it for this resource.</param>
/// <param name="IsReadOnly">It cannot be altered while the broker runs.</param>
/// <param name="IsSensitive">It is secret: its value is not told.</param>
public sealed record ConfigEntry(string Name, string? Value, bool IsDefault, bool IsReadOnly, bool IsSensitive)
{
    /// <summary>Where the value comes from.</summary>
    public ConfigSource Source { get; init; }

    /// <summary>Unknown from brokers before 2.6.</summary>
    public ConfigType Type { get; init; }

    /// <summary>The value's own source first; empty unless asked for.</summary>
    public IReadOnlyList<ConfigSynonym> Synonyms { get; init; } = [];

    /// <summary>Null unless asked for.</summary>
    public string? Documentation { get; init; }
}

/// <summary>How a configuration is altered, by Kafka's numbers. Source: <c>AlterConfigOp.OpType</c>.</summary>
public enum ConfigAlterationType : sbyte
{
    /// <summary>The value becomes this one.</summary>
    Set = 0,

    /// <summary>The value goes back to its default.</summary>
    Delete = 1,

    /// <summary>These items are added to the list, unless they are in it.</summary>
    Append = 2,

    /// <summary>These items are taken from the list.</summary>
    Subtract = 3,
}

/// <summary>One alteration; the value is null for <see cref="ConfigAlterationType.Delete"/>.</summary>
public readonly record struct ConfigAlteration(ConfigAlterationType Type, string Name, string? Value)
{
    public static ConfigAlteration Set(string name, string value) => new(ConfigAlterationType.Set, name, value);

    public static ConfigAlteration Delete(string name) => new(ConfigAlterationType.Delete, name, null);
}
