using System.Globalization;
using System.Text;

namespace Akka.Configuration.Hocon;

/// <summary>One value of a configuration: an object, a list, a string (numbers and booleans are strings until asked for) or null.</summary>
public class HoconValue
{
    internal static readonly HoconValue Null = new();

    private readonly object _content;
    private readonly bool _quoted;

    public HoconValue() { }

    private HoconValue(object content, bool quoted = false)
    {
        _content = content;
        _quoted = quoted;
    }

    internal static HoconValue Of(HoconObject members) => new(members);

    internal static HoconValue Of(List<HoconValue> items) => new(items);

    internal static HoconValue Of(string text, bool quoted = true) => new(text, quoted);

    public bool IsEmpty => _content switch { null => true, HoconObject o => o.Items.Count == 0, _ => false };

    public bool IsObject() => _content is HoconObject;

    public bool IsArray() => _content is List<HoconValue>;

    public bool IsString() => _content is string;

    public HoconObject GetObject() => _content as HoconObject;

    public string GetString() => _content as string;

    /// <summary>The list's items; an object whose keys are numbers counts as a list, as the specification has it.</summary>
    public IList<HoconValue> GetArray() => _content switch
    {
        List<HoconValue> list => list,
        HoconObject o when o.Items.Keys.All(k => int.TryParse(k, NumberStyles.None, CultureInfo.InvariantCulture, out _)) =>
            o.Items.OrderBy(kv => int.Parse(kv.Key, CultureInfo.InvariantCulture)).Select(kv => kv.Value).ToList(),
        null => [],
        _ => throw new ConfigurationException($"a list is expected, found {this}"),
    };

    public HoconValue GetChildObject(string key) => GetObject()?.GetKey(key);

    public bool GetBoolean() => GetString() switch
    {
        "on" or "true" or "yes" => true,
        "off" or "false" or "no" => false,
        var other => throw new NotSupportedException($"Unknown boolean format: {other}"),
    };

    public int GetInt() => int.Parse(Text, NumberStyles.Integer, CultureInfo.InvariantCulture);

    public long GetLong() => long.Parse(Text, NumberStyles.Integer, CultureInfo.InvariantCulture);

    public byte GetByte() => byte.Parse(Text, NumberStyles.Integer, CultureInfo.InvariantCulture);

