namespace Actors.Client;

/// <summary>
/// Members keep what they have as far as balance allows, and go on with it through the rebalance: a partition that moves is first given up by its
/// owner and assigned in the rebalance that follows. Source: Kafka's <c>CooperativeStickyAssignor</c> (KIP-429), without racks; which of several
/// balanced assignments is chosen is its own affair.
/// </summary>
public sealed class CooperativeStickyAssignor : IAssignor
{
    public string Name => "cooperative-sticky";

    public bool IsCooperative => true;

    public IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var owners = Owners(partitions, members);
        var loads = members.OrderBy(m => m.MemberId, StringComparer.Ordinal).Select(m => new Load(m)).ToList();
        var byId = loads.ToDictionary(l => l.Member.MemberId);
        foreach (var (partition, owner) in owners) byId[owner].Partitions.Add(partition);
        foreach (var (topic, count) in partitions.OrderBy(t => t.Key, StringComparer.Ordinal))
        {
            for (var number = 0; number < count; number++)
            {
                var partition = new TopicPartition(topic, number);
                if (!owners.ContainsKey(partition)) loads.Where(l => l.Takes(topic)).MinBy(l => l.Partitions.Count)?.Partitions.Add(partition);
            }
        }
        while (TryMove(loads)) { }
        return loads.ToDictionary(l => l.Member.MemberId, l => new GroupAssignment(
            [.. l.Partitions.Where(p => !owners.TryGetValue(p, out var owner) || owner == l.Member.MemberId).Order()]));
    }

    /// <summary>Who has what. Of two who claim a partition the one of the later generation has it; of the same generation neither.</summary>
    private static Dictionary<TopicPartition, string> Owners(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members)
    {
        var claims = members
            .SelectMany(m => m.Owned.Where(p => m.Topics.Contains(p.Topic) && p.Partition < partitions.GetValueOrDefault(p.Topic)).Distinct().Select(p => (Partition: p, Member: m)))
            .GroupBy(claim => claim.Partition);
        var owners = new Dictionary<TopicPartition, string>();
        foreach (var claim in claims)
        {
            var latest = claim.Max(c => c.Member.Generation);
            var claimants = claim.Where(c => c.Member.Generation == latest).ToList();
            if (claimants.Count == 1) owners[claim.Key] = claimants[0].Member.MemberId;
        }
        return owners;
    }

    /// <summary>Moves one partition from a member to one that has at least two fewer.</summary>
    private static bool TryMove(List<Load> loads)
    {
        foreach (var from in loads.OrderByDescending(l => l.Partitions.Count))
        {
            foreach (var to in loads.OrderBy(l => l.Partitions.Count).TakeWhile(to => from.Partitions.Count - to.Partitions.Count >= 2))
            {
                var at = from.Partitions.FindLastIndex(p => to.Takes(p.Topic));
                if (at < 0) continue;
                to.Partitions.Add(from.Partitions[at]);
                from.Partitions.RemoveAt(at);
                return true;
            }
        }
        return false;
    }

    private sealed record Load(MemberSubscription Member)
    {
        private readonly HashSet<string> _topics = [.. Member.Topics];

        public List<TopicPartition> Partitions { get; } = [];

        public bool Takes(string topic) => _topics.Contains(topic);
    }
}
