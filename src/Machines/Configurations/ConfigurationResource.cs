namespace Actors.Machines;

/// <summary>What configurations belong to, by the protocol's numbers. Source: Kafka's <c>ConfigResource.Type</c>.</summary>
public enum ConfigurationResourceType : sbyte
{
    Unknown = 0,
    Topic = 2,
    Broker = 4,
    BrokerLogger = 8,
    ClientMetrics = 16,
    Group = 32,
}

/// <summary>Something that has configurations: a topic or group by name, a broker by its id, all brokers by the empty name.</summary>
public readonly record struct ConfigurationResource(ConfigurationResourceType Type, string Name)
{
    /// <summary>What holds for all brokers.</summary>
    public static readonly ConfigurationResource AllBrokers = new(ConfigurationResourceType.Broker, "");

    public static ConfigurationResource Topic(string name) => new(ConfigurationResourceType.Topic, name);

    public static ConfigurationResource Broker(int id) => new(ConfigurationResourceType.Broker, id.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>The table of its configurations; null for a type that has none here.</summary>
    public ConfigurationTable? Table => Type switch
    {
        ConfigurationResourceType.Topic => ConfigurationTable.Topic,
        ConfigurationResourceType.Broker => ConfigurationTable.Broker,
        ConfigurationResourceType.Group => ConfigurationTable.Group,
        _ => null,
    };

    /// <summary>Its type in Kafka's words.</summary>
    public string TypeName => Type switch
    {
        ConfigurationResourceType.Topic => "TOPIC",
        ConfigurationResourceType.Broker => "BROKER",
        ConfigurationResourceType.BrokerLogger => "BROKER_LOGGER",
        ConfigurationResourceType.ClientMetrics => "CLIENT_METRICS",
        ConfigurationResourceType.Group => "GROUP",
        _ => "UNKNOWN",
    };

    internal void Write(StateWriter writer)
    {
        writer.Int((sbyte)Type);
        writer.String(Name);
    }

    internal static ConfigurationResource Read(ref StateReader reader) => new((ConfigurationResourceType)reader.Int(), reader.String());
}
