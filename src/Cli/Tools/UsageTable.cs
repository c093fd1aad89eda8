using System.CommandLine;

namespace Actors.Cli.Tools;

/// <summary>A tool's flags as Kafka's tools list them: two columns within 80 characters, further lines indented by two (joptsimple's <c>BuiltinHelpFormatter</c>).</summary>
internal static class UsageTable
{
    private const int Width = 80, Gap = 2, Indent = 2;

    public static IEnumerable<string> Lines(Command command)
    {
        var rows = new List<(string Flag, string Meaning)> { ("Option", "Description"), ("------", "-----------") };
        foreach (var option in command.Options.Where(o => !o.Hidden).OrderBy(o => o.Name, StringComparer.Ordinal)) rows.Add((Flag(option), option.Description ?? ""));
        var left = Math.Min((Width - Gap) / 2, rows.Max(r => r.Flag.Length));
        var right = Math.Min(Width - left - Gap, rows.Max(r => r.Meaning.Length));
        foreach (var (flag, meaning) in rows)
        {
            var (flags, meanings) = (Pieces(flag, left), Pieces(meaning, right));
            for (var i = 0; i < Math.Max(flags.Count, meanings.Count); i++)
                yield return flags.ElementAtOrDefault(i, "").PadRight(left + Gap) + meanings.ElementAtOrDefault(i, "").PadRight(right);
        }
    }

    private static string Flag(Option option)
    {
        if (option.ValueType == typeof(bool) || option.HelpName is null) return option.Name;
        var type = option.ValueType.IsArray ? option.ValueType.GetElementType()! : Nullable.GetUnderlyingType(option.ValueType) ?? option.ValueType;
        var argument = $"{(type == typeof(int) ? "Integer" : type == typeof(long) ? "Long" : "String")}: {option.HelpName}";
        return option.Arity.MinimumNumberOfValues == 0 && option.Arity.MaximumNumberOfValues == 1 ? $"{option.Name} [{argument}]" : $"{option.Name} <{argument}>";
    }

    private static List<string> Pieces(string text, int width)
    {
        List<string> lines = [];
        var line = "";
        foreach (var word in text.Split(' '))
        {
            var indent = lines.Count == 0 ? 0 : Indent;
            if (line.Length > 0 && indent + line.Length + 1 + word.Length > width)
            {
                lines.Add(new string(' ', indent) + line);
                line = word;
            }
            else
            {
                line = line.Length == 0 ? word : $"{line} {word}";
            }
        }
        lines.Add(new string(' ', lines.Count == 0 ? 0 : Indent) + line);
        return lines;
    }

    private static string ElementAtOrDefault(this List<string> lines, int index, string otherwise) => index < lines.Count ? lines[index] : otherwise;
}
