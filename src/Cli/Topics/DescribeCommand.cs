using System.CommandLine;
using Actors.Cli.Topologies;
using Actors.Client;

namespace Actors.Cli.Topics;

/// <summary>Which of a topic's lines are shown.</summary>
internal sealed record TopicView(bool UnderReplicated = false, bool Unavailable = false, bool Overrides = false)
{
    /// <summary>Only partitions that something is wrong with, without their topics' lines.</summary>
    public bool OnlyPartitions => UnderReplicated || Unavailable;

    public bool Shows(PartitionMetadata partition) =>
        !OnlyPartitions || (UnderReplicated && partition.InSyncReplicas.Count < partition.Replicas.Count) || (Unavailable && partition.Leader < 0);
}

/// <summary>Shows topics' partitions and what is configured for them.</summary>
internal static class DescribeCommand
{
    public static Command Build(Terminal terminal)
    {
        var servers = Flags.BootstrapServer();
        var topic = Flags.Of<string?>("--topic", "The topic; left out: all of them.");
        var name = TopicCommands.Positional();
        var underReplicated = Flags.Of<bool>("--under-replicated-partitions");
        var unavailable = Flags.Of<bool>("--unavailable-partitions");
        var overrides = Flags.Of<bool>("--topics-with-overrides");
        var storage = Flags.Of<bool>("--storage");
        var http = Flags.Needed("--http", "The node's HTTP address, for --storage.", otherwise: "http://127.0.0.1:8080");
        var output = Flags.Output();
        var command = new ExampleCommand("describe", "Show topics' partitions and what is configured for them.", "actors topics describe --topic orders")
        {
            name, servers, topic, underReplicated, unavailable, overrides, storage, http, output,
        };
        command.SetAction(async (parsed, cancellation) =>
        {
            var json = FlagValues.IsJson(parsed.GetValue(output)!);
            var wanted = parsed.GetValue(topic) ?? parsed.GetValue(name);
            await using var client = FlagValues.Connect(terminal, parsed.GetValue(servers)!);
            await using var admin = new Admin(client);
            IReadOnlyList<TopicMetadata> topics = wanted is null ? await admin.ListTopicsAsync(cancellation) : [await admin.DescribeTopicAsync(wanted, cancellation)];
            if (parsed.GetValue(storage)) await StorageAsync(terminal, parsed.GetValue(http)!, topics, json, cancellation);
            else if (json) await JsonAsync(terminal, admin, topics, cancellation);
            else await RunAsync(terminal, admin, topics, new TopicView(parsed.GetValue(underReplicated), parsed.GetValue(unavailable), parsed.GetValue(overrides)), cancellation);
            return 0;
        });
        return command;
    }

    public static async Task RunAsync(Terminal terminal, Admin admin, IReadOnlyList<TopicMetadata> topics, TopicView view, CancellationToken cancellation)
    {
        var eligible = topics.Count > 0 && !view.Overrides ? await admin.EligibleReplicasAsync([.. topics.Select(t => t.Name)], cancellation) : null;
        foreach (var topic in topics)
        {
            var configs = view.OnlyPartitions ? [] : TopicLines.Set(await admin.DescribeTopicConfigsAsync(topic.Name, cancellation)).ToList();
            if (view.Overrides && configs.Count == 0) continue;
            if (!view.OnlyPartitions) terminal.Line(TopicLines.Topic(topic, configs));
            if (view.Overrides) continue;
            foreach (var partition in topic.Partitions.Where(view.Shows))
                terminal.Line(TopicLines.Partition(topic.Name, partition, eligible?.GetValueOrDefault(new TopicPartition(topic.Name, partition.Index))));
        }
    }

    private static async Task StorageAsync(Terminal terminal, string http, IReadOnlyList<TopicMetadata> topics, bool json, CancellationToken cancellation)
    {
        using var node = new NodeHttp(terminal, http);
        var stored = new List<TopicStorage>();
        foreach (var topic in topics) stored.Add(await node.StorageAsync(topic.Name, cancellation));
        if (json) terminal.Json(stored);
        else foreach (var line in TopicStorage.Lines(stored)) terminal.Line(line);
    }

    private static async Task JsonAsync(Terminal terminal, Admin admin, IReadOnlyList<TopicMetadata> topics, CancellationToken cancellation)
    {
        var described = new List<object>();
        foreach (var topic in topics)
        {
            described.Add(new
            {
                topic.Name, Id = TopicLines.Id(topic.Id), Internal = topic.IsInternal,
                Configs = TopicLines.Set(await admin.DescribeTopicConfigsAsync(topic.Name, cancellation)).ToDictionary(c => c.Name, c => c.Value),
                Partitions = topic.Partitions.Select(p => new { Partition = p.Index, p.Leader, p.Replicas, Isr = p.InSyncReplicas }),
            });
        }
        terminal.Json(described);
    }
}
