namespace Actors.Hocon;

/// <summary>
/// Reads the settings of one object by name. Each getter marks its key as known and, where the value is missing, ill-typed or out of bounds, adds an error
/// and returns a harmless value, so that reading goes on; <see cref="Done"/> adds an error for every key nobody asked for. Throw the errors at the end.
/// </summary>
public sealed class HoconSection(HoconObject value, HoconErrors errors)
{
    private readonly HashSet<string> _known = [];
    private readonly List<HoconSection> _sections = [];

    /// <summary>The object read.</summary>
    public HoconObject Value { get; } = value;
    public HoconErrors Errors { get; } = errors;
    public string Path => Value.Path;

    /// <summary>Whether the key is there and not null. Marks it as known: ask before reading a key that may be left out.</summary>
    public bool Has(string key) => Optional(key) is not null;

    /// <summary>The value, or null where the key is missing or null.</summary>
    public HoconValue? Optional(string key)
    {
        _known.Add(key);
        return Value.TryGet(key, out var found) && found.Kind != HoconKind.Null ? found : null;
    }

    /// <summary>The value; null, and an error, where the key is missing or null.</summary>
    public HoconValue? Required(string key)
    {
        var found = Optional(key);
        if (found is null) Errors.Add(new HoconError(Value.Field(key)?.Value.Position ?? Value.Position, HoconPath.Join(Path, key), "is missing"));
        return found;
    }

    /// <summary>The error about a key, at its value if there is one.</summary>
    public void Error(string key, string reason) =>
        Errors.Add(new HoconError(Value.Field(key)?.Value.Position ?? Value.Position, HoconPath.Join(Path, key), reason));

    public string Text(string key) => Read(key, "", Conversion.Text);
    public bool Flag(string key) => Read(key, false, Conversion.Boolean);
    public int Int(string key, int min, int max) => (int)Read(key, (long)min, value => Conversion.Integer(value, min, max));
    public long Long(string key, long min, long max) => Read(key, min, value => Conversion.Integer(value, min, max));
    public double Double(string key, double min, double max) => Read(key, min, value => Conversion.Real(value, min, max));

    /// <summary>A duration within the bounds, both included.</summary>
    public TimeSpan Duration(string key, TimeSpan min, TimeSpan max) => Read(key, min, value => Conversion.Duration(value, min, max));

    /// <summary>A size in bytes within the bounds, both included.</summary>
    public long Bytes(string key, long min, long max) => Read(key, min, value => Conversion.Bytes(value, min, max));

    /// <summary>A size in bytes that fits an int.</summary>
    public int IntBytes(string key, int min, int max) => (int)Bytes(key, min, max);

    /// <summary>One of an enumeration's names in kebab-case.</summary>
    public T Enum<T>(string key) where T : struct, Enum => Read(key, default, Conversion.OneOf<T>);

    /// <summary>One of the given texts; the first where there is an error.</summary>
    public string Choice(string key, params IReadOnlyList<string> choices) => Read(key, choices[0], value => Conversion.OneOf(value, choices));

    /// <summary>The elements of a list, in order.</summary>
    public IReadOnlyList<HoconValue> Items(string key) => Read(key, [], Conversion.List);

    /// <summary>A list of texts.</summary>
    public IReadOnlyList<string> Texts(string key) => [.. Items(key).Select(item => Convert(item, "", Conversion.Text))];

    /// <summary>A sub-section; where it is missing, one error and an empty section that adds no further ones. <see cref="Done"/> of this section covers it.</summary>
    public HoconSection Section(string key) => Read(key, null, value => new Converted<HoconObject?>(value as HoconObject, Conversion.Object(value).Reason)) is { } found
        ? Sub(found)
        : new HoconSection(new HoconObject(Value.Position, HoconPath.Join(Path, key), []), new HoconErrors());

    /// <summary>A sub-section, or null where the key is missing or null.</summary>
    public HoconSection? OptionalSection(string key) => Has(key) ? Section(key) : null;

    /// <summary>All fields that hold objects, as sub-sections by name in their order: for objects whose keys the user chooses. Fields of other kinds are errors.</summary>
    public IReadOnlyList<KeyValuePair<string, HoconSection>> Entries()
    {
        var entries = new List<KeyValuePair<string, HoconSection>>();
        foreach (var field in Value.Fields)
        {
            _known.Add(field.Key);
            if (field.Value is HoconObject entry) entries.Add(KeyValuePair.Create(field.Key, Sub(entry)));
            else Errors.Add(field.Value, Conversion.Object(field.Value).Reason!);
        }
        return entries;
    }

    /// <summary>Adds an error for every key of this section and its sub-sections that was not asked for.</summary>
    public void Done()
    {
        foreach (var field in Value.Fields)
        {
            if (!_known.Contains(field.Key)) Errors.Add(new HoconError(field.KeyPosition, field.Value.Path, $"unknown key{Suggestion(field.Key)}"));
        }
        foreach (var section in _sections) section.Done();
    }

    private HoconSection Sub(HoconObject found)
    {
        if (_sections.Find(section => ReferenceEquals(section.Value, found)) is { } known) return known;
        var section = new HoconSection(found, Errors);
        _sections.Add(section);
        return section;
    }

    private T Read<T>(string key, T otherwise, Func<HoconValue, Converted<T>> convert) => Required(key) is { } found ? Convert(found, otherwise, convert) : otherwise;

    private T Convert<T>(HoconValue found, T otherwise, Func<HoconValue, Converted<T>> convert)
    {
        var (converted, reason) = convert(found);
        if (reason is null) return converted;
        Errors.Add(found, reason);
        return otherwise;
    }

    private string Suggestion(string key)
    {
        var near = _known.Select(known => (known, distance: Distance(key, known)))
            .Where(pair => pair.distance <= Math.Max(1, pair.known.Length / 4)).OrderBy(pair => pair.distance).ThenBy(pair => pair.known, StringComparer.Ordinal).FirstOrDefault();
        if (near.known is not null) return $"; did you mean {HoconPath.PrintKey(near.known)}?";
        var keys = _known.Order(StringComparer.Ordinal).Take(12).ToArray();
        return keys.Length == 0 ? "" : $"; known are {string.Join(", ", keys.Select(HoconPath.PrintKey))}{(_known.Count > keys.Length ? ", ..." : "")}";
    }

    /// <summary>Levenshtein's distance; keys longer than any setting's name are far from all.</summary>
    private static int Distance(string left, string right)
    {
        if (left.Length > 100) return int.MaxValue;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var substituted = diagonal + (left[i - 1] == right[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }
        return row[^1];
    }
}
