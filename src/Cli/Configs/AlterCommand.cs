using System.CommandLine;
using System.Text.RegularExpressions;
using Actors.Client;

namespace Actors.Cli.Configs;

/// <summary>Sets configurations of a topic or of brokers, or puts them back to their defaults.</summary>
internal static partial class AlterCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var entity = new EntityFlags();
        var changes = new ChangeFlags();
        var command = new ExampleCommand("alter", "Set configurations, or put them back to their defaults.",
            "actors configs alter --topic orders --add-config retention.ms=86400000,cleanup.policy=[compact,delete]\n  actors configs alter --topic orders --delete-config retention.ms") { servers };
        foreach (var option in entity.All.Concat(changes.All)) command.Options.Add(option);
        command.SetAction(async (parsed, cancellation) =>
        {
            var (type, name) = entity.Entity(parsed);
            if (name is null) throw new UsageException("--entity-name is missing: whose configuration?");
            var wanted = changes.Changes(parsed);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            await RunAsync(terminal, admin, new ConfigResource(type, name), wanted, cancellation);
            return 0;
        });
        return command;
    }

    public static async Task RunAsync(Terminal terminal, Admin admin, ConfigResource resource, IReadOnlyDictionary<string, string?> changes, CancellationToken cancellation)
    {
        if (changes.Where(c => c.Value is null).Select(c => c.Key).ToList() is { Count: > 0 } deleted)
        {
            var set = (await admin.DescribeConfigsAsync(resource, cancellation: cancellation)).Where(c => !c.IsDefault).Select(c => c.Name);
            if (deleted.Except(set).ToList() is { Count: > 0 } unset) throw new CommandFailedException($"Invalid config(s): {string.Join(",", unset)}");
        }
        await admin.IncrementalAlterConfigsAsync(resource, [.. changes.Select(c => c.Value is { } value ? ConfigAlteration.Set(c.Key, value) : ConfigAlteration.Delete(c.Key))], cancellation: cancellation);
        terminal.Line(resource is (ConfigResourceType.Broker, "") ? "Completed updating default config for brokers in the cluster."
            : $"Completed updating config for {(resource.Type == ConfigResourceType.Topic ? "topic" : "broker")} {resource.Name}.");
    }

    /// <summary>The flags that say what to change.</summary>
    internal sealed partial class ChangeFlags
    {
        private readonly Option<string?> _add = Flags.Of<string?>("--add-config"), _file = Flags.Of<string?>("--add-config-file");
        private readonly Option<string[]> _delete = Flags.Of<string[]>("--delete-config");

        public IReadOnlyList<Option> All => [_add, _file, _delete];

        /// <summary>Values to set; null where the default shall be again.</summary>
        /// <exception cref="UsageException">Nothing to do, or not name=value.</exception>
        public Dictionary<string, string?> Changes(ParseResult parsed)
        {
            var changes = new Dictionary<string, string?>();
            if (parsed.Has(_add) && parsed.Has(_file)) throw new UsageException("Only one of --add-config or --add-config-file must be specified");
            foreach (var (name, value) in FlagValues.Properties("--add-config-file", parsed.GetValue(_file))) changes[name] = value;
            foreach (var (name, value) in Pairs(parsed.GetValue(_add))) changes[name] = value;
            foreach (var name in parsed.GetValue(_delete)!.SelectMany(list => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)))
                if (!changes.TryAdd(name, null)) throw new UsageException($"--delete-config {name}: --add-config sets it");
            return changes.Count > 0 ? changes : throw new UsageException("At least one of --add-config, --add-config-file, or --delete-config must be specified with --alter");
        }

        /// <summary>Commas separate, except inside of square brackets, which go away.</summary>
        private static IEnumerable<(string Name, string Value)> Pairs(string? text)
        {
            if (string.IsNullOrWhiteSpace(text)) yield break;
            foreach (var pair in OutsideBrackets().Split(text))
            {
                var equals = pair.IndexOf('=');
                if (equals <= 0) throw new UsageException("Invalid entity config: all configs to be added must be in the format \"key=val\".");
                yield return (pair[..equals].Trim(), pair[(equals + 1)..].Trim().Replace("[", "").Replace("]", ""));
            }
        }

        [GeneratedRegex(@",(?=[^\]]*(?:\[|$))")]
        private static partial Regex OutsideBrackets();
    }
}
