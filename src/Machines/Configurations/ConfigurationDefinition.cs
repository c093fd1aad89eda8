using System.Globalization;

namespace Actors.Machines;

/// <summary>The type of a configuration's value, as Kafka names them, by the protocol's numbers.</summary>
public enum ConfigurationType : sbyte
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

/// <summary>How a broker's configuration may change while it runs.</summary>
public enum ConfigurationUpdate
{
    ReadOnly,

    /// <summary>For one broker and for all.</summary>
    ClusterWide,

    /// <summary>For one broker only.</summary>
    PerBroker,
}

/// <summary>What a configuration does in this product.</summary>
public enum ConfigurationEffect
{
    /// <summary>Kept and shown, no more.</summary>
    None,

    /// <summary>Where it is changed, it holds at once.</summary>
    Now,

    /// <summary>It will hold once logs are compacted.</summary>
    Compaction,

    /// <summary>It is set when the node starts.</summary>
    Start,
}

/// <summary>One configuration as Kafka 3.9 defines it: name, type, default (null: none), what may stand in it, and what it means here.</summary>
public sealed class ConfigurationDefinition
{
    private readonly ConfigurationBounds _bounds;

    internal ConfigurationDefinition(string name, ConfigurationType type, string? @default, string? valid)
    {
        (Name, Type, Default) = (name, type, @default);
        _bounds = ConfigurationBounds.Parse(valid);
    }

    public string Name { get; }

    public ConfigurationType Type { get; }

    public string? Default { get; }

    /// <summary>A sentence on its meaning, unit included.</summary>
    public required string Documentation { get; init; }

    /// <summary>The broker's configurations that say the same, first the one that goes before the others; units may differ.</summary>
    public IReadOnlyList<string> Synonyms { get; init; } = [];

    public ConfigurationUpdate Update { get; init; }

    /// <summary>May be set for one listener only: <c>listener.name.NAME.…</c>.</summary>
    public bool ListenerPrefixOnly { get; init; }

    /// <summary>It has no place in a broker's properties: it is shown where it was set.</summary>
    public bool DynamicOnly { get; init; }

    public ConfigurationEffect Effect { get; init; }

    /// <summary>The broker's configurations whose defaults bound it; null: none.</summary>
    public (string AtLeast, string AtMost)? Within { get; init; }

    /// <summary>Its value is told to nobody.</summary>
    public bool IsSensitive => Type == ConfigurationType.Password;

    /// <summary>Why a value cannot be, in Kafka's words; null when it can.</summary>
    public string? Check(string value)
    {
        var (offending, reason) = Reason(value.Trim());
        return reason is null ? null : $"Invalid value {offending ?? value} for configuration {Name}: {reason}";
    }

    private (string? Offending, string? Reason) Reason(string value) => Type switch
    {
        ConfigurationType.Boolean => (null, value.ToLowerInvariant() is "true" or "false" ? null : "Expected value to be either true or false"),
        ConfigurationType.Int => (null, Number(int.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number), number)),
        ConfigurationType.Short => (null, Number(short.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number), number)),
        ConfigurationType.Long => (null, Number(long.TryParse(value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number), number)),
        ConfigurationType.Double => (null, Number(double.TryParse(value, NumberStyles.Float, CultureInfo.InvariantCulture, out var number), number)),
        ConfigurationType.List => _bounds.OfList(Name, value),
        ConfigurationType.String => (null, _bounds.OfText(value)),
        _ => default,
    };

    private string? Number(bool parsed, double number) => parsed ? _bounds.OfNumber(number) : $"Not a number of type {Type.ToString().ToUpperInvariant()}";
}
