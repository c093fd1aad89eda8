using System.CommandLine;
using Actors.Cli.Live;

namespace Actors.Cli.Groups;

/// <summary><c>actors groups</c>, but for watch with the flags and lines of kafka-consumer-groups.</summary>
internal static class GroupCommands
{
    public static Command Build(Terminal terminal) => new("groups", "List, describe, watch, reset and delete consumer groups.")
    {
        ListCommand.Build(terminal), DescribeCommand.Build(terminal), WatchCommand.Build(terminal), ResetCommand.Build(terminal), DeleteCommand.Build(terminal),
    };
}
