using System.Globalization;
using System.Text;

namespace Actors.Hocon;

/// <summary>A converted value, or the reason why it is none.</summary>
internal readonly record struct Converted<T>(T Value, string? Reason)
{
    public static implicit operator Converted<T>(T value) => new(value, null);

    public T OrThrow(HoconValue from) => Reason is null ? Value : throw new HoconException([from.Error(Reason)]);
}

/// <summary>The automatic conversions of the specification.</summary>
internal static class Conversion
{
    private const int ShownCharacters = 60;

    public static Converted<string> Text(HoconValue value) =>
        value is HoconScalar { Kind: not HoconKind.Null } scalar ? scalar.Text : Wrong<string>(value, "text");

    public static Converted<bool> Boolean(HoconValue value) => (value as HoconScalar)?.Text switch
    {
        "true" or "yes" or "on" => true,
        "false" or "no" or "off" => false,
        _ => Wrong<bool>(value, "true or false"),
    };

    public static Converted<long> Integer(HoconValue value, long min, long max)
    {
        if (value is not HoconScalar scalar || !HoconNumber.TryReadDecimal(scalar.Text, out var number)) return Wrong<long>(value, "a whole number");
        if (number is { } exact && decimal.Truncate(exact) != exact) return Wrong<long>(value, "a whole number");
        if (number is not { } whole || whole < min || whole > max) return Bounds<long>(scalar, Print(min), Print(max), min == long.MinValue, max == long.MaxValue);
        return (long)whole;
    }

    public static Converted<double> Real(HoconValue value, double min, double max)
    {
        if (value is not HoconScalar scalar || !HoconNumber.TryReadDouble(scalar.Text, out var number)) return Wrong<double>(value, "a number");
        return number < min || number > max || !double.IsFinite(number)
            ? Bounds<double>(scalar, Print(min), Print(max), min == double.MinValue, max == double.MaxValue)
            : number;
    }

    public static Converted<TimeSpan> Duration(HoconValue value, TimeSpan min, TimeSpan max)
    {
        if (value is not HoconScalar scalar || scalar.Kind == HoconKind.Null) return Wrong<TimeSpan>(value, "a duration such as 10s");
        var (duration, reason) = HoconUnits.ReadDuration(scalar.Text);
        if (reason is not null) return new Converted<TimeSpan>(default, $"{Shown(scalar)} {reason}");
        return duration < min || duration > max
            ? Bounds<TimeSpan>(scalar, HoconUnits.Print(min), HoconUnits.Print(max), min == TimeSpan.MinValue, max == TimeSpan.MaxValue)
            : duration;
    }

    public static Converted<long> Bytes(HoconValue value, long min, long max)
    {
        if (value is not HoconScalar scalar || scalar.Kind == HoconKind.Null) return Wrong<long>(value, "a size such as 64 KiB");
        var (size, reason) = HoconUnits.ReadBytes(scalar.Text);
        if (reason is not null) return new Converted<long>(0, $"{Shown(scalar)} {reason}");
        return size < min || size > max
            ? Bounds<long>(scalar, HoconUnits.Print(min), HoconUnits.Print(max), min == long.MinValue, max == long.MaxValue)
            : size;
    }

    public static Converted<T> OneOf<T>(HoconValue value) where T : struct, Enum
    {
        var names = Enum.GetNames<T>();
        var text = (value as HoconScalar)?.Text;
        var index = Array.FindIndex(names, name => Kebab(name) == text);
        return index >= 0 ? Enum.Parse<T>(names[index]) : Wrong<T>(value, $"one of {string.Join(", ", names.Select(Kebab))}");
    }

    public static Converted<string> OneOf(HoconValue value, IReadOnlyList<string> choices) =>
        value is HoconScalar { Kind: not HoconKind.Null } scalar && choices.Contains(scalar.Text) ? scalar.Text : Wrong<string>(value, $"one of {string.Join(", ", choices)}");

    public static Converted<HoconObject> Object(HoconValue value) => value is HoconObject fields ? fields : Wrong<HoconObject>(value, "an object");

    public static Converted<IReadOnlyList<HoconValue>> List(HoconValue value) => value switch
    {
        HoconArray array => array,
        HoconObject numbered when numbered.NumberedElements() is { } elements => new Converted<IReadOnlyList<HoconValue>>(elements, null),
        _ => Wrong<IReadOnlyList<HoconValue>>(value, "a list"),
    };

    private static Converted<T> Wrong<T>(HoconValue value, string expected) => new(default!, $"{Shown(value)} is not {expected}");

    private static Converted<T> Bounds<T>(HoconScalar value, string min, string max, bool noMin, bool noMax) => new(default!, (noMin, noMax) switch
    {
        (false, false) => $"{Shown(value)} is not between {min} and {max}",
        (false, true) => $"{Shown(value)} is less than {min}, or too large",
        (true, false) => $"{Shown(value)} is more than {max}, or too small",
        _ => $"{Shown(value)} is too large",
    });

    private static string Shown(HoconValue value) => value switch
    {
        HoconObject => "an object",
        HoconArray => "a list",
        HoconScalar { Kind: HoconKind.String } scalar => HoconPrinter.Quote(Short(scalar.Text)),
        HoconScalar scalar => Short(scalar.Text),
        _ => "a value",
    };

    private static string Short(string text) => text.Length <= ShownCharacters ? text : text[..ShownCharacters] + "...";
    private static string Print(IFormattable number) => number.ToString(null, CultureInfo.InvariantCulture);

    private static string Kebab(string name)
    {
        var kebab = new StringBuilder();
        foreach (var c in name)
        {
            if (char.IsUpper(c) && kebab.Length > 0) kebab.Append('-');
            kebab.Append(char.ToLowerInvariant(c));
        }
        return kebab.ToString();
    }
}
