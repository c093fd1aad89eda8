namespace Actors.Machines;

/// <summary>
/// Where partitions are led: evenly, each topic for itself and all of them together, and of several even ways the preferred one, so that a node that comes back
/// gets what it had. Hosts are given in an order that is the same at every call while they are the same; each as the partitions that it leads.
/// </summary>
public static class LeaderSpread
{
    /// <summary>The index of the host for a partition that nobody leads.</summary>
    /// <param name="hosts">At least one.</param>
    public static int Choose(PartitionId partition, IReadOnlyList<IReadOnlyCollection<PartitionId>> hosts)
    {
        var preferred = Preferred(partition, hosts.Count);
        return Enumerable.Range(0, hosts.Count)
            .OrderBy(host => hosts[host].Count(other => other.TopicId == partition.TopicId))
            .ThenBy(host => hosts[host].Count)
            .ThenBy(host => (host - preferred + hosts.Count) % hosts.Count)
            .First();
    }

    /// <summary>The partitions that must move so that all is even, and no others: each is chosen a new host afterwards.</summary>
    public static IReadOnlyList<PartitionId> Moves(IReadOnlyList<IReadOnlyCollection<PartitionId>> hosts)
    {
        if (hosts.Count < 2)
            return [];
        var spread = new Spread(hosts);
        foreach (var topic in hosts.SelectMany(host => host).Select(partition => partition.TopicId).Distinct().Order().ToList())
            while (spread.EvenOut(topic))
            {
            }
        while (spread.EvenOutTotals())
        {
        }
        return spread.Moved;
    }

    /// <summary>As Kafka does it: the first partition anywhere, the next ones in turn.</summary>
    private static int Preferred(PartitionId partition, int hosts)
    {
        Span<byte> id = stackalloc byte[16];
        partition.TopicId.TryWriteBytes(id);
        var start = 0u;
        foreach (var b in id)
            start = unchecked((start * 31) + b);
        return (int)((start + (uint)partition.Partition) % (uint)hosts);
    }

    private sealed class Spread(IReadOnlyList<IReadOnlyCollection<PartitionId>> hosts)
    {
        private readonly List<HashSet<PartitionId>> _hosts = [.. hosts.Select(host => host.ToHashSet())];
        private readonly List<Dictionary<Guid, int>> _counts = [.. hosts.Select(host => host.GroupBy(partition => partition.TopicId).ToDictionary(topic => topic.Key, topic => topic.Count()))];
        private readonly HashSet<PartitionId> _moved = [];

        public IReadOnlyList<PartitionId> Moved => [.. _moved];

        /// <summary>One move within a topic; false when it is even.</summary>
        public bool EvenOut(Guid topic)
        {
            var most = Best(host => (-Count(host, topic), -_hosts[host].Count));
            var least = Best(host => (Count(host, topic), _hosts[host].Count));
            return Count(most, topic) - Count(least, topic) > 1 && Move(topic, most, least);
        }

        /// <summary>One move that evens the totals and leaves its topic as even as it was; false when there is none.</summary>
        public bool EvenOutTotals()
        {
            var most = Best(host => (-_hosts[host].Count, 0));
            var least = Best(host => (_hosts[host].Count, 0));
            if (_hosts[most].Count - _hosts[least].Count < 2)
                return false;
            foreach (var topic in _counts[most].Keys.Order().ToList())
                if (Count(most, topic) > Count(least, topic))
                    return Move(topic, most, least);
            return false;
        }

        private int Best(Func<int, (int, int)> rank) => Enumerable.Range(0, _hosts.Count).OrderBy(rank).First();

        private int Count(int host, Guid topic) => _counts[host].GetValueOrDefault(topic);

        private bool Move(Guid topic, int from, int to)
        {
            var partition = _hosts[from].Where(each => each.TopicId == topic)
                .OrderByDescending(_moved.Contains)
                .ThenByDescending(each => Preferred(each, _hosts.Count) == to)
                .ThenBy(each => Preferred(each, _hosts.Count) == from)
                .ThenBy(each => each.Partition)
                .First();
            _hosts[from].Remove(partition);
            _hosts[to].Add(partition);
            _counts[from][topic]--;
            _counts[to][topic] = Count(to, topic) + 1;
            _moved.Add(partition);
            return true;
        }
    }
}
