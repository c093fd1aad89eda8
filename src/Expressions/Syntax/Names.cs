namespace Actors.Expressions.Syntax;

internal static class Names
{
    private static readonly HashSet<string> Keywords = new(StringComparer.OrdinalIgnoreCase)
    {
        "AND", "OR", "NOT", "BETWEEN", "IN", "LIKE", "ESCAPE", "IS", "NULL", "CASE", "WHEN", "THEN", "ELSE", "END", "CAST", "AS", "TRUE", "FALSE", "DISTINCT", "FROM",
    };

    private static readonly (string Name, RecordPart Part)[] Parts =
    [
        ("key", RecordPart.Key), ("value", RecordPart.Value), ("ROWTIME", RecordPart.RowTime), ("ROWPARTITION", RecordPart.RowPartition),
        ("ROWOFFSET", RecordPart.RowOffset), ("headers", RecordPart.Headers),
    ];

    public static bool IsKeyword(string name) => Keywords.Contains(name);

    public static RecordPart? PartNamed(string name)
    {
        foreach (var (known, part) in Parts)
            if (known == name)
                return part;
        return null;
    }

    public static string Of(RecordPart part) => Parts[(int)part].Name;

    /// <summary>The name as it has to be written: quoted with ` unless it is a plain word that means nothing else.</summary>
    public static string Print(string name)
    {
        var plain = (char.IsLetter(name[0]) || name[0] == '_') && name.All(c => char.IsLetterOrDigit(c) || c is '_' or '@' or '$');
        return plain && !IsKeyword(name) && PartNamed(name) is null ? name : $"`{name.Replace("`", "``")}`";
    }

    /// <summary>The known name nearest to what was written, if any is near enough to be what was meant.</summary>
    public static string? Nearest(string written, IEnumerable<string> known)
    {
        var (best, bestDistance) = ((string?)null, Math.Max(1, written.Length / 3) + 1);
        foreach (var candidate in known)
        {
            var distance = Distance(written.ToUpperInvariant(), candidate.ToUpperInvariant());
            if (distance < bestDistance) (best, bestDistance) = (candidate, distance);
        }
        return best;
    }

    private static int Distance(string left, string right)
    {
        if (Math.Abs(left.Length - right.Length) > 8) return int.MaxValue;
        var row = Enumerable.Range(0, right.Length + 1).ToArray();
        for (var i = 1; i <= left.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= right.Length; j++)
            {
                var above = row[j];
                row[j] = Math.Min(Math.Min(row[j] + 1, row[j - 1] + 1), diagonal + (left[i - 1] == right[j - 1] ? 0 : 1));
                diagonal = above;
            }
        }
        return row[^1];
    }
}
