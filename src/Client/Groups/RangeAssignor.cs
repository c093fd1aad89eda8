namespace Actors.Client;

/// <summary>
/// Each topic's partitions in runs over its sorted members, the first ones getting one more where it does not divide; so topics with equally
/// many partitions are co-partitioned. Source: Kafka's <c>RangeAssignor</c>, without racks.
/// </summary>
public sealed class RangeAssignor : IAssignor
{
    public string Name => "range";

    public IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var assigned = members.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>());
        foreach (var (topic, count) in partitions.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            var subscribed = members.Where(m => m.Topics.Contains(topic)).ToList();
            subscribed.Sort(MemberSubscription.Compare);
            if (subscribed.Count == 0) continue;
            var (each, more) = Math.DivRem(count, subscribed.Count);
            for (int member = 0, next = 0; member < subscribed.Count; member++)
            {
                var taken = each + (member < more ? 1 : 0);
                for (var end = next + taken; next < end; next++) assigned[subscribed[member].MemberId].Add(new TopicPartition(topic, next));
            }
        }
        return assigned.ToDictionary(a => a.Key, a => new GroupAssignment(a.Value));
    }
}
