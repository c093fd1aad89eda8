using Actors.Protocol;

namespace Actors.Machines;

/// <summary>What a page shows of a topic: its partitions from <paramref name="From"/> to before <paramref name="End"/>, or why it shows none.</summary>
public readonly record struct TopicPart(string Name, ErrorCode Error, int From, int End);

/// <summary>A page of topics.</summary>
/// <param name="Error">INVALID_REQUEST: the cursor is none that a page gave.</param>
/// <param name="Next">Where the next page begins; null when there is none.</param>
public sealed record TopicPage(ErrorCode Error, IReadOnlyList<TopicPart> Topics, (string Name, int Partition)? Next);

/// <summary>Topics page by page. Source: Kafka 3.9's DescribeTopicPartitions (KIP-966).</summary>
public static class TopicPages
{
    /// <summary>The page from a cursor on.</summary>
    /// <param name="names">The topics asked for; none: all.</param>
    /// <param name="cursor">Null: from the beginning. With topics asked for, its topic must be among them.</param>
    /// <param name="limit">Most partitions of the page, at least 1.</param>
    public static TopicPage Next(TopicsImage topics, IReadOnlyCollection<string> names, (string Name, int Partition)? cursor, int limit)
    {
        var from = cursor?.Name ?? "";
        var all = names.Count == 0;
        var wanted = (all ? topics.ByName.Keys : names).Where(name => string.CompareOrdinal(name, from) >= 0).Distinct().Order(StringComparer.Ordinal).ToList();
        if (cursor is { Partition: < 0 } || (cursor is not null && !all && !wanted.Contains(from)))
            return new TopicPage(ErrorCode.InvalidRequest, [], null);
        var parts = new List<TopicPart>();
        foreach (var name in wanted)
        {
            if (limit == 0)
                return new TopicPage(ErrorCode.None, parts, (name, 0));
            if (topics.Find(name) is not { } topic)
            {
                parts.Add(new TopicPart(name, TopicName.Validate(name) is null ? ErrorCode.UnknownTopicOrPartition : ErrorCode.InvalidTopicException, 0, 0));
                continue;
            }
            var first = Math.Min(cursor is var (at, partition) && at == name ? partition : 0, topic.Partitions);
            var end = Math.Min(topic.Partitions, first + limit);
            parts.Add(new TopicPart(name, ErrorCode.None, first, end));
            if (end < topic.Partitions)
                return new TopicPage(ErrorCode.None, parts, (name, end));
            limit -= end - first;
        }
        return new TopicPage(ErrorCode.None, parts, null);
    }
}
