using System.Globalization;
using System.Text;

namespace Actors.Expressions.Compilation;

/// <summary>The paths EXTRACTJSONFIELD takes: $ followed by .name, ['name'] and [index].</summary>
internal sealed class JsonPath
{
    private readonly List<(byte[]? Name, int Index)> _steps;

    private JsonPath(List<(byte[]? Name, int Index)> steps) => _steps = steps;

    public static bool TryParse(string text, out JsonPath path, out string reason)
    {
        var steps = new List<(byte[]?, int)>();
        (path, reason) = (new JsonPath(steps), "");
        if (!text.StartsWith('$')) return Refuse(out reason, text, "it begins with $");
        for (var at = 1; at < text.Length;)
        {
            if (text[at] == '.')
            {
                var end = text.IndexOfAny(['.', '['], at + 1);
                if (end < 0) end = text.Length;
                if (end == at + 1) return Refuse(out reason, text, "a name is empty");
                steps.Add((Encoding.UTF8.GetBytes(text[(at + 1)..end]), 0));
                at = end;
                continue;
            }
            var close = text[at] == '[' ? text.IndexOf(']', at) : -1;
            if (close < 0) return Refuse(out reason, text, "after $ come .name, ['name'] or [index]");
            var inner = text[(at + 1)..close];
            if (inner.Length > 2 && inner[0] is '\'' or '"' && inner[^1] == inner[0]) steps.Add((Encoding.UTF8.GetBytes(inner[1..^1]), 0));
            else if (int.TryParse(inner, NumberStyles.None, CultureInfo.InvariantCulture, out var index)) steps.Add((null, index));
            else return Refuse(out reason, text, "an index is an integer");
            at = close + 1;
        }
        return true;
    }

    /// <summary>The text of what the path leads to, in JSON text or in a value that is JSON already; null where there is nothing.</summary>
    public Value Extract(in Value source)
    {
        var current = source;
        if (source.Kind == ValueKind.String && !JsonText.TryRead(source.RawBuffer, source.RawOffset, source.RawLength, out current)) return default;
        foreach (var (name, index) in _steps) current = name is null ? current.Element(index) : current.Field(name);
        return Casting.ToText(current);
    }

    private static bool Refuse(out string reason, string text, string rule)
    {
        reason = $"{text} is no JSON path: {rule}";
        return false;
    }
}
