using Actors.Protocol;

namespace Actors.Machines;

/// <summary>What may be set for a broker, or for all, while it runs. Source: Kafka 3.9's <c>DynamicBrokerConfig</c>, and its words and codes.</summary>
/// <remarks>Kafka keeps names that it does not know, for plug-ins. There are none here, so that they are refused.</remarks>
public static class BrokerConfigurationRules
{
    /// <summary>What is wrong with everything that would be set; none when nothing is.</summary>
    public static (ErrorCode Error, string? Message) Check(IReadOnlyCollection<KeyValuePair<string, string>> configs, bool allBrokers)
    {
        var found = configs.Select(config => (config.Key, config.Value, Found: ConfigurationTable.Broker.FindForListener(config.Key))).ToList();
        if (found.Find(config => config.Found.Definition is null).Key is { } unknown)
            return (ErrorCode.InvalidConfig, $"Unknown broker config name: {unknown}");
        var known = found.ConvertAll(config => (config.Key, config.Value, Definition: config.Found.Definition!, config.Found.OfListener));
        if (Names(known.Where(config => config.Definition.Update == ConfigurationUpdate.ReadOnly || (config.OfListener && config.Definition.Update != ConfigurationUpdate.PerBroker))) is { } readOnly)
            return (ErrorCode.InvalidRequest, $"Cannot update these configs dynamically: {readOnly}");
        if (Names(known.Where(config => config.Definition.ListenerPrefixOnly && !config.OfListener)) is { } unprefixed)
            return (ErrorCode.InvalidRequest, $"These security configs can be dynamically updated only per-listener using the listener prefix: {unprefixed}");
        foreach (var config in known)
            if (config.Definition.Check(config.Value) is { } reason)
                return (ErrorCode.InvalidRequest, reason);
        return allBrokers && Names(known.Where(config => config.Definition.Update == ConfigurationUpdate.PerBroker)) is { } perBroker
            ? (ErrorCode.InvalidRequest, $"Cannot update these configs at default cluster level, broker id must be specified: {perBroker}")
            : default;
    }

    /// <summary>As Scala shows a set; null when it is empty.</summary>
    private static string? Names(IEnumerable<(string Key, string, ConfigurationDefinition, bool)> configs)
    {
        var names = string.Join(", ", configs.Select(config => config.Key));
        return names.Length == 0 ? null : $"Set({names})";
    }
}

/// <summary>What may be set for a group. Source: Kafka 4.0's <c>GroupConfig</c>.</summary>
public static class GroupConfigurationRules
{
    /// <summary>What is wrong with everything that would be set; null when nothing is.</summary>
    public static string? Check(IEnumerable<KeyValuePair<string, string>> configs)
    {
        foreach (var (name, value) in configs)
        {
            if (ConfigurationTable.Group.Find(name) is not { } definition)
                return $"Unknown group config name: {name}";
            if (definition.Check(value) is { } reason)
                return reason;
            if (definition.Within is not var (least, most))
                continue;
            var number = int.Parse(value, System.Globalization.CultureInfo.InvariantCulture);
            if (number < Bound(least))
                return $"{name} must be greater than or equal to {least}";
            if (number > Bound(most))
                return $"{name} must be less than or equal to {most}";
        }
        return null;
    }

    private static int Bound(string name) => int.Parse(ConfigurationTable.Broker.Find(name)!.Default!, System.Globalization.CultureInfo.InvariantCulture);
}
