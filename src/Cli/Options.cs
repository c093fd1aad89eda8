using System.CommandLine;
using Actors.Client;

namespace Actors.Cli;

/// <summary>Options that several commands share, under Kafka's names.</summary>
internal static class Options
{
    public static Option<string> BootstrapServer() => new("--bootstrap-server", "-b")
    {
        Description = "Brokers to ask first.", HelpName = "host:port,…", DefaultValueFactory = _ => "127.0.0.1:9092",
    };

    public static Option<string?> Topic(string description) => new("--topic", "-t") { Description = description, HelpName = "topic" };

    public static Option<string[]> Properties(string known) => new("--property")
    {
        Description = $"May be given several times. Known: {known}.", HelpName = "name=value", DefaultValueFactory = _ => [],
    };

    /// <summary>Splits <c>name=value</c> settings; the value may hold further equals signs, and escapes for tab and newline.</summary>
    /// <param name="known">The names there are; null: any.</param>
    /// <exception cref="UsageException">No equals sign, or a name that means nothing.</exception>
    public static Dictionary<string, string> Pairs(string option, IEnumerable<string> given, IReadOnlyCollection<string>? known = null)
    {
        var pairs = new Dictionary<string, string>();
        foreach (var pair in given)
        {
            var equals = pair.IndexOf('=');
            if (equals <= 0) throw new UsageException($"{option} {pair}: name=value is meant");
            var name = pair[..equals];
            if (known is not null && !known.Contains(name)) throw new UsageException($"{option} {name} means nothing here; known are {string.Join(", ", known)}");
            pairs[name] = pair[(equals + 1)..].Replace("\\t", "\t").Replace("\\n", "\n");
        }
        return pairs;
    }

    /// <exception cref="UsageException">Neither true nor false.</exception>
    public static bool IsTrue(this Dictionary<string, string> pairs, string name, bool otherwise = false) =>
        !pairs.TryGetValue(name, out var text) ? otherwise
        : bool.TryParse(text, out var value) ? value
        : throw new UsageException($"{name}={text}: true or false is meant");

    /// <summary>A client for one command: it gives up sooner than a long-running one.</summary>
    /// <exception cref="UsageException">The servers are not host:port.</exception>
    public static ClusterClient Connect(Terminal terminal, string servers)
    {
        try
        {
            return new ClusterClient(new ClusterOptions
            {
                BootstrapServers = servers, ClientId = "actors-cli", Connect = terminal.Connect, ConnectTimeout = TimeSpan.FromSeconds(5), ApiTimeout = TimeSpan.FromSeconds(5),
            });
        }
        catch (FormatException error)
        {
            throw new UsageException($"--bootstrap-server: {error.Message}");
        }
    }
}
