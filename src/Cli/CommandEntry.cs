using System.CommandLine;
using Actors.Cli.Completion;
using Actors.Cli.Configs;
using Actors.Cli.Groups;
using Actors.Cli.Live;
using Actors.Cli.Records;
using Actors.Cli.Topics;
using Actors.Cli.Topologies;

namespace Actors.Cli;

/// <summary>A command of <c>actors</c>, built only for lines that may mean it: to build them all takes longer than most of them run.</summary>
/// <param name="Name">The word that it is called by.</param>
/// <param name="Meaning">What stands beside it in the help of <c>actors</c>.</param>
/// <param name="Build">The command with its flags, its subcommands and what it does.</param>
internal sealed record CommandEntry(string Name, string Meaning, Func<Terminal, Command> Build)
{
    public static readonly CommandEntry[] All =
    [
        new("topics", "Make, list, describe, alter and delete topics.", TopicCommands.Build),
        new("produce", "Write a record for each line of standard input.", ProduceCommand.Build),
        new("consume", "Show a topic's records, a line each, until Ctrl+C.", ConsumeCommand.Build),
        new("groups", "List, describe, watch, reset and delete consumer groups.", GroupCommands.Build),
        new("configs", "Describe and alter the configurations of topics and brokers.", ConfigCommands.Build),
        new("topologies", "List, describe, deploy, delete and test topologies.", TopologyCommands.Build),
        new("cluster", "Show the cluster's nodes and how many leaders, groups and tasks each has.", ClusterCommand.Build),
        new("completion", "Print a script that lets a shell complete commands, flags and values.", CompletionCommand.Build),
    ];

    /// <summary>Whether the line names it, or may do so in a file (<c>@file</c>) or in a word that is being completed (<c>[suggest]</c>).</summary>
    public bool IsMeantBy(string[] args)
    {
        foreach (var word in args)
            if (word == Name || word is ['@' or '[', ..]) return true;
        return false;
    }
}
