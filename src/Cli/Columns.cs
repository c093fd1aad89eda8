namespace Actors.Cli;

/// <summary>Rows as Kafka's tools print them: columns as wide as their widest cell, a dash for an empty one.</summary>
internal static class Columns
{
    private const string None = "-";

    /// <param name="rows">The titles first.</param>
    /// <param name="least">Each column's least width; the last one is not padded.</param>
    public static IEnumerable<string> Lines(List<string[]> rows, int[] least)
    {
        var columns = rows[0].Length;
        var widths = Enumerable.Range(0, columns).Select(c => Math.Max(least[c], rows.Max(r => Cell(r[c]).Length))).ToArray();
        return rows.Select(row => string.Join(' ', row.Select((cell, c) => c == columns - 1 ? Cell(cell) : Cell(cell).PadRight(widths[c]))));
    }

    private static string Cell(string text) => text.Length == 0 ? None : text;
}
