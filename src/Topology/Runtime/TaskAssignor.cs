using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>
/// Gives whole tasks to the group's members: a task's partitions are never parted. Each member gets alike many tasks of each sub-topology and in all, and
/// keeps of those it has what its share allows. A task that moves is first given up by its old owner (KIP-429), so that no two members have it at a time.
/// </summary>
internal sealed class TaskAssignor(TopologyPlan plan) : IAssignor
{
    public string Name => "actors-tasks";

    public bool IsCooperative => true;

    private sealed class Share(string memberId)
    {
        public string MemberId => memberId;
        public int Total { get; set; }
        public List<int> Owned { get; set; } = [];
        public int Quota { get; set; }
        public List<TopicPartition> Given { get; } = [];
    }

    public IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var owners = new Dictionary<TopicPartition, string>();
        // A member that missed a generation still has what it says, unless another got it meanwhile.
        foreach (var member in members.OrderByDescending(m => m.Generation))
            foreach (var owned in member.Owned)
                owners.TryAdd(owned, member.MemberId);
        var shares = members.OrderBy(m => m.GroupInstanceId ?? "", StringComparer.Ordinal).ThenBy(m => m.MemberId, StringComparer.Ordinal).Select(m => new Share(m.MemberId)).ToList();
        foreach (var sub in plan.SubTopologies)
        {
            var topics = sub.SourceTopics.Where(partitions.ContainsKey).ToList();
            if (topics.Count < sub.SourceTopics.Count) continue;
            List<TopicPartition> SourcesOf(int task) => [.. topics.Where(t => task < partitions[t]).Select(t => new TopicPartition(t, task))];
            var tasks = Enumerable.Range(0, topics.Max(t => partitions[t])).ToList();
            foreach (var share in shares) share.Owned = [.. tasks.Where(task => SourcesOf(task).TrueForAll(p => owners.GetValueOrDefault(p) == share.MemberId))];
            Deal(tasks, SourcesOf, owners, shares);
        }
        return shares.ToDictionary(s => s.MemberId, s => new GroupAssignment(s.Given));
    }

    private static void Deal(List<int> tasks, Func<int, List<TopicPartition>> sourcesOf, Dictionary<TopicPartition, string> owners, List<Share> shares)
    {
        var (each, over) = Math.DivRem(tasks.Count, shares.Count);
        foreach (var share in shares) share.Quota = each;
        // One more goes to those that have least in all, among them to those that have one more already.
        foreach (var share in shares.OrderBy(s => s.Total).ThenByDescending(s => s.Owned.Count).Take(over)) share.Quota++;
        var left = tasks.ToHashSet();
        foreach (var share in shares)
            foreach (var task in share.Owned.Take(share.Quota))
                Give(task, share);
        foreach (var task in tasks.Where(left.Contains).ToList()) Give(task, shares.Find(s => s.Quota > 0)!);

        void Give(int task, Share to)
        {
            left.Remove(task);
            to.Quota--;
            to.Total++;
            var sources = sourcesOf(task);
            if (sources.TrueForAll(p => !owners.TryGetValue(p, out var owner) || owner == to.MemberId)) to.Given.AddRange(sources);
        }
    }
}
