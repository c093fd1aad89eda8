using System.Globalization;

namespace Actors.Expressions.Compilation;

/// <summary>ksqlDB's functions over time: epoch milliseconds, and Java's DateTimeFormatter patterns. Without a zone, UTC.</summary>
internal static class TimeFunctions
{
    public static IEnumerable<ScalarFunction> All =>
    [
        new("STRINGTOTIMESTAMP", [ExpressionType.String, ExpressionType.String, ExpressionType.String], 2, ExpressionType.Long,
            (a, constants) => Build(a, constants, (value, pattern, zone) =>
                value.Kind == ValueKind.String && pattern.TryParse(value.AsString, zone, out var time) ? Value.Of(time) : default)),
        new("TIMESTAMPTOSTRING", [ExpressionType.Long, ExpressionType.String, ExpressionType.String], 2, ExpressionType.String,
            (a, constants) => Build(a, constants, (value, pattern, zone) => value.Kind == ValueKind.Long ? Value.Of(pattern.Format(value.AsLong, zone)) : default)),
        new("UNIX_TIMESTAMP", [ExpressionType.Long], 0, ExpressionType.Long, (a, _) => a.Length == 0
            ? c => Value.Of(c.Now)
            : c => a[0](c) is { Kind: ValueKind.Long } time ? time : default),
    ];

    private static Evaluator Build(Evaluator[] arguments, Value?[] constants, Func<Value, JavaTimePattern, TimeZoneInfo, Value> apply)
    {
        var pattern = Constant<JavaTimePattern>(constants, 1, JavaTimePattern.TryParsePattern);
        var zone = arguments.Length == 3 ? Constant<TimeZoneInfo>(constants, 2, TryFindZone) : TimeZoneInfo.Utc;
        if (pattern is not null && zone is not null) return c => apply(arguments[0](c), pattern, zone);
        return c =>
        {
            var used = pattern ?? (arguments[1](c) is { Kind: ValueKind.String } text && JavaTimePattern.TryParsePattern(text.AsString, out var read, out _) ? read : null);
            var there = zone ?? (arguments[2](c) is { Kind: ValueKind.String } name && TryFindZone(name.AsString, out var found, out _) ? found : null);
            return used is null || there is null ? default : apply(arguments[0](c), used, there);
        };
    }

    private delegate bool Reader<T>(string text, out T? result, out string reason);

    private static T? Constant<T>(Value?[] constants, int index, Reader<T> read) where T : class
    {
        if (constants[index] is not { Kind: ValueKind.String } constant) return null;
        return read(constant.AsString, out var result, out var reason) ? result : throw new ArgumentRefusedException(index, reason);
    }

    internal static bool TryFindZone(string name, out TimeZoneInfo? zone, out string reason)
    {
        (zone, reason) = (null, $"unknown time zone {name}");
        if (name is "Z" or "UTC" or "GMT")
        {
            zone = TimeZoneInfo.Utc;
            return true;
        }
        var offset = name.StartsWith("UTC", StringComparison.Ordinal) || name.StartsWith("GMT", StringComparison.Ordinal) ? name[3..] : name;
        if (offset.Length > 1 && offset[0] is '+' or '-')
        {
            string[] forms = ["hh\\:mm", "hhmm", "hh", "%h"];
            if (!TimeSpan.TryParseExact(offset[1..], forms, CultureInfo.InvariantCulture, out var difference) || difference > TimeSpan.FromHours(14)) return false;
            zone = TimeZoneInfo.CreateCustomTimeZone(name, offset[0] == '-' ? -difference : difference, name, name);
            return true;
        }
        return TimeZoneInfo.TryFindSystemTimeZoneById(name, out zone);
    }
}
