using System.CommandLine;

namespace Actors.Cli.Topics;

/// <summary><c>actors topics</c>, with the flags and lines of kafka-topics.</summary>
internal static class TopicCommands
{
    public static Command Build(Terminal terminal) => new("topics", "Make, list, describe, alter and delete topics.")
    {
        CreateCommand.Build(terminal), ListCommand.Build(terminal), DescribeCommand.Build(terminal), AlterCommand.Build(terminal), DeleteCommand.Build(terminal),
    };

    public static Argument<string?> Positional() => new("name") { Description = "The topic, instead of --topic.", Arity = ArgumentArity.ZeroOrOne };

    /// <exception cref="UsageException">No name, or two.</exception>
    public static string Name(ParseResult parsed, Option<string?> option, Argument<string?> positional) => (parsed.GetValue(option), parsed.GetValue(positional)) switch
    {
        ({ Length: > 0 } named, null) => named,
        (null, { Length: > 0 } named) => named,
        (null or "", null or "") => throw new UsageException("--topic is missing"),
        var (one, other) => throw new UsageException($"which topic, {one} or {other}?"),
    };
}
