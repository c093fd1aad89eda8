using System.CommandLine;
using System.CommandLine.Parsing;

namespace Actors.Cli.Tools;

/// <summary>Command lines as Kafka's tools read them (joptsimple's way): a flag may be shortened as long as it is the only one that begins so.</summary>
internal static class ToolArguments
{
    private static readonly string[] Gone = ["zookeeper", "whitelist", "blacklist", "new-consumer"];

    /// <summary>The arguments with shortened flags written out.</summary>
    /// <exception cref="UsageException">A flag that could be several; one that Kafka has given up.</exception>
    public static string[] Whole(RootCommand command, string[] args)
    {
        var known = command.Options.SelectMany(o => o.Aliases.Append(o.Name)).Where(n => n.StartsWith("--", StringComparison.Ordinal)).ToList();
        return [.. args.Select(argument => Whole(command, known, argument))];
    }

    private static string Whole(RootCommand command, List<string> known, string argument)
    {
        if (!argument.StartsWith("--", StringComparison.Ordinal) || argument.Length == 2) return argument;
        var (name, value) = argument.IndexOf('=') is var equals and > 0 ? (argument[..equals], argument[equals..]) : (argument, "");
        if (known.Contains(name)) return argument;
        if (Gone.Contains(name[2..])) throw new UsageException(Instead(command, name[2..]));
        var begun = known.Where(n => n.StartsWith(name, StringComparison.Ordinal)).ToList();
        return begun.Count switch
        {
            1 => begun[0] + value,
            0 => throw new UsageException($"{name[2..]} is not a recognized option"),
            _ => throw new UsageException($"{name[2..]} is ambiguous: it could be {string.Join(", ", begun.Order(StringComparer.Ordinal))}"),
        };
    }

    private static string Instead(RootCommand command, string name) => name switch
    {
        "zookeeper" => $"zookeeper is not a recognized option: there is no ZooKeeper; use --bootstrap-server HOST:PORT with a broker's address, as in '{command.HelpName} --bootstrap-server localhost:9092 --list'",
        "whitelist" => "whitelist is not a recognized option: use --include REGEX",
        "new-consumer" => "new-consumer is not a recognized option: there is no other consumer; leave it out",
        _ => $"{name} is not a recognized option",
    };

    /// <summary>What is wrong with a command line, in joptsimple's words.</summary>
    public static string Complaint(ParseResult parsed)
    {
        foreach (var error in parsed.Errors)
        {
            if (error.SymbolResult is not OptionResult { Option: var option } result) continue;
            var name = option.Name.TrimStart('-');
            return result.Tokens.Count == 0 ? $"Option {name} requires an argument" : $"Cannot parse argument '{result.Tokens[^1].Value}' of option {name}";
        }
        return parsed.UnmatchedTokens is [var first, ..] ? $"{first.TrimStart('-')} is not a recognized option" : parsed.Errors[0].Message;
    }
}
