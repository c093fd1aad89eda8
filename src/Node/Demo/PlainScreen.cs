using System.Globalization;

namespace Actors.Node.Demo;

/// <summary>The results where no terminal is: a line when they have changed, at most one a second.</summary>
internal static class PlainScreen
{
    public static async Task RunAsync(CommercialsResults results, CancellationToken stop)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        for (var shown = 0L; await timer.WaitForNextTickAsync(stop);)
        {
            var version = results.Version;
            if (version == shown)
                continue;
            shown = version;
            await Console.Out.WriteLineAsync(Line(results.Brands, results.Windows));
        }
    }

    private static string Line(IReadOnlyList<BrandRow> brands, IReadOnlyList<WindowRow> windows)
    {
        var parts = brands.Select(row => string.Create(
            CultureInfo.InvariantCulture, $"{row.Brand} cnt={row.Count} duration_mean={row.DurationMean:F2} rating_mean={row.RatingMean:F2}")).ToList();
        if (windows.Count > 0)
        {
            var last = windows[^1].Start;
            parts.Add($"window {last.LocalDateTime:HH:mm:ss}: {string.Join(", ", windows.Where(row => row.Start == last).Select(row => $"{row.Brand} cnt={row.Count}"))}");
        }
        return string.Join(" | ", parts);
    }
}
