using System.Collections.Frozen;
using System.Globalization;

namespace Actors.Hocon;

/// <summary>Durations and sizes as the specification writes them.</summary>
public static class HoconUnits
{
    private static readonly FrozenDictionary<string, decimal> TicksOf = Units(
        (0.01m, "ns nano nanos nanosecond nanoseconds"),
        (10m, "us micro micros microsecond microseconds"),
        (10_000m, "ms milli millis millisecond milliseconds"),
        (TimeSpan.TicksPerSecond, "s second seconds"),
        (TimeSpan.TicksPerMinute, "m minute minutes"),
        (TimeSpan.TicksPerHour, "h hour hours"),
        (TimeSpan.TicksPerDay, "d day days"));

    private static readonly FrozenDictionary<string, decimal> BytesOf = SizeUnits();

    /// <summary>Reads <c>10s</c>, <c>5 minutes</c>, <c>1.5h</c>; a bare number counts milliseconds. The reason says why it is none.</summary>
    public static (TimeSpan Duration, string? Reason) ReadDuration(string text)
    {
        var (ticks, reason) = Read(text, TicksOf, 10_000m, "a duration such as 10s", "ns, us, ms, s, m, h or d");
        return (TimeSpan.FromTicks(ticks), reason);
    }

    /// <summary>Reads <c>128k</c>, <c>1 MiB</c> (powers of 1024), <c>1 MB</c> (powers of 1000); a bare number counts bytes. The reason says why it is none.</summary>
    public static (long Bytes, string? Reason) ReadBytes(string text) =>
        Read(text, BytesOf, 1m, "a size such as 64 KiB", "B, kB, MB, GB, TB ... or k, KiB, m, MiB, g, GiB, t, TiB ...");

    /// <summary>The duration in the largest unit that gives a whole number.</summary>
    public static string Print(TimeSpan duration)
    {
        (long Ticks, string Unit)[] units =
            [(TimeSpan.TicksPerDay, "d"), (TimeSpan.TicksPerHour, "h"), (TimeSpan.TicksPerMinute, "m"), (TimeSpan.TicksPerSecond, "s"), (10_000, "ms"), (10, "us")];
        foreach (var (ticks, unit) in units)
        {
            if (duration.Ticks % ticks == 0) return duration == TimeSpan.Zero ? "0s" : (duration.Ticks / ticks).ToString(CultureInfo.InvariantCulture) + unit;
        }
        return ((decimal)duration.Ticks * 100).ToString(CultureInfo.InvariantCulture) + "ns";
    }

    /// <summary>The size in the largest unit that gives a whole number.</summary>
    public static string Print(long bytes)
    {
        string[] units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"];
        var unit = 0;
        while (bytes != 0 && bytes % 1024 == 0 && unit < units.Length - 1)
        {
            bytes /= 1024;
            unit++;
        }
        return $"{bytes.ToString(CultureInfo.InvariantCulture)} {units[unit]}";
    }

    private static (long Value, string? Reason) Read(string text, FrozenDictionary<string, decimal> units, decimal bare, string expected, string known)
    {
        var trimmed = text.AsSpan().Trim();
        var split = trimmed.Length;
        while (split > 0 && char.IsLetter(trimmed[split - 1])) split--;
        var unit = trimmed[split..].ToString();
        var number = trimmed[..split].Trim();
        if (number.IsEmpty || !decimal.TryParse(number, NumberStyles.AllowDecimalPoint | NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var count))
            return (0, $"is not {expected}");
        if (unit.Length > 0 && !units.TryGetValue(unit, out bare)) return (0, $"has an unknown unit; known are {known}");
        // Doubles first: decimal's product would overflow with an exception.
        if (Math.Abs((double)count * (double)bare) > 9.2e18) return (0, "is too large");
        return ((long)decimal.Truncate(count * bare), null);
    }

    private static FrozenDictionary<string, decimal> Units(params (decimal Factor, string Names)[] units) =>
        units.SelectMany(unit => unit.Names.Split(' ').Select(name => KeyValuePair.Create(name, unit.Factor))).ToFrozenDictionary();

    private static FrozenDictionary<string, decimal> SizeUnits()
    {
        var units = new List<(decimal, string)> { (1, "B b byte bytes") };
        (string Letter, string Thousands, string Binary)[] prefixes =
            [("k", "kilo", "kibi"), ("m", "mega", "mebi"), ("g", "giga", "gibi"), ("t", "tera", "tebi"), ("p", "peta", "pebi"), ("e", "exa", "exbi"), ("z", "zetta", "zebi"), ("y", "yotta", "yobi")];
        decimal thousands = 1, binary = 1;
        foreach (var (letter, decimalName, binaryName) in prefixes)
        {
            thousands *= 1000;
            binary *= 1024;
            var upper = letter.ToUpperInvariant();
            units.Add((thousands, $"{(letter == "k" ? "k" : upper)}B {decimalName}byte {decimalName}bytes"));
            units.Add((binary, $"{letter} {upper} {upper}i {upper}iB {binaryName}byte {binaryName}bytes"));
        }
        return Units([.. units]);
    }
}