    public double GetDouble() => double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    public float GetFloat() => float.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    public decimal GetDecimal() => decimal.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);

    public IList<string> GetStringList() => GetArray().Select(v => v.GetString()).ToList();

    public IList<int> GetIntList() => GetArray().Select(v => v.GetInt()).ToList();

    public IList<long> GetLongList() => GetArray().Select(v => v.GetLong()).ToList();

    public IList<bool> GetBooleanList() => GetArray().Select(v => v.GetBoolean()).ToList();

    public IList<double> GetDoubleList() => GetArray().Select(v => v.GetDouble()).ToList();

    /// <summary>A duration; a bare number is milliseconds, "infinite" is <see cref="Timeout.InfiniteTimeSpan"/> where allowed.</summary>
    public TimeSpan GetTimeSpan(bool allowInfinite = true)
    {
        var text = Text.Trim();
        if (allowInfinite && text.Equals("infinite", StringComparison.OrdinalIgnoreCase)) return Timeout.InfiniteTimeSpan;
        var (number, unit) = Split(text);
        double ticks = unit.ToLowerInvariant() switch
        {
            "" or "ms" or "milli" or "millis" or "millisecond" or "milliseconds" => TimeSpan.TicksPerMillisecond,
            "ns" or "nano" or "nanos" or "nanosecond" or "nanoseconds" => 0.01,
            "us" or "micro" or "micros" or "microsecond" or "microseconds" => TimeSpan.TicksPerMicrosecond,
            "s" or "second" or "seconds" => TimeSpan.TicksPerSecond,
            "m" or "minute" or "minutes" => TimeSpan.TicksPerMinute,
            "h" or "hour" or "hours" => TimeSpan.TicksPerHour,
            "d" or "day" or "days" => TimeSpan.TicksPerDay,
            _ => throw new FormatException($"'{text}' is not a duration: unknown unit '{unit}'"),
        };
        var value = double.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture);
        if (value < 0) throw new FormatException($"Expected a positive value instead of {value}");
        return TimeSpan.FromTicks((long)(value * ticks));
    }

    /// <summary>A number of bytes: powers of 1,024 for K, Ki, KiB, M ...; powers of 1,000 for kB, MB ...</summary>
    public long? GetByteSize()
    {
        var text = Text.Trim();
        var (number, unit) = Split(text);
        decimal factor = unit switch
        {
            "" or "b" or "B" or "byte" or "bytes" => 1,
            "kB" or "kilobyte" or "kilobytes" => 1000,
            "K" or "k" or "Ki" or "KiB" or "kibibyte" or "kibibytes" => 1L << 10,
            "MB" or "megabyte" or "megabytes" => 1_000_000,
            "M" or "m" or "Mi" or "MiB" or "mebibyte" or "mebibytes" => 1L << 20,
            "GB" or "gigabyte" or "gigabytes" => 1_000_000_000,
            "G" or "g" or "Gi" or "GiB" or "gibibyte" or "gibibytes" => 1L << 30,
            "TB" or "terabyte" or "terabytes" => 1_000_000_000_000,
            "T" or "t" or "Ti" or "TiB" or "tebibyte" or "tebibytes" => 1L << 40,
            _ => throw new FormatException($"'{text}' is not a size in bytes: unknown unit '{unit}'"),
        };
        return checked((long)(decimal.Parse(number, NumberStyles.Float, CultureInfo.InvariantCulture) * factor));
    }

    private string Text => GetString() ?? throw new ConfigurationException($"a plain value is expected, found {this}");

    private static (string Number, string Unit) Split(string text)
    {
        var end = text.Length;
        while (end > 0 && char.IsLetter(text[end - 1])) end--;
        return (text[..end].Trim(), text[end..]);
    }

    public Config ToConfig() => new(this);

    public Config AtKey(string key)
    {
        var wrapper = new HoconObject();
        wrapper.Items[key] = this;
        return new Config(Of(wrapper));
    }

    /// <summary>Members of <paramref name="over"/> win; objects are merged, everything else is replaced whole.</summary>
    internal static HoconValue Merge(HoconValue over, HoconValue under)
    {
        if (over?.GetObject() is not { } o || under?.GetObject() is not { } u) return over ?? under;
        var result = new HoconObject();
        foreach (var (key, value) in u.Items) result.Items[key] = value;
        foreach (var (key, value) in o.Items) result.Items[key] = result.Items.TryGetValue(key, out var below) ? Merge(value, below) : value;
        return Of(result);
    }

    public override string ToString() => ToString(0);

    public virtual string ToString(int indent) => _content switch
    {
        null => "null",
        HoconObject o => "{\n" + o.ToString(indent + 1) + new string(' ', indent * 2) + "}",
        List<HoconValue> list => "[" + string.Join(", ", list.Select(v => v.ToString(indent))) + "]",
        string s => _quoted || !IsPlain(s) ? Quote(s) : s,
        _ => throw new InvalidOperationException(),
    };

    private static bool IsPlain(string s) => s.Length > 0 && s.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.');

    internal static string Quote(string s)
    {
        var result = new StringBuilder("\"");
        foreach (var c in s)
        {
            _ = c switch
            {
                '"' => result.Append("\\\""),
                '\\' => result.Append("\\\\"),
                '\n' => result.Append("\\n"),
                '\r' => result.Append("\\r"),
                '\t' => result.Append("\\t"),
                < ' ' => result.Append("\\u").Append(((int)c).ToString("x4", CultureInfo.InvariantCulture)),
                _ => result.Append(c),
            };
        }
        return result.Append('"').ToString();
    }
}

/// <summary>The members of an object, by key.</summary>
public class HoconObject
{
    public Dictionary<string, HoconValue> Items { get; } = [];

    public HoconValue GetKey(string key) => Items.GetValueOrDefault(key);

    internal void Put(string key, HoconValue value) => Items[key] = Items.TryGetValue(key, out var before) ? HoconValue.Merge(value, before) : value;

    public override string ToString() => ToString(0);

    public string ToString(int indent)
    {
        var result = new StringBuilder();
        foreach (var (key, value) in Items)
        {
            var plain = key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_');
            result.Append(' ', indent * 2).Append(plain ? key : HoconValue.Quote(key)).Append(" = ").Append(value.ToString(indent)).Append('\n');
        }
        return result.ToString();
    }
}
