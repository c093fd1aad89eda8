using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using Actors.Client;
using Actors.Protocol;

namespace Actors.Cli.Configs;

/// <summary>Shows the configurations of topics and brokers.</summary>
internal static class DescribeCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var entity = new EntityFlags();
        var all = Flags.Of<bool>("--all");
        var output = Flags.Output();
        var command = new ExampleCommand("describe", "Show configurations: those that somebody set, or all.", "actors configs describe --topic orders --all\n  actors configs describe --entity-type brokers") { servers, all, output };
        foreach (var option in entity.All) command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            var (type, name) = entity.Entity(parsed);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            if (json) await JsonAsync(terminal, client, admin, type, name, parsed.GetValue(all), cancellation);
            else await RunAsync(terminal, client, admin, type, name, parsed.GetValue(all), cancellation);
            return 0;
        });
        return command;
    }

    public static async Task RunAsync(Terminal terminal, ClusterClient client, Admin admin, ConfigResourceType type, string? name, bool all, CancellationToken cancellation)
    {
        foreach (var resource in await ResourcesAsync(client, admin, type, name, cancellation))
        {
            IReadOnlyList<ConfigEntry> configs;
            try
            {
                configs = await OfAsync(admin, resource, all, cancellation);
            }
            catch (KafkaException error) when (name is not null && !all && error.Error is ErrorCode.UnknownTopicOrPartition or ErrorCode.BrokerNotAvailable)
            {
                terminal.Line($"The {(type == ConfigResourceType.Topic ? "topic" : "broker")} '{name}' doesn't exist and doesn't have dynamic config.");
                continue;
            }
            terminal.Line(resource is (ConfigResourceType.Broker, "")
                ? "Default configs for brokers in the cluster are:"
                : $"{(all ? "All" : "Dynamic")} configs for {(type == ConfigResourceType.Topic ? "topic" : "broker")} {resource.Name} are:");
            foreach (var config in configs) terminal.Line(Line(config));
        }
    }

    private static async Task JsonAsync(Terminal terminal, ClusterClient client, Admin admin, ConfigResourceType type, string? name, bool all, CancellationToken cancellation)
    {
        var described = new List<object>();
        foreach (var resource in await ResourcesAsync(client, admin, type, name, cancellation))
        {
            described.Add(new
            {
                Type = type == ConfigResourceType.Topic ? "topic" : "broker", resource.Name,
                Configs = (await OfAsync(admin, resource, all, cancellation)).Select(c => new { c.Name, c.Value, Source = SourceName(c.Source), c.IsReadOnly, c.IsSensitive }),
            });
        }
        terminal.Json(described);
    }

    private static async Task<IReadOnlyList<ConfigResource>> ResourcesAsync(ClusterClient client, Admin admin, ConfigResourceType type, string? name, CancellationToken cancellation)
    {
        if (name is not null) return [new ConfigResource(type, name)];
        if (type == ConfigResourceType.Topic) return [.. (await admin.ListTopicsAsync(cancellation)).Select(t => new ConfigResource(type, t.Name))];
        return [.. (await client.RefreshAsync(cancellation)).Brokers.Keys.Order().Select(id => new ConfigResource(type, id.ToString(CultureInfo.InvariantCulture))), new ConfigResource(type, "")];
    }

    private static async Task<IReadOnlyList<ConfigEntry>> OfAsync(Admin admin, ConfigResource resource, bool all, CancellationToken cancellation) =>
        [.. (await admin.DescribeConfigsAsync(resource, synonyms: true, cancellation: cancellation)).Where(c => all || !c.IsDefault).OrderBy(c => c.Name, StringComparer.Ordinal)];

    private static string Line(ConfigEntry config) =>
        $"  {config.Name}={config.Value ?? "null"} sensitive={(config.IsSensitive ? "true" : "false")} synonyms={{{string.Join(", ", config.Synonyms.Select(s => $"{SourceName(s.Source)}:{s.Name}={s.Value ?? "null"}"))}}}";

    /// <summary>Kafka's word for it.</summary>
    private static string SourceName(ConfigSource source) => JsonNamingPolicy.SnakeCaseUpper.ConvertName(source.ToString());
}
