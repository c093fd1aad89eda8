using Actors.Client;

namespace Actors.Node.Live;

/// <summary>Puts a group's picture together from what its coordinator and the partitions' leaders say.</summary>
internal static class GroupReader
{
    /// <param name="node">Asks from inside the process.</param>
    /// <param name="name">The group's.</param>
    /// <param name="knownEnds">Ends of logs that need not be asked for again.</param>
    /// <param name="topics">All topics with their partitions, where they need not be asked for again.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <returns>Null: there is no such group.</returns>
    public static async Task<GroupView?> ReadAsync(
        NodeState node, string name, IReadOnlyDictionary<TopicPartition, long>? knownEnds, CancellationToken cancellation, IReadOnlyDictionary<string, int>? topics = null)
    {
        var group = await node.Admin.DescribeGroupAsync(name, cancellation);
        if (group.State == "Dead")
            return null;
        // Right after the description, so that it is of the same generation, mostly.
        var generation = await node.Broker.GenerationAsync(name, cancellation);
        var committed = await node.Admin.CommittedAsync(name, cancellation: cancellation);
        var owners = new Dictionary<TopicPartition, GroupMemberDescription>();
        foreach (var member in group.Members)
            foreach (var partition in member.Assignment)
                owners[partition] = member;
        var partitions = committed.Keys.Union(owners.Keys).Order().ToList();
        var ends = knownEnds ?? await EndsAsync(node.Admin, partitions, topics ?? await TopicsAsync(node.Admin, cancellation), cancellation);
        var left = committed.Where(offset => ends.ContainsKey(offset.Key)).ToDictionary(offset => offset.Key, offset => new OffsetRange(offset.Value.Offset, ends[offset.Key]));
        var lags = await node.Admin.CountRecordsAsync(left, cancellation);
        var offsets = partitions.ConvertAll(partition => Offset(partition, committed, ends, lags, owners));
        return View(group, generation, offsets);
    }

    private static GroupOffsetView Offset(
        TopicPartition partition, Dictionary<TopicPartition, OffsetAndMetadata> committed, IReadOnlyDictionary<TopicPartition, long> ends,
        Dictionary<TopicPartition, long> lags, Dictionary<TopicPartition, GroupMemberDescription> owners)
    {
        var at = committed.TryGetValue(partition, out var offset);
        return new GroupOffsetView(
            partition.Topic, partition.Partition, at ? offset.Offset : null, ends.TryGetValue(partition, out var end) ? end : null, lags.TryGetValue(partition, out var lag) ? lag : null,
            at ? offset.Metadata ?? "" : "", owners.GetValueOrDefault(partition)?.MemberId);
    }

    private static GroupView View(GroupDescription group, int? generation, List<GroupOffsetView> offsets)
    {
        var lags = offsets.Where(offset => offset.MemberId is not null).GroupBy(offset => offset.MemberId!).ToDictionary(of => of.Key, of => of.Sum(offset => offset.Lag ?? 0));
        var members = group.Members.Select(member => new MemberView(
            member.MemberId, member.GroupInstanceId, member.ClientId, member.Host,
            [.. member.Assignment.Order().Select(partition => new AssignedPartition(partition.Topic, partition.Partition))], lags.GetValueOrDefault(member.MemberId)));
        return new GroupView(
            group.GroupId, group.State, group.ProtocolType, group.Assignor, generation, group.Coordinator.Id, [.. members], offsets.Sum(offset => offset.Lag ?? 0), offsets);
    }

    /// <summary>All topics, each with how many partitions it has.</summary>
    public static async Task<IReadOnlyDictionary<string, int>> TopicsAsync(Admin admin, CancellationToken cancellation) =>
        (await admin.ListTopicsAsync(cancellation)).ToDictionary(topic => topic.Name, topic => topic.Partitions.Count);

    /// <summary>Where the logs end; partitions of topics that are gone are left out.</summary>
    private static async Task<IReadOnlyDictionary<TopicPartition, long>> EndsAsync(
        Admin admin, List<TopicPartition> partitions, IReadOnlyDictionary<string, int> there, CancellationToken cancellation)
    {
        var wanted = partitions.Where(p => there.TryGetValue(p.Topic, out var count) && p.Partition < count).ToDictionary(p => p, _ => LogicalOffset.Latest);
        return (await admin.ListOffsetsAsync(wanted, cancellation: cancellation)).ToDictionary(end => end.Key, end => end.Value.Offset);
    }
}
