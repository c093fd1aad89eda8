using System.CommandLine;
using System.Text.RegularExpressions;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary>Lists topics' names.</summary>
internal static class ListCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Of<string?>("--topic", "Only topics whose names match this regular expression.");
        var excludeInternal = Flags.Of<bool>("--exclude-internal");
        var output = Flags.Output();
        var command = new ExampleCommand("list", "List the topics' names.", "actors topics list --topic 'orders.*' --output json") { servers, topic, excludeInternal, output };
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            var pattern = parsed.GetValue(topic) is { } given ? FlagValues.TopicPattern("--topic", given) : null;
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            var topics = await FindAsync(admin, pattern, parsed.GetValue(excludeInternal), cancellation);
            if (json) terminal.Json(topics.Select(t => new { t.Name, Partitions = t.Partitions.Count, Internal = t.IsInternal }));
            else foreach (var found in topics) terminal.Line(found.Name);
            return 0;
        });
        return command;
    }

    /// <summary>The topics whose whole name matches, in the order of their names.</summary>
    public static async Task<IReadOnlyList<TopicMetadata>> FindAsync(Admin admin, Regex? pattern, bool excludeInternal, CancellationToken cancellation) =>
        [.. (await admin.ListTopicsAsync(cancellation)).Where(t => pattern?.IsMatch(t.Name) != false && !(excludeInternal && t.IsInternal))];
}
