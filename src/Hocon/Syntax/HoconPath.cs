using System.Text;

namespace Actors.Hocon;

/// <summary>Path expressions: keys joined by dots, those with special characters in quotes.</summary>
public static class HoconPath
{
    /// <summary>The keys of a path expression such as <c>a.b."c.d"</c>.</summary>
    /// <exception cref="HoconException">The text is not a path expression.</exception>
    public static IReadOnlyList<string> Parse(string expression)
    {
        ArgumentNullException.ThrowIfNull(expression);
        var scanner = new Scanner(new SourceText("(path)", expression));
        var path = Read(scanner);
        if (!scanner.AtEnd) throw scanner.Error($"{scanner.Found} is not allowed in a path; put the key in quotes");
        return [.. path.Select(element => element.Key)];
    }

    /// <summary>The keys as a path expression.</summary>
    public static string Print(IEnumerable<string> keys) => string.Join('.', keys.Select(PrintKey));

    /// <summary>One key as it stands in a path expression: in quotes unless it is of letters, digits, - and _ only.</summary>
    public static string PrintKey(string key) =>
        key.Length > 0 && key.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? key : HoconPrinter.Quote(key);

    internal static string Join(string parent, string key) => parent.Length == 0 ? PrintKey(key) : $"{parent}.{PrintKey(key)}";

    /// <summary>Reads a path up to the first character that cannot belong to one; blanks inside it count, those around it do not.</summary>
    internal static List<PathElement> Read(Scanner scanner)
    {
        var path = new List<PathElement>();
        var key = new StringBuilder();
        var quoted = false;
        scanner.TakeBlanks();
        var start = scanner.Position;
        var keyStart = start;
        var any = false;
        while (true)
        {
            var blanks = scanner.TakeBlanks();
            var atQuote = !scanner.AtEnd && scanner.Current == '"';
            if (!atQuote && (!scanner.AtUnquoted || scanner.AtComment)) break;
            any = true;
            key.Append(blanks);
            if (atQuote)
            {
                key.Append(scanner.TakeQuoted());
                quoted = true;
                continue;
            }
            var tokenStart = scanner.Position;
            var (text, _) = scanner.TakeUnquoted();
            for (var i = 0; i < text.Length; i++)
            {
                if (text[i] == '.') Close(new HoconPosition(tokenStart.Source!, tokenStart.Line, tokenStart.Column + i + 1));
                else key.Append(text[i]);
            }
        }
        if (!any) throw scanner.Error($"a key is expected, {scanner.Found} was found");
        Close(start);
        return path;

        void Close(HoconPosition next)
        {
            if (key.Length == 0 && !quoted) throw scanner.Error(keyStart, "a path has an empty key between its dots; an empty key is written \"\"");
            path.Add(new PathElement(key.ToString(), keyStart));
            key.Clear();
            quoted = false;
            keyStart = next;
        }
    }
}

/// <summary>A key of a path and where it stands.</summary>
internal readonly record struct PathElement(string Key, HoconPosition Position);
