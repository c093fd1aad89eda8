using System.CommandLine;
using Actors.Cli.Configs;
using Actors.Client;

namespace Actors.Cli.Tools;

/// <summary><c>kafka-configs</c> for topics and brokers. Source: <c>kafka.admin.ConfigCommand</c>.</summary>
internal sealed class KafkaConfigs : KafkaTool
{
    private readonly Option<bool> _describe, _alter, _all;
    private readonly EntityFlags _entity = new();
    private readonly AlterCommand.ChangeFlags _changes = new();

    public KafkaConfigs(Terminal terminal) : base(terminal, "kafka-configs", "This tool helps to manipulate and describe entity config for a topic or broker")
    {
        _describe = Add(Flags.Action("--describe", "List configs for the given entity."));
        _alter = Add(Flags.Action("--alter", "Alter the configuration for the entity."));
        _all = Add(Flags.Of<bool>("--all"));
        foreach (var option in _entity.All.Concat(_changes.All)) Add(option);
        Add(Flags.Of<string?>("--command-config"));
        Add(Flags.Ignored("--force"));
    }

    protected override void Tell(string[] args, Exception error)
    {
        // What the command itself finds wrong is told as it is; the rest failed under it.
        if (error is not KafkaException)
        {
            Terminal.Error.WriteLine(error.Message);
            return;
        }
        Terminal.Error.WriteLine($"Error while executing config command with args '{string.Join(' ', args)}'");
        Terminal.Error.WriteLine($"java.util.concurrent.ExecutionException: {JavaError.Whole(error)}");
        if (JavaError.Remedy(error) is { } remedy) Terminal.Error.WriteLine(remedy);
    }

    protected override async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellation)
    {
        if (parsed.Has(_describe) == parsed.Has(_alter)) throw new UsageException("Command must include exactly one action: --describe, --alter");
        if (!parsed.Has(Servers)) throw new UsageException("--bootstrap-server must be specified");
        var (type, name) = _entity.Entity(parsed);
        var changes = parsed.Has(_alter) ? _changes.Changes(parsed) : null;
        if (changes is not null && name is null) throw new UsageException("an entity-name or default entity must be specified with --alter of topics, brokers");
        if (changes is null) foreach (var option in _changes.All) Refuse(parsed, _describe, option);
        await using var client = FlagValues.Connect(Terminal, parsed.GetValue(Servers)!, "adminclient-1");
        await using var admin = new Admin(client);
        if (changes is null) await DescribeCommand.RunAsync(Terminal, client, admin, type, name, parsed.Has(_all), cancellation);
        else await AlterCommand.RunAsync(Terminal, admin, new ConfigResource(type, name!), changes, cancellation);
        return 0;
    }
}
