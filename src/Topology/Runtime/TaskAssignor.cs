using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>
/// Gives whole tasks to the group's members: a task's partitions are never parted. Tasks are dealt out in order, one to each member in turn; one that
/// moves is first given up by its old owner (KIP-429), so that no two members have it at a time.
/// </summary>
internal sealed class TaskAssignor(TopologyPlan plan) : IAssignor
{
    public string Name => "actors-tasks";

    public bool IsCooperative => true;

    public IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var ordered = members.OrderBy(m => m.GroupInstanceId ?? "", StringComparer.Ordinal).ThenBy(m => m.MemberId, StringComparer.Ordinal).ToList();
        var newest = members.Max(m => m.Generation);
        var owners = new Dictionary<TopicPartition, string>();
        // A member that missed a generation no longer owns what it says.
        foreach (var member in ordered.Where(m => m.Generation == newest))
            foreach (var owned in member.Owned)
                owners.TryAdd(owned, member.MemberId);
        var given = ordered.ToDictionary(m => m.MemberId, _ => new List<TopicPartition>());
        var number = 0;
        foreach (var sub in plan.SubTopologies)
        {
            var topics = sub.SourceTopics.Where(partitions.ContainsKey).ToList();
            var count = topics.Count < sub.SourceTopics.Count ? 0 : topics.Max(t => partitions[t]);
            for (var partition = 0; partition < count; partition++)
            {
                var to = ordered[number++ % ordered.Count].MemberId;
                var sources = topics.Where(t => partition < partitions[t]).Select(t => new TopicPartition(t, partition)).ToList();
                if (sources.TrueForAll(p => !owners.TryGetValue(p, out var owner) || owner == to)) given[to].AddRange(sources);
            }
        }
        return given.ToDictionary(g => g.Key, g => new GroupAssignment(g.Value));
    }
}
