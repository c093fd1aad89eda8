using System.CommandLine;
using Actors.Client;

namespace Actors.Cli.Configs;

/// <summary><c>actors configs</c>, with the flags and lines of kafka-configs.</summary>
internal static class ConfigCommands
{
    public static Command Build(Terminal terminal) => new("configs", "Describe and alter the configurations of topics and brokers.")
    {
        DescribeCommand.Build(terminal), AlterCommand.Build(terminal),
    };
}

/// <summary>The flags that name a topic or a broker, shared by <c>actors configs</c> and kafka-configs.</summary>
internal sealed class EntityFlags
{
    public Option<string?> Type { get; } = Flags.Of<string?>("--entity-type");

    public Option<string?> Name { get; } = Flags.Of<string?>("--entity-name");

    public Option<bool> Default { get; } = Flags.Of<bool>("--entity-default");

    public Option<string?> Topic { get; } = Flags.Of<string?>("--topic", "The topic, instead of --entity-type topics --entity-name.");

    public Option<string?> Broker { get; } = Flags.Of<string?>("--broker");

    public Option<bool> BrokerDefaults { get; } = Flags.Of<bool>("--broker-defaults");

    public IReadOnlyList<Option> All => [Type, Name, Default, Topic, Broker, BrokerDefaults];

    /// <summary>The type, and the one that is named; null: all of them.</summary>
    /// <exception cref="UsageException">None, or several, or another type.</exception>
    public (ConfigResourceType Type, string? Name) Entity(ParseResult parsed)
    {
        if (parsed.GetValue(Topic) is { } topic) return (ConfigResourceType.Topic, topic);
        if (parsed.GetValue(Broker) is { } broker) return (ConfigResourceType.Broker, broker);
        if (parsed.Has(BrokerDefaults)) return (ConfigResourceType.Broker, "");
        var type = parsed.GetValue(Type) switch
        {
            "topics" => ConfigResourceType.Topic,
            "brokers" => ConfigResourceType.Broker,
            null => throw new UsageException("At least one entity type must be specified: --entity-type topics or brokers, --topic or --broker"),
            var other => throw new UsageException($"Invalid entity type {other}, the entity type must be one of topics, brokers with the --bootstrap-server argument"),
        };
        if (type == ConfigResourceType.Topic && parsed.Has(Default)) throw new UsageException("--entity-default: topics have no default of their own; brokers have");
        return (type, parsed.Has(Default) ? "" : parsed.GetValue(Name));
    }
}
