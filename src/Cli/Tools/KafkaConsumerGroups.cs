using System.CommandLine;
using Actors.Cli.Groups;
using Actors.Client;
using Actors.Protocol;

namespace Actors.Cli.Tools;

/// <summary><c>kafka-consumer-groups</c>. Source: <c>org.apache.kafka.tools.consumer.group.ConsumerGroupCommand</c>.</summary>
internal sealed class KafkaConsumerGroups : KafkaTool
{
    private const string Logger = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";

    private const string NothingDone =
        "WARN: No action will be performed as the --execute option is missing. In a future major release, the default behavior of this command will be to prompt the user before executing the reset rather than doing a dry run. "
        + "You should add the --dry-run option explicitly if you are scripting this command and want to keep the current default behavior without prompting.";

    private readonly Option<bool> _list, _describe, _delete, _reset, _deleteOffsets, _allGroups, _allTopics, _members, _offsets, _verbose, _dryRun, _execute, _export;
    private readonly Option<string[]> _group, _topic;
    private readonly Option<string?> _state, _type;
    private readonly ResetFlags _targets = new();

    public KafkaConsumerGroups(Terminal terminal)
        : base(terminal, "kafka-consumer-groups", "This tool helps to list all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.")
    {
        _list = Add(Flags.Action("--list", "List all consumer groups."));
        _describe = Add(Flags.Action("--describe", "Describe consumer group and list offset lag (number of messages not yet processed) related to given group."));
        _delete = Add(Flags.Action("--delete", "Pass in groups to delete topic partition offsets and ownership information over the entire consumer group."));
        _reset = Add(Flags.Action("--reset-offsets", "Reset offsets of consumer group, which should be inactive."));
        _deleteOffsets = Add(Flags.Action("--delete-offsets", "Delete offsets of consumer group."));
        _group = Add(Flags.Of<string[]>("--group", "The consumer group we wish to act on."));
        _allGroups = Add(Flags.Of<bool>("--all-groups"));
        _topic = Add(Flags.Of<string[]>("--topic", "The topic whose offsets are deleted or reset; topic1:0,1,2 for some of its partitions."));
        _allTopics = Add(Flags.Of<bool>("--all-topics"));
        _members = Add(Flags.Of<bool>("--members"));
        _offsets = Add(Flags.Of<bool>("--offsets"));
        _verbose = Add(Flags.Of<bool>("--verbose"));
        _state = Add(ListCommand.States());
        _type = Add(ListCommand.Types());
        _dryRun = Add(Flags.Of<bool>("--dry-run"));
        _execute = Add(Flags.Of<bool>("--execute"));
        _export = Add(Flags.Of<bool>("--export"));
        foreach (var option in _targets.All) Add(option);
        Add(Flags.Of<string?>("--command-config"));
        Add(Flags.Ignored("--timeout"));
    }

    protected override string Invitation => "List all consumer groups, describe a consumer group, delete consumer group info, or reset consumer group offsets.";

    protected override void Tell(string[] args, Exception error)
    {
        // What the command itself finds wrong is told as it is; the rest failed under it.
        Terminal.Line(error is CommandFailedException ? $"\nError: {error.Message}" : $"\nError: Executing consumer group command failed due to {JavaError.Text(error)}");
        if (error is KafkaException) Terminal.Error.WriteLine(JavaError.Whole(error));
        if (JavaError.Remedy(error) is { } remedy) Terminal.Error.WriteLine(remedy);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Check(parsed);
        var groups = parsed.GetValue(_group)!;
        await using var client = FlagValues.Connect(Terminal, parsed.GetValue(Servers)!, "adminclient-1");
        await using var admin = new Admin(client);
        if (parsed.Has(_list))
        {
            ListCommand.Show(Terminal, await ListCommand.FindAsync(admin, parsed, _state, _type, cancellation), parsed.Has(_type), parsed.Has(_state));
            return 0;
        }
        if (parsed.Has(_deleteOffsets)) return await DeleteOffsetsAsync(admin, groups[0], parsed.GetValue(_topic)!, cancellation);
        var names = await DescribeCommand.NamesAsync(admin, groups, parsed.Has(_allGroups), cancellation);
        if (parsed.Has(_delete)) return await DeleteAsync(admin, names, cancellation);
        if (parsed.Has(_reset)) return await ResetAsync(admin, parsed, names, cancellation);
        var view = parsed.Has(_members) ? GroupView.Members : parsed.Has(_state) ? GroupView.State : GroupView.Offsets;
        await DescribeCommand.RunAsync(Terminal, admin, names, view, parsed.Has(_verbose), name => Terminal.Line($"\nError: Consumer group '{name}' does not exist."), cancellation);
        return 0;
    }

    private async Task<int> DeleteAsync(Admin admin, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        var refused = new List<(string Name, KafkaException Error)>();
        foreach (var name in names)
        {
            try
            {
                await admin.DeleteGroupAsync(name, cancellation);
            }
            catch (KafkaException error) when (!error.IsRetriable)
            {
                refused.Add((name, error));
            }
        }
        if (refused.Count == 0)
        {
            Terminal.Line(DeleteCommand.Done(names));
            return 0;
        }
        Terminal.Line("\nError: Deletion of some consumer groups failed:");
        foreach (var (name, error) in refused) Terminal.Line($"* Group '{name}' could not be deleted due to: java.util.concurrent.ExecutionException: {JavaError.Whole(error)}");
        if (refused.Count < names.Count) Terminal.Line($"\nThese consumer groups were deleted successfully: {DeleteCommand.Quoted(names.Except(refused.Select(r => r.Name)))}");
        return 1;
    }

