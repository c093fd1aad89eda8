using System.Text.RegularExpressions;
using Actors.Client;

namespace Actors.Cli;

/// <summary>What stands after flags, taken apart.</summary>
internal static class FlagValues
{
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

    /// <summary>Settings of a properties file: <c>name=value</c> a line, <c>#</c> and <c>!</c> begin a comment.</summary>
    /// <exception cref="CommandFailedException">The file cannot be read.</exception>
    /// <exception cref="UsageException">A line without an equals sign.</exception>
    public static Dictionary<string, string> Properties(string option, string? file)
    {
        if (file is null) return [];
        try
        {
            return Pairs($"{option} {file}:", File.ReadAllLines(file).Select(line => line.Trim()).Where(line => line.Length > 0 && line[0] is not ('#' or '!')));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailedException($"{option} {file}: {error.Message}");
        }
    }

    /// <exception cref="UsageException">Neither true nor false.</exception>
    public static bool IsTrue(this Dictionary<string, string> pairs, string name, bool otherwise = false) =>
        !pairs.TryGetValue(name, out var text) ? otherwise
        : bool.TryParse(text, out var value) ? value
        : throw new UsageException($"{name}={text}: true or false is meant");

    /// <summary>A pattern of topics' names as Kafka's tools take it: a regular expression that matches the whole name, commas for alternatives.</summary>
    /// <exception cref="UsageException">No regular expression.</exception>
    public static Regex TopicPattern(string option, string text)
    {
        var pattern = text.Trim().Trim('"', '\'').Replace(',', '|').Replace(" ", "");
        try
        {
            return new Regex($"^(?:{pattern})$", RegexOptions.CultureInvariant);
        }
        catch (ArgumentException error)
        {
            throw new UsageException($"{option} {text}: {error.Message}");
        }
    }

    /// <summary>Whether <c>--output</c> says json.</summary>
    /// <exception cref="UsageException">Neither table nor json.</exception>
    public static bool IsJson(string output) => output switch
    {
        "json" or "JSON" => true,
        "table" => false,
        _ => throw new UsageException($"--output {output}: table or json is meant"),
    };

    /// <summary>A client for one command: it gives up sooner than a long-running one.</summary>
    /// <exception cref="UsageException">The servers are not host:port.</exception>
    public static ClusterClient Connect(Terminal terminal, string servers, string clientId = "actors-cli")
    {
        try
        {
            return new ClusterClient(new ClusterOptions
            {
                BootstrapServers = servers, ClientId = clientId, Connect = terminal.Connect, ConnectTimeout = TimeSpan.FromSeconds(5), ApiTimeout = TimeSpan.FromSeconds(5),
            });
        }
        catch (FormatException error)
        {
            throw new UsageException($"--bootstrap-server: {error.Message}");
        }
    }
}
