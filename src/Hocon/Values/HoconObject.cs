using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Actors.Hocon;

/// <summary>A field: its key, where the key stands (its last definition), and its value.</summary>
public sealed record HoconField(string Key, HoconPosition KeyPosition, HoconValue Value);

/// <summary>An object: fields in the order in which their keys first appeared.</summary>
public sealed class HoconObject : HoconValue
{
    private readonly Dictionary<string, HoconField> _byKey;

    internal HoconObject(HoconPosition position, string path, IReadOnlyList<HoconField> fields) : base(position, path)
    {
        Fields = fields;
        _byKey = fields.ToDictionary(field => field.Key);
    }

    public override HoconKind Kind => HoconKind.Object;
    public IReadOnlyList<HoconField> Fields { get; }

    /// <summary>The field of a key (a key, not a path), or null.</summary>
    public HoconField? Field(string key) => _byKey.GetValueOrDefault(key);

    /// <summary>The value of a key (a key, not a path).</summary>
    public bool TryGet(string key, [NotNullWhen(true)] out HoconValue? value) => (value = Field(key)?.Value) is not null;

    /// <summary>The value at a path expression, or null where there is none.</summary>
    public HoconValue? Find(string path)
    {
        HoconValue? value = this;
        foreach (var key in HoconPath.Parse(path)) value = (value as HoconObject)?.Field(key)?.Value;
        return value;
    }

    /// <summary>The value at a path expression.</summary>
    /// <exception cref="HoconException">There is none.</exception>
    public HoconValue Get(string path) => Find(path) ?? throw new HoconException(Position, Path.Length == 0 ? path : $"{Path}.{path}", "is missing");

    /// <summary>The values of keys that are whole numbers, in their order, for use as a list; null if there are none. Other keys are left out.</summary>
    internal IReadOnlyList<HoconValue>? NumberedElements()
    {
        var numbered = Fields
            .Where(field => int.TryParse(field.Key, NumberStyles.None, CultureInfo.InvariantCulture, out _))
            .OrderBy(field => int.Parse(field.Key, CultureInfo.InvariantCulture))
            .Select(field => field.Value).ToArray();
        return numbered.Length == 0 ? null : numbered;
    }
}
