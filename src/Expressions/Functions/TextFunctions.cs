using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;

namespace Actors.Expressions.Compilation;

/// <summary>ksqlDB's functions over text. Positions count UTF-16 units from 1, as Java's strings do.</summary>
internal static class TextFunctions
{
    private const int RegexCacheSize = 64;

    private static readonly ConcurrentDictionary<string, Regex?> DynamicPatterns = new();

    public static IEnumerable<ScalarFunction> All =>
    [
        Text("UCASE", s => s.ToUpperInvariant()),
        Text("LCASE", s => s.ToLowerInvariant()),
        new("TRIM", [ExpressionType.String], 1, ExpressionType.String, (a, _) => c => Trim(a[0](c))),
        new("LEN", [ExpressionType.Unknown], 1, ExpressionType.Long, (a, _) => c => Length(a[0](c))),
        new("SUBSTRING", [ExpressionType.String, ExpressionType.Long, ExpressionType.Long], 2, ExpressionType.String,
            (a, _) => a.Length == 2 ? c => Substring(a[0](c), a[1](c), null) : c => Substring(a[0](c), a[1](c), a[2](c))),
        new("SPLIT", [ExpressionType.String, ExpressionType.String], 2, ExpressionType.Array, (a, _) => c => Split(a[0](c), a[1](c))),
        new("CONCAT", [ExpressionType.Unknown], 1, ExpressionType.String, (a, _) => c => Concat(a, c)) { Variadic = true },
        new("REPLACE", [ExpressionType.String, ExpressionType.String, ExpressionType.String], 3, ExpressionType.String,
            (a, _) => c => Replace(a[0](c), a[1](c), a[2](c))),
        new("REGEXP_EXTRACT", [ExpressionType.String, ExpressionType.String, ExpressionType.Long], 2, ExpressionType.String, RegexpExtract),
        new("EXTRACTJSONFIELD", [ExpressionType.Unknown, ExpressionType.String], 2, ExpressionType.String, ExtractJsonField),
    ];

    private static ScalarFunction Text(string name, Func<string, string> change) =>
        new(name, [ExpressionType.String], 1, ExpressionType.String,
            (a, _) => c => a[0](c) is { Kind: ValueKind.String } text ? Value.Of(change(text.AsString)) : default);

    // Java's trim: everything up to the space character.
    private static Value Trim(in Value text)
    {
        if (text.Kind != ValueKind.String) return default;
        var bytes = text.AsBytes;
        int start = 0, end = bytes.Length;
        while (start < end && bytes[start] <= ' ') start++;
        while (end > start && bytes[end - 1] <= ' ') end--;
        return text.TextSlice(start, end - start);
    }

    private static Value Length(in Value value) => value.Kind switch
    {
        ValueKind.String => Value.Of((long)Encoding.UTF8.GetCharCount(value.AsBytes)),
        ValueKind.Bytes => Value.Of((long)value.AsBytes.Length),
        ValueKind.Array => Value.Of((long)value.Elements().Length),
        _ => default,
    };

    private static Value Substring(in Value text, in Value position, Value? length)
    {
        if (text.Kind != ValueKind.String || position.Kind != ValueKind.Long || length is { Kind: not ValueKind.Long }) return default;
        var bytes = text.AsBytes;
        var ascii = Ascii.IsValid(bytes);
        var whole = ascii ? null : text.AsString;
        var size = whole?.Length ?? bytes.Length;
        var from = position.AsLong;
        var start = (int)(from < 0 ? Math.Max(size + from, 0) : Math.Max(Math.Min(from - 1, size), 0));
        var wanted = length?.AsLong ?? size;
        var end = (int)Math.Max(Math.Min(start + Math.Min(wanted, size), size), start);
        return ascii ? text.TextSlice(start, end - start) : Value.Of(whole![start..end]);
    }

