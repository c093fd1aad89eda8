using System.Globalization;
using Actors.Machines;

namespace Actors.Broker;

/// <summary>A listener by name, with where it listens and where clients are told to connect, both <c>HOST:PORT</c>.</summary>
internal sealed record KnownListener(string Name, string Listens, string Advertised);

/// <summary>What a broker was started with, by Kafka's names: what its clients are shown as STATIC_BROKER_CONFIG.</summary>
internal static class StartConfigurations
{
    /// <summary>Only what is not Kafka's default, and what names the broker itself.</summary>
    public static Dictionary<string, string> Of(BrokerSettings settings, IReadOnlyCollection<KnownListener> listeners)
    {
        var all = new Dictionary<string, string>
        {
            ["advertised.listeners"] = string.Join(',', listeners.Select(each => $"{each.Name}://{each.Advertised}")),
            ["auto.create.topics.enable"] = settings.AutoCreateTopics ? "true" : "false",
            ["broker.id"] = Text(settings.NodeId),
            ["connections.max.idle.ms"] = Text(settings.ConnectionIdleTimeout),
            ["fetch.max.bytes"] = Text(settings.FetchMaxBytes),
            ["group.initial.rebalance.delay.ms"] = Text(settings.GroupInitialRebalanceDelay),
            ["group.max.session.timeout.ms"] = Text(settings.GroupMaxSessionTimeout),
            ["group.max.size"] = Text(settings.GroupMaxSize),
            ["group.min.session.timeout.ms"] = Text(settings.GroupMinSessionTimeout),
            ["listeners"] = string.Join(',', listeners.Select(each => $"{each.Name}://{each.Listens}")),
            ["log.dirs"] = settings.LogDirectory,
            ["log.retention.check.interval.ms"] = Text(settings.RetentionCheckInterval),
            ["max.connections"] = Text(settings.MaxConnections),
            ["node.id"] = Text(settings.NodeId),
            ["num.partitions"] = Text(settings.DefaultPartitions),
            ["offset.metadata.max.bytes"] = Text(settings.OffsetMetadataMaxBytes),
            ["offsets.retention.minutes"] = Text((long)settings.OffsetsRetention.TotalMinutes),
            ["offsets.topic.num.partitions"] = Text(settings.OffsetsTopicPartitions),
            ["offsets.topic.replication.factor"] = "1",
            ["process.roles"] = "broker,controller",
            ["queued.max.request.bytes"] = Text(settings.MaxInFlightBytes),
            ["request.timeout.ms"] = Text(settings.RequestTimeout),
            ["socket.request.max.bytes"] = Text(settings.MaxRequestBytes),
        };
        foreach (var entry in ConfigurationTable.Topic.Entries)
            if (settings.TopicDefaults.TryGetValue(entry.Name, out var value) && entry.Synonyms is [var synonym, ..])
                all[synonym] = value;
        return all.Where(each => each.Value.Length > 0 && each.Value != ConfigurationTable.Broker.Find(each.Key)!.Default).ToDictionary();
    }

    private static string Text(TimeSpan value) => Text((long)value.TotalMilliseconds);

    private static string Text(long value) => value.ToString(CultureInfo.InvariantCulture);
}