    private async Task<int> DeleteOffsetsAsync(Admin admin, string group, string[] topics, CancellationToken cancellation)
    {
        IReadOnlyDictionary<TopicPartition, KafkaException?> results;
        try
        {
            results = await DeleteCommand.OffsetsAsync(admin, group, topics, cancellation);
        }
        catch (KafkaException error) when (error.Error is ErrorCode.GroupIdNotFound or ErrorCode.InvalidGroupId or ErrorCode.NonEmptyGroup)
        {
            throw new CommandFailedException(error.Error switch
            {
                ErrorCode.GroupIdNotFound => $"'{group}' does not exist.",
                ErrorCode.InvalidGroupId => $"'{group}' is not valid.",
                _ => $"Deletion of offsets of a consumer group '{group}' which is not empty.",
            });
        }
        var refused = results.Values.Any(error => error is not null);
        Terminal.Line(refused ? "\nError: Encounter some partition level error, see the follow-up details:" : $"Request succeed for deleting offsets with topic {string.Join(", ", topics)} group {group}");
        Terminal.Line($"\n{"TOPIC",-30} {"PARTITION",-15} {"STATUS",-15}");
        foreach (var (partition, error) in results.OrderBy(r => r.Key))
            Terminal.Line($"{partition.Topic,-30} {partition.Partition,-15} {(error is null ? "Successful" : $"Error: {JavaError.Text(error)}"),-15}");
        return refused ? 1 : 0;
    }

    private async Task<int> ResetAsync(Admin admin, ParseResult parsed, IReadOnlyList<string> names, CancellationToken cancellation)
    {
        if (!parsed.Has(_execute) && !parsed.Has(_dryRun)) Terminal.Error.WriteLine(NothingDone);
        var reset = new GroupReset(admin, _targets.Target(parsed, names)!, warning => Terminal.Error.WriteLine(JavaError.Log("WARN", warning, Logger)))
        {
            Topics = parsed.Has(_allTopics) ? null : parsed.GetValue(_topic), Execute = parsed.Has(_execute),
        };
        var done = new List<(string, IReadOnlyDictionary<TopicPartition, long>)>();
        foreach (var name in names) done.Add((name, await reset.RunAsync(name, cancellation)));
        ResetCommand.Show(Terminal, done, parsed.Has(_export));
        return 0;
    }

    private void Check(ParseResult parsed)
    {
        Option[] actions = [_list, _describe, _delete, _reset, _deleteOffsets];
        if (actions.Count(parsed.Has) != 1) throw new UsageException("Command must include exactly one action: --list, --describe, --delete, --reset-offsets, --delete-offsets.");
        Require(parsed, Servers);
        const string scopes = "[all-groups], [group]";
        var hasGroups = parsed.Has(_group) || parsed.Has(_allGroups);
        if (parsed.Has(_describe))
        {
            if (!hasGroups) throw new UsageException($"Option [describe] takes one of these options: {scopes}");
            if (new Option[] { _members, _offsets, _state }.Count(parsed.Has) > 1) throw new UsageException("Option [describe] takes at most one of these options: [members], [offsets], [state]");
            if (parsed.Has(_state) && parsed.GetValue(_state) is not null) throw new UsageException("Option [describe] does not take a value for [state]");
        }
        if (parsed.Has(_delete))
        {
            if (!hasGroups) throw new UsageException($"Option [delete] takes one of these options: {scopes}");
            if (parsed.Has(_topic)) throw new UsageException("The consumer does not support topic-specific offset deletion from a consumer group.");
        }
        if (parsed.Has(_deleteOffsets) && !(parsed.Has(_group) && parsed.Has(_topic))) throw new UsageException("Option [delete-offsets] takes the following options: [topic], [group]");
        if (parsed.Has(_reset)) CheckReset(parsed, hasGroups ? null : $"Option [reset-offsets] takes one of these options: {scopes}");
        Refuse(parsed, _group, _allGroups, _list);
        Refuse(parsed, _topic, _allTopics, _list, _describe, _delete);
    }

    private void CheckReset(ParseResult parsed, string? noGroup)
    {
        Refuse(parsed, _dryRun, _execute);
        if (noGroup is not null) throw new UsageException(noGroup);
        var given = _targets.All.Where(parsed.Has).ToList();
        if (given.Count == 0) throw new UsageException($"Option \"[reset-offsets]\" requires one of the following scenarios: {string.Join(", ", _targets.All.Select(o => $"[{Name(o)}]"))}");
        Refuse(parsed, given[0], [.. given]);
        if (!parsed.Has(_topic) && !parsed.Has(_allTopics) && !parsed.Has(_targets.FromFile)) throw new UsageException("One of the reset scopes should be defined: --all-topics, --topic.");
    }
}
