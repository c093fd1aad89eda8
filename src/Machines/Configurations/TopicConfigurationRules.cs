using System.Globalization;

namespace Actors.Machines;

/// <summary>What may be set for a topic. Source: Kafka 3.9's <c>LogConfig</c>, and its words.</summary>
public static class TopicConfigurationRules
{
    private const string MinCompactionLag = "min.compaction.lag.ms", MaxCompactionLag = "max.compaction.lag.ms", RemoteStorage = "remote.storage.enable";

    /// <summary>Why a setting cannot be; null when it can.</summary>
    public static string? Check(string name, string? value)
    {
        if (ConfigurationTable.Topic.Find(name) is not { } definition)
            return $"Unknown topic config name: {name}";
        if (value is null)
            return $"Null value not supported for topic configs: {name}";
        if (definition.Check(value) is { } reason)
            return reason;
        return name == RemoteStorage && bool.Parse(value.Trim())
            ? "Tiered Storage functionality is disabled in the broker. Topic cannot be configured with remote log storage."
            : null;
    }

    /// <summary>Why the settings of a topic cannot be, alone or together; null when they can.</summary>
    public static string? Check(IEnumerable<KeyValuePair<string, string?>> settings)
    {
        var all = settings.ToList();
        foreach (var (name, value) in all)
            if (Check(name, value) is { } reason)
                return reason;
        var (least, most) = (Number(MinCompactionLag), Number(MaxCompactionLag));
        return least > most ? $"conflict topic config setting {MinCompactionLag} ({least}) > {MaxCompactionLag} ({most})" : null;

        long Number(string name)
        {
            var value = all.FindLast(setting => setting.Key == name).Value ?? ConfigurationTable.Topic.Find(name)!.Default!;
            return long.Parse(value, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture);
        }
    }
}
