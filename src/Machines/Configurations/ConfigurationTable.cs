using System.Collections.Frozen;
using System.Text.Json;

namespace Actors.Machines;

/// <summary>The configurations that Kafka 3.9 knows, by what they belong to.</summary>
/// <remarks>They stand in <c>topic.json</c>, <c>broker.json</c> and <c>group.json</c>, embedded: names, types, defaults and bounds are Kafka's, the sentences are ours. The groups' are 4.0's, 3.9 has none.</remarks>
public sealed class ConfigurationTable
{
    private const string ListenerPrefix = "listener.name.";

    private readonly FrozenDictionary<string, ConfigurationDefinition> _byName;

    private ConfigurationTable(string file)
    {
        using var json = typeof(ConfigurationTable).Assembly.GetManifestResourceStream(file)!;
        using var document = JsonDocument.Parse(json);
        Entries = [.. document.RootElement.EnumerateArray().Select(Read)];
        _byName = Entries.ToFrozenDictionary(entry => entry.Name);
    }

    public static ConfigurationTable Topic { get; } = new("topic.json");

    /// <summary>Without Kafka's internal ones and those of ZooKeeper.</summary>
    public static ConfigurationTable Broker { get; } = new("broker.json");

    public static ConfigurationTable Group { get; } = new("group.json");

    /// <summary>In the order of their names.</summary>
    public IReadOnlyList<ConfigurationDefinition> Entries { get; }

    /// <summary>The definition of a name, or null.</summary>
    public ConfigurationDefinition? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>The same, also for a broker's configuration of one listener, <c>listener.name.NAME.…</c>.</summary>
    public (ConfigurationDefinition? Definition, bool OfListener) FindForListener(string name)
    {
        if (!name.StartsWith(ListenerPrefix, StringComparison.Ordinal) || name.IndexOf('.', ListenerPrefix.Length) is not (>= 0 and var dot))
            return (Find(name), false);
        return (Find(name[(dot + 1)..]), true);
    }

    private static ConfigurationDefinition Read(JsonElement row) =>
        new(row.GetProperty("name").GetString()!, Enum.Parse<ConfigurationType>(row.GetProperty("type").GetString()!), Text(row, "default"), Text(row, "valid"))
        {
            Documentation = row.GetProperty("documentation").GetString()!,
            Synonyms = row.TryGetProperty("synonyms", out var synonyms) ? [.. synonyms.EnumerateArray().Select(each => each.GetString()!)] : [],
            Update = Text(row, "dynamic") is { } update ? Enum.Parse<ConfigurationUpdate>(update, ignoreCase: true) : ConfigurationUpdate.ReadOnly,
            ListenerPrefixOnly = row.TryGetProperty("listenerPrefixOnly", out _),
            DynamicOnly = row.TryGetProperty("dynamicOnly", out _),
            Effect = Text(row, "effect") is { } effect ? Enum.Parse<ConfigurationEffect>(effect, ignoreCase: true) : ConfigurationEffect.None,
            Within = Text(row, "atLeast") is { } least ? (least, Text(row, "atMost")!) : null,
        };

    private static string? Text(JsonElement row, string name) => row.TryGetProperty(name, out var value) ? value.GetString() : null;
}
