using System.Globalization;
using Actors.Client;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Actors.Cli.Live;

/// <summary>A watched group as a picture for a terminal: its members now, and below who owned which partition, a row a generation.</summary>
internal static class GroupScreen
{
    private const int MostRows = 12, MostColumns = 48;

    private static readonly Color[] Colors =
        [Color.DodgerBlue1, Color.Orange1, Color.Green3, Color.MediumPurple1, Color.Red1, Color.Turquoise2, Color.Gold1, Color.HotPink, Color.Grey70];

    public static IRenderable Draw(WatchedGroup group)
    {
        var title = new Markup($"[bold]{Markup.Escape(group.Name)}[/]  {State(group.State)}  generation [bold]{WatchedGroup.Number(group.Generation)}[/]"
            + $"  [grey]{Markup.Escape(group.Assignor)}  coordinator {group.Coordinator}  lag {group.Lag.ToString("N0", CultureInfo.InvariantCulture)}[/]");
        return group.Trouble is { } trouble
            ? new Rows(title, new Markup($"[yellow]{Markup.Escape(trouble)}; trying again[/]"), Members(group), History(group))
            : new Rows(title, Members(group), History(group));
    }

    private static Table Members(WatchedGroup group)
    {
        var table = new Table().Border(TableBorder.Rounded).BorderColor(Color.Grey42);
        table.AddColumns("", "member", "host", "partitions");
        table.AddColumn(new TableColumn("lag").RightAligned());
        foreach (var member in group.Members)
        {
            var partitions = member.Assignment ?? [];
            table.AddRow(
                Badge(group, member.MemberId), new Text(member.GroupInstanceId ?? member.ClientId), new Text(member.Host.TrimStart('/'), new Style(Color.Grey)),
                new Text($"{partitions.Count,2}  {WatchedGroup.Partitions(partitions)}"), new Text(member.Lag.ToString("N0", CultureInfo.InvariantCulture)));
        }
        if (group.Members.Count == 0) table.AddRow(new Text(""), new Text("nobody", new Style(Color.Grey)));
        return table;
    }

    private static IRenderable History(WatchedGroup group)
    {
        var shown = group.Generations.TakeLast(MostRows).ToList();
        var partitions = shown.SelectMany(generation => generation.Owners.Keys).Distinct().Order().ToList();
        if (shown.Count == 0) return new Text("");
        if (partitions.Count > MostColumns) return new Markup($"[grey]{partitions.Count} partitions: too many to draw, a row a generation[/]");
        var table = new Table().Border(TableBorder.None);
        table.AddColumn(new TableColumn("[grey]generation[/]").RightAligned());
        table.AddColumn("[grey]at[/]");
        foreach (var (topic, numbers) in partitions.GroupBy(p => p.Topic).Select(t => (t.Key, t.Select(p => p.Partition).ToList())))
            table.AddColumn($"[grey]{Markup.Escape(topic)} {numbers[0]}-{numbers[^1]}[/]");
        table.AddColumn("");
        var topics = partitions.Select(p => p.Topic).Distinct().ToList();
        foreach (var generation in shown)
        {
            var cells = topics.Select(topic => new Markup(string.Join(' ', partitions.Where(p => p.Topic == topic).Select(p => Cell(group, generation, p)))));
            table.AddRow([
                new Text(WatchedGroup.Number(generation.Number)), new Text(WatchedGroup.Time(generation.At), new Style(Color.Grey)), .. cells,
                new Text(string.Join(", ", generation.Why), new Style(Color.Grey)),
            ]);
        }
        return table;
    }

    private static string Cell(WatchedGroup group, WatchedGeneration generation, TopicPartition partition) =>
        generation.Owners.TryGetValue(partition, out var owner) ? $"[{Colour(group, owner)}]{group.Letter(owner)}[/]" : "[grey]·[/]";

    private static Markup Badge(WatchedGroup group, string memberId) => new($"[bold {Colour(group, memberId)}]{group.Letter(memberId)}[/]");

    private static string Colour(WatchedGroup group, string memberId) => Colors[(group.Letter(memberId)[0] - 'A') % Colors.Length].ToMarkup();

    private static string State(string? state) => state switch
    {
        null => "[grey]not there yet[/]",
        "Stable" => "[green]stable[/]",
        "Empty" or "Dead" => $"[grey]{state.ToLowerInvariant()}[/]",
        _ => "[yellow]rebalancing[/]",
    };
}
