namespace Actors.Client;

/// <summary>All partitions of all topics in turn over the sorted members, skipping who does not subscribe. Source: Kafka's <c>RoundRobinAssignor</c>.</summary>
public sealed class RoundRobinAssignor : IAssignor
{
    public string Name => "roundrobin";

    public IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var assigned = members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>());
        var ring = members.ToList();
        ring.Sort(MemberSubscription.Compare);
        var turn = 0;
        foreach (var (topic, count) in partitions.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            if (!ring.Exists(m => m.Topics.Contains(topic))) continue;
            for (var partition = 0; partition < count; partition++)
            {
                while (!ring[turn % ring.Count].Topics.Contains(topic)) turn++;
                assigned[ring[turn++ % ring.Count].MemberId].Add(new TopicPartition(topic, partition));
            }
        }
        return assigned.ToDictionary(a => a.Key, a => new GroupAssignment(a.Value));
    }
}
