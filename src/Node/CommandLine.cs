using System.Globalization;

namespace Actors.Node;

/// <summary>What the command line asks for. See CONTRACT in the README: flags win over files, a later file wins over an earlier one.</summary>
internal sealed record CommandLine
{
    public const string Usage = """
        usage: Actors.Node [--config FILE]... [--data DIR] [--kafka HOST:PORT] [--http HOST:PORT]
                           [--node-id N] [--topologies DIR] [--demo]

          --config FILE       settings over the built-in defaults; may be repeated, the last one wins
          --data DIR          directory of the embedded SQLite storage (default ./data)
          --kafka HOST:PORT   where Kafka clients connect (default 127.0.0.1:9092; port 0 takes a free one)
          --http HOST:PORT    where the HTTP API is served (default 127.0.0.1:8080)
          --node-id N         Kafka's broker id, from 1 (default 1)
          --topologies DIR    deploys every *.conf in it at start
          --demo              produces commercials, deploys a topology that counts them, shows its results
        """;

    public IReadOnlyList<string> ConfigFiles { get; init; } = [];

    public string? Data { get; init; }

    public string? Kafka { get; init; }

    public string? Http { get; init; }

    public int? NodeId { get; init; }

    public string? Topologies { get; init; }

    public bool Demo { get; init; }

    public bool Help { get; init; }

    /// <summary>Null and every complaint, <c>command line: --flag: reason</c>, when the arguments are not understood.</summary>
    public static CommandLine? Parse(IReadOnlyList<string> args, List<string> errors)
    {
        var result = new CommandLine();
        var files = new List<string>();
        for (var i = 0; i < args.Count; i++)
        {
            var (flag, value) = args[i].Split('=', 2) is [var name, var inline] && name.StartsWith("--", StringComparison.Ordinal) ? (name, inline) : (args[i], null);
            if (flag is "--demo" or "--help" or "-h" && value is null)
            {
                result = flag == "--demo" ? result with { Demo = true } : result with { Help = true };
                continue;
            }
            if (flag is not ("--config" or "--data" or "--kafka" or "--http" or "--node-id" or "--topologies"))
            {
                errors.Add($"command line: {flag}: unknown; see --help");
                continue;
            }
            if (value is null && i + 1 < args.Count)
                value = args[++i];
            if (string.IsNullOrEmpty(value))
            {
                errors.Add($"command line: {flag}: needs a value");
                continue;
            }
            result = flag switch
            {
                "--data" => result with { Data = value },
                "--kafka" => result with { Kafka = value },
                "--http" => result with { Http = value },
                "--topologies" => result with { Topologies = value },
                "--node-id" => WithNodeId(result, value, errors),
                _ => WithFile(result, value, files),
            };
        }
        return errors.Count > 0 ? null : result with { ConfigFiles = files };
    }

    private static CommandLine WithFile(CommandLine line, string file, List<string> files)
    {
        files.Add(file);
        return line;
    }

    private static CommandLine WithNodeId(CommandLine line, string value, List<string> errors)
    {
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var id) && id >= 1)
            return line with { NodeId = id };
        errors.Add($"command line: --node-id: {value} is no whole number from 1");
        return line;
    }
}
