using System.Globalization;
using System.Text;

namespace Actors.Hocon;

/// <summary>Writes resolved values as text that every HOCON reader takes alike: keys and strings in quotes, no substitutions, includes or paths.</summary>
public static class HoconPrinter
{
    /// <summary>The value as text; reading it gives the same tree. A document's root object has no braces around it; one from within a document has, to stand after a key.</summary>
    public static string ToPlain(HoconValue value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var text = new StringBuilder();
        if (value is HoconObject { Path: "" } root) WriteFields(text, root, 0);
        else Write(text, value, 0);
        return text.ToString();
    }

    /// <summary>The text in quotes, with JSON's escapes.</summary>
    public static string Quote(string text)
    {
        var quoted = new StringBuilder(text.Length + 2).Append('"');
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (char.IsHighSurrogate(c) && i + 1 < text.Length && char.IsLowSurrogate(text[i + 1])) quoted.Append(c).Append(text[++i]);
            else if (c is '"' or '\\' || char.IsControl(c) || char.IsSurrogate(c)) quoted.Append(Escape(c));
            else quoted.Append(c);
        }
        return quoted.Append('"').ToString();
    }

    internal static string Escape(char c) => c switch
    {
        '"' => "\\\"",
        '\\' => "\\\\",
        '\b' => "\\b",
        '\f' => "\\f",
        '\n' => "\\n",
        '\r' => "\\r",
        '\t' => "\\t",
        _ => "\\u" + ((int)c).ToString("x4", CultureInfo.InvariantCulture),
    };

    private static void Write(StringBuilder text, HoconValue value, int indent)
    {
        switch (value)
        {
            case HoconObject { Fields.Count: 0 }: text.Append("{}"); break;
            case HoconObject fields:
                text.Append("{\n");
                WriteFields(text, fields, indent + 1);
                text.Append(' ', indent * 2).Append('}');
                break;
            case HoconArray items:
                text.Append('[');
                for (var i = 0; i < items.Count; i++)
                {
                    if (i > 0) text.Append(", ");
                    Write(text, items[i], indent);
                }
                text.Append(']');
                break;
            case HoconScalar { Kind: HoconKind.String } scalar: text.Append(Quote(scalar.Text)); break;
            case HoconScalar scalar: text.Append(scalar.Text); break;
        }
    }

    private static void WriteFields(StringBuilder text, HoconObject value, int indent)
    {
        foreach (var field in value.Fields)
        {
            text.Append(' ', indent * 2).Append(Quote(field.Key)).Append(" : ");
            Write(text, field.Value, indent);
            text.Append('\n');
        }
    }
}
