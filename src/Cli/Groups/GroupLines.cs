using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Groups as kafka-consumer-groups shows them: columns as wide as their widest cell, at least fifteen.</summary>
internal static class GroupLines
{
    private const string None = "-";

    public static IEnumerable<string> Offsets(
        GroupDescription group, IReadOnlyDictionary<TopicPartition, OffsetAndMetadata> committed, IReadOnlyDictionary<TopicPartition, long> ends)
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
                group.GroupId, partition.Topic, $"{partition.Partition}", $"{current}", $"{end}", $"{end - current}", owner?.MemberId ?? "", owner?.Host ?? "", owner?.ClientId ?? "",
            ]);
        }
        return Table(rows, [15, 15, 10, 15, 15, 15, 15, 15, 0]);
    }

    public static IEnumerable<string> Members(GroupDescription group, bool verbose)
    {
        List<string[]> rows = [["GROUP", "CONSUMER-ID", "HOST", "CLIENT-ID", "#PARTITIONS", .. verbose ? ["ASSIGNMENT"] : Array.Empty<string>()]];
        foreach (var member in group.Members)
        {
            var assignment = string.Join(",", member.Assignment.Order().GroupBy(p => p.Topic).Select(t => $"{t.Key}({string.Join(",", t.Select(p => p.Partition))})"));
            rows.Add([group.GroupId, member.MemberId, member.Host, member.ClientId, $"{member.Assignment.Count}", .. verbose ? [assignment] : Array.Empty<string>()]);
        }
        return Table(rows, [15, 15, 15, 15, 15, 0]);
    }

    public static IEnumerable<string> State(GroupDescription group) => Table(
        [
            ["GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"],
            [group.GroupId, $"{group.Coordinator.Host}:{group.Coordinator.Port}  ({group.Coordinator.Id})", group.Assignor, group.State, $"{group.Members.Count}"],
        ], [15, 25, 20, 15, 0]);

    public static IEnumerable<string> States(IEnumerable<ListedGroup> groups) =>
        Table([["GROUP", "STATE"], .. groups.Select(g => new[] { g.GroupId, g.State })], [15, 0]);

    /// <summary>What is said beside the table of a group that is not stable.</summary>
    public static string? Remark(GroupDescription group) => group.State switch
    {
        "Empty" or "Dead" => $"Consumer group '{group.GroupId}' has no active members.",
        "PreparingRebalance" or "CompletingRebalance" or "Assigning" or "Reconciling" => $"Warning: Consumer group '{group.GroupId}' is rebalancing.",
        _ => null,
    };

    private static IEnumerable<string> Table(List<string[]> rows, int[] least)
    {
        var columns = rows[0].Length;
        var widths = Enumerable.Range(0, columns).Select(c => Math.Max(least[c], rows.Max(r => Cell(r[c]).Length))).ToArray();
        return rows.Select(row => string.Join(' ', row.Select((cell, c) => c == columns - 1 ? Cell(cell) : Cell(cell).PadRight(widths[c]))));
    }

    private static string Cell(string text) => text.Length == 0 ? None : text;
}
