using Actors.Machines;

namespace Actors.Broker.Apis;

/// <summary>Where a configuration's value comes from, by Kafka's numbers.</summary>
internal enum ConfigSource : sbyte
{
    Topic = 1,
    Broker = 4,
    Default = 5,
}

/// <summary>One configuration of a topic as clients are shown it.</summary>
internal readonly record struct DescribedConfig(string Name, string Value, ConfigSource Source);

/// <summary>All configurations of a topic, defaults included.</summary>
internal static class TopicConfigs
{
    public static IEnumerable<DescribedConfig> Describe(TopicImage topic, IReadOnlyDictionary<string, string> brokerDefaults)
    {
        foreach (var entry in TopicConfigurationTable.Entries)
        {
            if (topic.Configs.TryGetValue(entry.Name, out var own))
                yield return new DescribedConfig(entry.Name, own, ConfigSource.Topic);
            else if (brokerDefaults.TryGetValue(entry.Name, out var broker))
                yield return new DescribedConfig(entry.Name, broker, ConfigSource.Broker);
            else
                yield return new DescribedConfig(entry.Name, entry.Default, ConfigSource.Default);
        }
    }
}
