using System.CommandLine;
using Actors.Cli.Topics;
using Actors.Client;

namespace Actors.Cli.Tools;

/// <summary><c>kafka-topics</c>. Source: <c>org.apache.kafka.tools.TopicCommand</c>.</summary>
internal sealed class KafkaTopics : KafkaTool
{
    private const string Logger = "org.apache.kafka.tools.TopicCommand";

    private readonly Option<bool> _create, _list, _describe, _alter, _delete, _ifNotExists, _ifExists, _excludeInternal, _underReplicated, _unavailable, _overrides;
    private readonly Option<string?> _topic;
    private readonly Option<int?> _partitions, _replication;
    private readonly Option<string[]> _configs;

    public KafkaTopics(Terminal terminal) : base(terminal, "kafka-topics", "This tool helps to create, delete, describe, or change a topic.")
    {
        _create = Add(Flags.Action("--create", "Create a new topic."));
        _list = Add(Flags.Action("--list", "List all available topics."));
        _describe = Add(Flags.Action("--describe", "List details for the given topics."));
        _alter = Add(Flags.Action("--alter", "Alter the number of partitions. Topic configurations are altered by kafka-configs."));
        _delete = Add(Flags.Action("--delete", "Delete a topic."));
        _topic = Add(Flags.Of<string?>("--topic", "The topic to create, alter, describe or delete. It also accepts a regular expression, except for --create option."));
        _partitions = Add(Flags.Of<int?>("--partitions"));
        _replication = Add(Flags.Of<int?>("--replication-factor"));
        _configs = Add(Flags.Of<string[]>("--config"));
        _ifNotExists = Add(Flags.Of<bool>("--if-not-exists"));
        _ifExists = Add(Flags.Of<bool>("--if-exists"));
        _excludeInternal = Add(Flags.Of<bool>("--exclude-internal"));
        _underReplicated = Add(Flags.Of<bool>("--under-replicated-partitions"));
        _unavailable = Add(Flags.Of<bool>("--unavailable-partitions"));
        _overrides = Add(Flags.Of<bool>("--topics-with-overrides"));
        Add(Flags.Of<string?>("--command-config"));
    }

    protected override string Invitation => "Create, delete, describe, or change a topic.";

    protected override void Tell(string[] args, Exception error)
    {
        Terminal.Line($"Error while executing topic command : {JavaError.Text(error)}");
        Terminal.Error.WriteLine(JavaError.Log("ERROR", $"{JavaError.Whole(error)}\n", Logger));
        if (JavaError.Remedy(error) is { } remedy) Terminal.Error.WriteLine(remedy);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        Check(parsed);
        var topic = parsed.GetValue(_topic);
        var made = parsed.Has(_create) ? CreateCommand.Wanted(topic!, parsed.GetValue(_partitions), parsed.GetValue(_replication), parsed.GetValue(_configs)!) : null;
        await using var client = FlagValues.Connect(Terminal, parsed.GetValue(Servers)!, "adminclient-1");
        await using var admin = new Admin(client);
        if (made is not null)
        {
            await CreateCommand.RunAsync(Terminal, admin, made, parsed.Has(_ifNotExists), cancellation);
            return 0;
        }
        var pattern = string.IsNullOrEmpty(topic) ? null : FlagValues.TopicPattern("--topic", topic);
        var found = await ListCommand.FindAsync(admin, pattern, parsed.Has(_excludeInternal), cancellation);
        if (parsed.Has(_list))
        {
            Terminal.Line(string.Join('\n', found.Select(t => t.Name)));
            return 0;
        }
        if (pattern is not null && found.Count == 0 && !parsed.Has(_ifExists)) throw new CommandFailedException($"Topic '{topic}' does not exist as expected");
        if (parsed.Has(_describe))
            await DescribeCommand.RunAsync(Terminal, admin, found, new TopicView(parsed.Has(_underReplicated), parsed.Has(_unavailable), parsed.Has(_overrides)), cancellation);
        else if (parsed.Has(_alter))
            foreach (var one in found) await admin.CreatePartitionsAsync(one.Name, parsed.GetValue(_partitions)!.Value, cancellation: cancellation);
        else
            foreach (var one in found) await admin.DeleteTopicAsync(one.Name, cancellation);
        return 0;
    }

    private void Check(ParseResult parsed)
    {
        Option[] actions = [_list, _describe, _create, _alter, _delete];
        if (actions.Count(parsed.Has) != 1) throw new UsageException("Command must include exactly one action: --list, --describe, --create, --alter or --delete");
        if (!parsed.Has(Servers)) throw new UsageException("--bootstrap-server must be specified");
        if (!parsed.Has(_list) && !parsed.Has(_describe)) Require(parsed, _topic);
        if (parsed.Has(_alter))
        {
            if (parsed.Has(_configs))
                throw new UsageException("Option combination \"[bootstrap-server],[config]\" can't be used with option \"[alter]\" (the kafka-configs.sh CLI can be used to alter topic configs with --bootstrap-server)");
            Require(parsed, _partitions);
        }
        foreach (var (option, goesWith) in ((Option, Option[])[])
        [
            (_configs, [_create]), (_partitions, [_create, _alter]), (_replication, [_create]), (_underReplicated, [_describe]), (_unavailable, [_describe]), (_overrides, [_describe]),
            (_ifExists, [_alter, _delete, _describe]), (_ifNotExists, [_create]), (_excludeInternal, [_list, _describe]),
        ]) Refuse(parsed, option, [.. actions.Except(goesWith)]);
    }
}
