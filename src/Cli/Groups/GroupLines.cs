using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Groups as kafka-consumer-groups shows them.</summary>
internal static class GroupLines
{
    public static IEnumerable<string> Offsets(
        GroupDescription group, IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> committed, IReadOnlyDictionary<TopicPartition, long> ends,
        IReadOnlyDictionary<TopicPartition, long> lags)
    {
        var owners = new Dictionary<TopicPartition, GroupMemberDescription>();
        foreach (var member in group.Members)
            foreach (var partition in member.Assignment) owners[partition] = member;
        List<string[]> rows = [["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"]];
        foreach (var partition in committed.Keys.Union(owners.Keys).Order())
        {
            var owner = owners.GetValueOrDefault(partition);
            long? current = committed.TryGetValue(partition, out var at) ? at.Offset : null;
            long? end = ends.TryGetValue(partition, out var last) ? last : null;
            rows.Add(
            [
                group.GroupId, partition.Topic, $"{partition.Partition}", $"{current}", $"{end}", lags.TryGetValue(partition, out var lag) ? $"{lag}" : "", owner?.MemberId ?? "", owner?.Host ?? "", owner?.ClientId ?? "",
            ]);
        }
        return Columns.Lines(rows, [15, 15, 10, 15, 15, 15, 15, 15, 0]);
    }

    public static IEnumerable<string> Members(GroupDescription group, bool verbose)
    {
        // As Kafka's tool, a column for instance ids only where there are any.
        var hasStatic = group.Members.Any(member => member.GroupInstanceId is not null);
        string[] Row(string id, string instance, string host, string client, string count, string assignment) =>
            [group.GroupId, id, .. hasStatic ? [instance] : Array.Empty<string>(), host, client, count, .. verbose ? [assignment] : Array.Empty<string>()];

        List<string[]> rows = [Row("CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS", "ASSIGNMENT")];
        rows[0][0] = "GROUP";
        foreach (var member in group.Members)
        {
            var assignment = string.Join(", ", member.Assignment.Order().GroupBy(p => p.Topic).Select(t => $"{t.Key}({string.Join(",", t.Select(p => p.Partition))})"));
            rows.Add(Row(member.MemberId, member.GroupInstanceId ?? "", member.Host, member.ClientId, $"{member.Assignment.Count}", assignment));
        }
        return Columns.Lines(rows, hasStatic ? [15, 15, 17, 15, 15, 15, 0] : [15, 15, 15, 15, 15, 0]);
    }

    public static IEnumerable<string> State(GroupDescription group) => Columns.Lines(
        [
            ["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"],
            [group.GroupId, $"{group.Coordinator.Host}:{group.Coordinator.Port} ({group.Coordinator.Id})", group.Assignor, group.State, $"{group.Members.Count}"],
        ], [15, 25, 20, 15, 0]);

    public static IEnumerable<string> States(IEnumerable<ListedGroup> groups) =>
        Columns.Lines([["GROUP", "STATE"], .. groups.Select(g => new[] { g.GroupId, g.State })], [15, 0]);

    /// <summary>What is said beside the table of a group that is not stable.</summary>
    public static string? Remark(GroupDescription group) => group.State switch
    {
        "Empty" or "Dead" => $"Consumer group '{group.GroupId}' has no active members.",
        "PreparingRebalance" or "CompletingRebalance" or "Assigning" or "Reconciling" => $"Warning: Consumer group '{group.GroupId}' is rebalancing.",
        _ => null,
    };
}
