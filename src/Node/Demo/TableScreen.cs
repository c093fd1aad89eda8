using System.Globalization;
using Spectre.Console;

namespace Actors.Node.Demo;

/// <summary>The results as two tables that are drawn over themselves.</summary>
internal static class TableScreen
{
    private static readonly TimeSpan Redraw = TimeSpan.FromMilliseconds(250);

    public static async Task RunAsync(CommercialsResults results, CancellationToken stop) =>
        await AnsiConsole.Live(Draw(results)).AutoClear(false).Overflow(VerticalOverflow.Crop).StartAsync(async live =>
        {
            using var timer = new PeriodicTimer(Redraw);
            for (var shown = -1L; await timer.WaitForNextTickAsync(stop);)
            {
                var version = results.Version;
                if (version == shown)
                    continue;
                shown = version;
                live.UpdateTarget(Draw(results));
            }
        });

    private static Rows Draw(CommercialsResults results)
    {
        var brands = Titled(CommercialsResults.PerBrand, "brand", "cnt", "duration_mean", "rating_mean");
        foreach (var row in results.Brands)
            brands.AddRow(Markup.Escape(row.Brand), Number(row.Count), Number(row.DurationMean), Number(row.RatingMean));
        var windows = Titled(CommercialsResults.PerBrandWindowed, "window", "brand", "cnt");
        foreach (var row in results.Windows.Reverse())
            windows.AddRow($"{row.Start.LocalDateTime:HH:mm:ss}", Markup.Escape(row.Brand), Number(row.Count));
        return new Rows(brands, windows);
    }

    private static Table Titled(string title, params string[] columns)
    {
        var table = new Table { Title = new TableTitle(title), Border = TableBorder.Rounded };
        foreach (var column in columns)
            table.AddColumn(new TableColumn(column) { Alignment = column is "brand" or "window" ? Justify.Left : Justify.Right });
        return table;
    }

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);

    private static string Number(double value) => value.ToString("F2", CultureInfo.InvariantCulture);
}
