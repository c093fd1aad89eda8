namespace Actors.Cli;

/// <summary>Rows as Kafka's tools print them: columns as wide as their widest cell, a dash for an empty one.</summary>
internal static class Columns
{
    private const string None = "-";

    /// <param name="rows">The titles first.</param>
    /// <param name="least">Each column's least width.</param>
    /// <param name="padLast">The last column is filled up too, as Kafka's tools do in some of their tables.</param>
    public static IEnumerable<string> Lines(List<string[]> rows, int[] least, bool padLast = false)
    {
        var columns = rows[0].Length;
        var widths = Enumerable.Range(0, columns).Select(c => Math.Max(least[c], rows.Max(r => Cell(r[c]).Length))).ToArray();
        return rows.Select(row => string.Join(' ', row.Select((cell, c) => c == columns - 1 && !padLast ? Cell(cell) : Cell(cell).PadRight(widths[c]))));
    }

    private static string Cell(string text) => text.Length == 0 ? None : text;
}
