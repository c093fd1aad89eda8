namespace Actors.Machines;

/// <summary>Where a configuration's value comes from, by the protocol's numbers. Source: Kafka's <c>DescribeConfigsResponse.ConfigSource</c>.</summary>
public enum ConfigurationSource : sbyte
{
    Topic = 1,
    DynamicBroker = 2,
    DynamicDefaultBroker = 3,
    StaticBroker = 4,
    Default = 5,
    Group = 8,
}

/// <summary>A value under one of a configuration's names.</summary>
public readonly record struct ConfigurationSynonym(string Name, string? Value, ConfigurationSource Source);

/// <summary>A configuration as clients are shown it.</summary>
/// <param name="Definition">Null for a name that is kept and that nobody knows.</param>
/// <param name="Value">Null where it is secret, or has none.</param>
/// <param name="Synonyms">What was set or is the default under its names, the one that counts first.</param>
public sealed record DescribedConfiguration(
    string Name, ConfigurationDefinition? Definition, string? Value, ConfigurationSource Source, bool IsReadOnly, IReadOnlyList<ConfigurationSynonym> Synonyms)
{
    public bool IsSensitive => Definition is null || Definition.IsSensitive;
}

/// <summary>
/// One broker's configurations: what was set for it and for all while they ran, what it was started with, Kafka's defaults, in this order.
/// </summary>
/// <param name="nodeId">Its id.</param>
/// <param name="atStart">What it was started with, by Kafka's names; only what differs from the default.</param>
public sealed class BrokerConfigurations(int nodeId, IReadOnlyDictionary<string, string> atStart)
{
    /// <summary>All configurations of a broker, defaults included; of all brokers, only what was set.</summary>
    public IEnumerable<DescribedConfiguration> Describe(TopicsImage image, bool allBrokers)
    {
        var (own, all) = Set(image);
        var named = allBrokers ? all.Keys : ConfigurationTable.Broker.Entries.Where(entry => !entry.DynamicOnly).Select(entry => entry.Name).Union(own.Keys).Union(all.Keys);
        foreach (var name in named.Order(StringComparer.Ordinal))
        {
            var (definition, ofListener) = ConfigurationTable.Broker.FindForListener(name);
            var synonyms = Synonyms(image, name, definition is { Synonyms.Count: > 0 } && !ofListener ? definition.Synonyms : [name], definition is null or { IsSensitive: true });
            if (allBrokers)
                synonyms = synonyms.FindAll(synonym => synonym.Source == ConfigurationSource.DynamicDefaultBroker);
            var (value, source) = synonyms is [var first, ..] ? (first.Value, first.Source) : (null, ConfigurationSource.Default);
            yield return new DescribedConfiguration(name, definition, value, source, definition is null or { Update: ConfigurationUpdate.ReadOnly }, synonyms);
        }
    }

    /// <summary>All configurations of a topic or group, defaults included.</summary>
    /// <param name="set">What was set for it.</param>
    public IEnumerable<DescribedConfiguration> Describe(TopicsImage image, ConfigurationResource resource, IReadOnlyDictionary<string, string> set)
    {
        var ownSource = resource.Type == ConfigurationResourceType.Topic ? ConfigurationSource.Topic : ConfigurationSource.Group;
        foreach (var entry in resource.Table!.Entries)
        {
            var synonyms = entry.Synonyms.Count > 0 ? Synonyms(image, entry.Synonyms[0], entry.Synonyms, entry.IsSensitive) : [];
            if (set.TryGetValue(entry.Name, out var own))
                synonyms.Insert(0, new ConfigurationSynonym(entry.Name, own, ownSource));
            var (value, source) = synonyms is [var first, ..] ? (first.Value, first.Source) : (entry.Default, ConfigurationSource.Default);
            yield return new DescribedConfiguration(entry.Name, entry, entry.IsSensitive ? null : value, source, false, synonyms);
        }
    }

    /// <summary>What topics of this broker have that do not set it themselves, by topics' names, as far as it is not Kafka's default.</summary>
    public IEnumerable<KeyValuePair<string, string>> TopicDefaults(TopicsImage image)
    {
        var (own, all) = Set(image);
        foreach (var entry in ConfigurationTable.Topic.Entries)
            if (entry.Synonyms is [var name, ..] && (own.GetValueOrDefault(name) ?? all.GetValueOrDefault(name) ?? atStart.GetValueOrDefault(name)) is { } value)
                yield return KeyValuePair.Create(entry.Name, value);
    }

    /// <summary>As Kafka lists them: what stands before the name itself, such as a value in hours without one in milliseconds, does not count.</summary>
    private List<ConfigurationSynonym> Synonyms(TopicsImage image, string name, IReadOnlyList<string> names, bool sensitive)
    {
        var (own, all) = Set(image);
        var found = new List<ConfigurationSynonym>();
        Add(own, ConfigurationSource.DynamicBroker);
        Add(all, ConfigurationSource.DynamicDefaultBroker);
        Add(atStart, ConfigurationSource.StaticBroker);
        foreach (var each in names)
            if (ConfigurationTable.Broker.FindForListener(each).Definition is { Default: { } value })
                found.Add(new ConfigurationSynonym(each, sensitive ? null : value, ConfigurationSource.Default));
        return found.SkipWhile(synonym => synonym.Name != name).ToList();

        void Add(IReadOnlyDictionary<string, string> values, ConfigurationSource source)
        {
            foreach (var each in names)
                if (values.TryGetValue(each, out var value))
                    found.Add(new ConfigurationSynonym(each, sensitive ? null : value, source));
        }
    }

    private (IReadOnlyDictionary<string, string> Own, IReadOnlyDictionary<string, string> All) Set(TopicsImage image) =>
        (image.ConfigsOf(ConfigurationResource.Broker(nodeId)), image.ConfigsOf(ConfigurationResource.AllBrokers));
}
