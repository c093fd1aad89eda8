using Actors.Client;

namespace Actors.Cli.Groups;

/// <summary>Groups as kafka-consumer-groups shows them. Source: <c>org.apache.kafka.tools.consumer.group.ConsumerGroupCommand</c> of Apache Kafka 3.9.0.</summary>
internal static class GroupLines
{
    /// <summary>Members with the most partitions first, those without any last; then what is committed of partitions that nobody has. No line where there is no row.</summary>
    public static IEnumerable<string> Offsets(GroupOffsets offsets)
    {
        var group = offsets.Group;
        List<string[]> rows = [["GROUP", "TOPIC", "PARTITION", "CURRENT-OFFSET", "LOG-END-OFFSET", "LAG", "CONSUMER-ID", "HOST", "CLIENT-ID"]];
        foreach (var member in group.Members.OrderByDescending(m => m.Assignment.Count).ThenBy(m => m.MemberId, StringComparer.Ordinal))
        {
            foreach (var partition in member.Assignment.Order()) rows.Add(Row(offsets, partition, member));
            if (member.Assignment.Count == 0) rows.Add([group.GroupId, "", "", "", "", "", member.MemberId, member.Host, member.ClientId]);
        }
        foreach (var partition in offsets.Committed.Keys.Except(group.Members.SelectMany(m => m.Assignment)).Order()) rows.Add(Row(offsets, partition, null));
        return rows.Count == 1 ? [] : Columns.Lines(rows, [15, 15, 10, 15, 15, 15, 15, 15, 0]);
    }

    public static IEnumerable<string> Members(GroupDescription group, bool verbose)
    {
        if (group.Members.Count == 0) return [];
        // As Kafka's tool, a column for instance ids only where there are any.
        var hasStatic = group.Members.Any(member => member.GroupInstanceId is not null);
        string[] Row(string of, string id, string instance, string host, string client, string count) => [of, id, .. hasStatic ? [instance] : Array.Empty<string>(), host, client, count];

        List<string[]> rows = [Row("GROUP", "CONSUMER-ID", "GROUP-INSTANCE-ID", "HOST", "CLIENT-ID", "#PARTITIONS")];
        List<string> assignments = ["ASSIGNMENT"];
        foreach (var member in group.Members)
        {
            rows.Add(Row(group.GroupId, member.MemberId, member.GroupInstanceId ?? "", member.Host, member.ClientId, $"{member.Assignment.Count}"));
            assignments.Add(member.Assignment.Count == 0 ? "-" : string.Join(", ", member.Assignment.Order().GroupBy(p => p.Topic).Select(t => $"{t.Key}({string.Join(",", t.Select(p => p.Partition))})")));
        }
        var lines = Columns.Lines(rows, hasStatic ? [15, 15, 17, 15, 15, 15] : [15, 15, 15, 15, 15], padLast: true);
        return lines.Select((line, i) => $"{line} {(verbose ? assignments[i] : "")}");
    }

    public static IEnumerable<string> State(GroupDescription group)
    {
        var coordinator = $"{group.Coordinator.Host}:{group.Coordinator.Port} ({group.Coordinator.Id})";
        // The group's column is as wide as its coordinator is long, not as its name: so it is in Kafka's tool.
        var width = Math.Max(25, coordinator.Length);
        string Line(string of, string at, string assignor, string state, string members) => $"{of.PadRight(width)} {at,-25} {assignor,-20} {state,-15} {members}";
        return [Line("GROUP", "COORDINATOR (ID)", "ASSIGNMENT-STRATEGY", "STATE", "#MEMBERS"), Line(group.GroupId, coordinator, group.Assignor, group.State, $"{group.Members.Count}")];
    }

    /// <summary>A list of groups with the columns asked for.</summary>
    public static IEnumerable<string> Listed(IReadOnlyList<ListedGroup> groups, bool types, bool states)
    {
        string[] Row(string group, string type, string state) => [group, .. types ? [type] : Array.Empty<string>(), .. states ? [state] : Array.Empty<string>()];
        const int margin = 10;
        var width = groups.Select(g => g.GroupId.Length).Append(15).Max() + margin;
        return Columns.Lines([Row("GROUP", "TYPE", "STATE"), .. groups.Select(g => Row(g.GroupId, Type(g), g.State))], [width, 20, 20], padLast: true);
    }

    /// <summary>Classic or Consumer; this client knows the classic protocol's groups.</summary>
    public static string Type(ListedGroup group) => group.Type.Length == 0 ? "Classic" : char.ToUpperInvariant(group.Type[0]) + group.Type[1..];

    /// <summary>What is said beside the table of a group that is not stable.</summary>
    public static string? Remark(GroupDescription group) => group.State switch
    {
        "Empty" => $"Consumer group '{group.GroupId}' has no active members.",
        "PreparingRebalance" or "CompletingRebalance" or "Assigning" or "Reconciling" => $"Warning: Consumer group '{group.GroupId}' is rebalancing.",
        _ => null,
    };

    private static string[] Row(GroupOffsets offsets, TopicPartition partition, GroupMemberDescription? owner) =>
    [
        offsets.Group.GroupId, partition.Topic, $"{partition.Partition}", $"{offsets.Current(partition)}", $"{offsets.End(partition)}", $"{offsets.Lag(partition)}",
        owner?.MemberId ?? "", owner?.Host ?? "", owner?.ClientId ?? "",
    ];
}