    private static Value Split(in Value text, in Value delimiter)
    {
        if (text.Kind != ValueKind.String || delimiter.Kind != ValueKind.String) return default;
        if (delimiter.AsBytes.Length == 0) return Value.Array([.. text.AsString.EnumerateRunes().Select(r => Value.Of(r.ToString()))]);
        var parts = new List<Value>();
        var bytes = text.AsBytes;
        var separator = delimiter.AsBytes;
        for (var start = 0; ;)
        {
            var at = bytes[start..].IndexOf(separator);
            parts.Add(text.TextSlice(start, at < 0 ? bytes.Length - start : at));
            if (at < 0) return Value.Array([.. parts]);
            start += at + separator.Length;
        }
    }

    // Nulls are left out; what is no text goes in as its text.
    private static Value Concat(Evaluator[] arguments, RecordContext context)
    {
        var text = new StringBuilder();
        foreach (var argument in arguments)
            if (argument(context) is { IsNull: false } value)
                text.Append(value.ToString());
        return Value.Of(text.ToString());
    }

    private static Value Replace(in Value text, in Value old, in Value replacement)
    {
        if (text.Kind != ValueKind.String || old.Kind != ValueKind.String || replacement.Kind != ValueKind.String) return default;
        return old.AsBytes.Length == 0 ? text : Value.Of(text.AsString.Replace(old.AsString, replacement.AsString, StringComparison.Ordinal));
    }

    private static Evaluator RegexpExtract(Evaluator[] arguments, Value?[] constants)
    {
        var group = arguments.Length == 3 ? arguments[2] : _ => Value.Of(0L);
        if (constants[0] is not { Kind: ValueKind.String } constant)
            return c => arguments[0](c) is { Kind: ValueKind.String } pattern ? Extract(Cached(pattern.AsString), arguments[1](c), group(c)) : default;
        var regex = Compile(constant.AsString, out var reason) ?? throw new ArgumentRefusedException(0, reason);
        if (arguments.Length == 3 && constants[2] is { Kind: ValueKind.Long } number && !regex.GetGroupNumbers().Contains((int)number.AsLong))
            throw new ArgumentRefusedException(2, $"the pattern has no group {number.AsLong}");
        return c => Extract(regex, arguments[1](c), group(c));
    }

    private static Value Extract(Regex? regex, in Value text, in Value group)
    {
        if (regex is null || text.Kind != ValueKind.String || group.Kind != ValueKind.Long || group.AsLong is < 0 or > int.MaxValue) return default;
        var match = regex.Match(text.AsString);
        return match.Success && match.Groups[(int)group.AsLong] is { Success: true } found ? Value.Of(found.Value) : default;
    }

    private static Regex? Cached(string pattern)
    {
        if (DynamicPatterns.TryGetValue(pattern, out var known)) return known;
        if (DynamicPatterns.Count >= RegexCacheSize) DynamicPatterns.Clear();
        return DynamicPatterns[pattern] = Compile(pattern, out _);
    }

    // Matching without backtracking takes linear time whatever the pattern, so that no record can hold a task up.
    private static Regex? Compile(string pattern, out string reason)
    {
        reason = "";
        try
        {
            return new Regex(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
        }
        catch (ArgumentException wrong)
        {
            reason = $"not a regular expression: {wrong.Message}";
        }
        catch (NotSupportedException)
        {
            reason = "look-around, back references and atomic groups are not supported in a regular expression";
        }
        return null;
    }

    private static Evaluator ExtractJsonField(Evaluator[] arguments, Value?[] constants)
    {
        if (constants[1] is not { Kind: ValueKind.String } constant)
        {
            return c => arguments[1](c) is { Kind: ValueKind.String } path && JsonPath.TryParse(path.AsString, out var parsed, out _)
                ? parsed.Extract(arguments[0](c)) : default;
        }
        if (!JsonPath.TryParse(constant.AsString, out var fixedPath, out var reason)) throw new ArgumentRefusedException(1, reason);
        return c => fixedPath.Extract(arguments[0](c));
    }
}
