using System.Text;

namespace Actors.Hocon;

/// <summary>Where a value or key stands: file name as given, line and column from 1 (columns count UTF-16 units). The default value means "nowhere".</summary>
public readonly struct HoconPosition : IEquatable<HoconPosition>
{
    private const int ExcerptEachSide = 100;
    private static readonly string[] Secrets = ["password", "pwd"];

    internal HoconPosition(SourceText source, int line, int column)
    {
        Source = source;
        File = source.Name;
        Line = line;
        Column = column;
    }

    /// <summary>A position in a file whose text is not at hand.</summary>
    public HoconPosition(string file, int line, int column)
    {
        File = file;
        Line = line;
        Column = column;
    }

    public string File { get => field ?? ""; }
    public int Line { get; }
    public int Column { get; }
    internal SourceText? Source { get; }

    /// <summary>The text of the line, without its end; null where the text is not at hand.</summary>
    public string? SourceLine => Source?.LineAt(Line);

    /// <summary>Another column of the same line.</summary>
    public HoconPosition AtColumn(int column) => Source is { } source ? new(source, Line, column) : new(File, Line, column);

    /// <summary>
    /// The line, indented, and below it a mark under the column; of a long line a hundred characters on each side. Null where the text is not at hand, and for a line that
    /// names a password: what errors are printed to is often kept.
    /// </summary>
    public string? Excerpt()
    {
        if (SourceLine is not { } line || Secrets.Any(secret => line.Contains(secret, StringComparison.OrdinalIgnoreCase))) return null;
        var mark = Math.Clamp(Column - 1, 0, line.Length);
        var from = Math.Max(0, mark - ExcerptEachSide);
        var shown = new StringBuilder("    ");
        foreach (var c in line[from..Math.Min(line.Length, mark + ExcerptEachSide)]) shown.Append(char.IsControl(c) ? ' ' : c);
        return shown.Append("\n    ").Append(' ', mark - from).Append('^').ToString();
    }

    public bool Equals(HoconPosition other) => File == other.File && Line == other.Line && Column == other.Column;
    public override bool Equals(object? other) => other is HoconPosition position && Equals(position);
    public override int GetHashCode() => HashCode.Combine(File, Line, Column);
    public override string ToString() => $"{File}:{Line}:{Column}";

    public static bool operator ==(HoconPosition left, HoconPosition right) => left.Equals(right);
    public static bool operator !=(HoconPosition left, HoconPosition right) => !left.Equals(right);
}

/// <summary>A file's name and text, kept so that an error can show its line.</summary>
internal sealed class SourceText(string name, string text)
{
    public string Name { get; } = name;
    public string Text { get; } = text;

    public string? LineAt(int line)
    {
        var start = 0;
        for (var current = 1; current < line; current++)
        {
            var end = Text.IndexOf('\n', start);
            if (end < 0) return null;
            start = end + 1;
        }
        var stop = Text.IndexOf('\n', start);
        return Text[start..(stop < 0 ? Text.Length : stop)].TrimEnd('\r');
    }
}
