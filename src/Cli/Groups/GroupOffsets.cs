using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>A group and how far it is.</summary>
/// <param name="Group">State and members.</param>
/// <param name="Committed">The committed offsets.</param>
/// <param name="Ends">Where the logs end; partitions of topics that are gone are left out.</param>
/// <param name="Lags">Records from the committed offset to the log's end.</param>
internal sealed record GroupOffsets(
    GroupDescription Group, IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> Committed, IReadOnlyDictionary<TopicPartition, long> Ends, IReadOnlyDictionary<TopicPartition, long> Lags)
{
    public long? Current(TopicPartition partition) => Committed.TryGetValue(partition, out var at) ? at.Offset : null;

    public long? End(TopicPartition partition) => Ends.TryGetValue(partition, out var end) ? end : null;

    public long? Lag(TopicPartition partition) => Lags.TryGetValue(partition, out var lag) ? lag : null;

    public static async Task<GroupOffsets> OfAsync(Admin admin, GroupDescription group, CancellationToken cancellation)
    {
        var committed = await admin.CommittedAsync(group.GroupId, cancellation: cancellation);
        var ends = await EndsAsync(admin, group, committed, cancellation);
        var left = committed.Where(offset => ends.ContainsKey(offset.Key)).ToDictionary(offset => offset.Key, offset => new OffsetRange(offset.Value.Offset, ends[offset.Key]));
        return new GroupOffsets(group, committed, ends, await admin.CountRecordsAsync(left, cancellation));
    }

    private static async Task<Dictionary<TopicPartition, long>> EndsAsync(
        Admin admin, GroupDescription group, Dictionary<TopicPartition, OffsetAndMetadata> committed, CancellationToken cancellation)
    {
        var there = (await admin.ListTopicsAsync(cancellation)).ToDictionary(t => t.Name, t => t.Partitions.Count);
        var wanted = group.Members.SelectMany(m => m.Assignment).Concat(committed.Keys).Distinct()
            .Where(p => there.TryGetValue(p.Topic, out var count) && p.Partition < count)
            .ToDictionary(p => p, _ => LogicalOffset.Latest);
        return (await admin.ListOffsetsAsync(wanted, cancellation: cancellation)).ToDictionary(o => o.Key, o => o.Value.Offset);
    }
}
