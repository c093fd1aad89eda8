using System.Collections.Immutable;
using System.Diagnostics;
using System.Net.Sockets;
using Actors.Groups.Tests;
using Actors.Node.Tests;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>The members of one group, of one client library, each of which knows another node of the cluster; and what they all have read and committed.</summary>
public sealed class Crew(ThreeNodes nodes, string group, string client, string strategy) : IDisposable
{
    private const int HeartbeatMs = 500;
    private const int SettlesWithin = 30;
    private readonly Stopwatch _watch = Stopwatch.StartNew();
    private readonly List<Member> _all = [];

    public string Group => group;

    /// <summary>Those that are there.</summary>
    public List<Member> Members { get; } = [];

    public Member Join(string? instance = null)
    {
        var addresses = nodes.Nodes.Select(node => node.Kafka).ToArray();
        var at = _all.Count % addresses.Length;
        // KafkaJS knows only these when it begins anew; librdkafka goes on with those that it has heard of.
        var bootstrap = client == "kafkajs" ? string.Join(',', addresses[at..].Concat(addresses[..at])) : addresses[at];
        var member = new Member(_watch, client, bootstrap, ThreeNodes.Topic, group, $"{client}-{strategy}-{_all.Count}", strategy, HeartbeatMs, instance, counts: true);
        _all.Add(member);
        Members.Add(member);
        return member;
    }

    public void Leave(Member member)
    {
        member.LeaveAndEnd();
        Members.Remove(member);
    }

    /// <summary>All at once, and each ends.</summary>
    public void LeaveAll()
    {
        foreach (var member in Members)
            member.Leave();
        foreach (var member in Members)
            member.AwaitEnd();
        Members.Clear();
    }

    public void Crash(Member member)
    {
        member.Crash();
        Members.Remove(member);
    }

    /// <summary>Waits until each partition has one owner, and all members have their share.</summary>
    public void AwaitSettled(string what) =>
        Polling.Until(() => (Members: string.Join("  ", Members), Group: IsSettled() ? null : Described()), _ => IsSettled(), SettlesWithin, $"{group} after {what}");

    /// <summary>When the group committed again, after a moment: the first of the members, and each of them. In milliseconds from then on.</summary>
    public long[] CommittedAgain(long sinceMs, int withinSeconds)
    {
        Polling.Until(() => (Members: string.Join("  ", Members), Group: Described()), _ => Firsts().All(first => first is not null), withinSeconds, $"{group}'s members commit again");
        return [.. Firsts().Select(first => first!.Value).Order()];

        IEnumerable<long?> Firsts() => Members.Select(member => member.Commits.FirstOrDefault(commit => commit.AtMs > sinceMs)?.AtMs - sinceMs);
    }

    /// <summary>Its committed offsets, as its coordinator has them now.</summary>
    public Dictionary<int, long>? Committed()
    {
        if (Coordinator(nodes, group) is not { } at)
            return null;
        using var coordinator = new RawConnection(at.Kafka);
        var request = new OffsetFetchRequest { GroupId = group, Topics = [new() { Name = ThreeNodes.Topic, PartitionIndexes = [.. Enumerable.Range(0, ThreeNodes.Partitions)] }] };
        var answer = coordinator.Ask<OffsetFetchResponse>(request, 7);
        return answer.ErrorCode == 0 ? answer.Topics[0].Partitions.ToDictionary(partition => partition.PartitionIndex, partition => partition.CommittedOffset) : null;
    }

    /// <summary>The group's state and members as its coordinator has them.</summary>
    private string Described()
    {
        if (Coordinator(nodes, group) is not { } at)
            return "no coordinator";
        using var coordinator = new RawConnection(at.Kafka);
        var described = coordinator.Ask<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [group] }, 4).Groups[0];
        return $"{(ErrorCode)described.ErrorCode} {described.GroupState} at {at.Name}: {string.Join(", ", described.Members.Select(member => $"{member.ClientId} {member.GroupInstanceId} {member.MemberAssignment.Length} B"))}";
    }

    /// <summary>The node that another says is the group's coordinator; null when it says none, or none is known that runs.</summary>
    public static Container? Coordinator(ThreeNodes nodes, string group)
    {
        foreach (var asked in nodes.Nodes)
        {
            try
            {
                using var connection = new RawConnection(asked.Kafka);
                var found = connection.Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { CoordinatorKeys = [group] }, 4).Coordinators[0];
                var told = nodes.Nodes.FirstOrDefault(node => found.ErrorCode == 0 && ThreeNodes.IdOf(node.Name) == found.NodeId);
                if (told is not null)
                    new RawConnection(told.Kafka).Dispose();
                return told;
            }
            catch (Exception e) when (e is SocketException or IOException)
            {
                // That one is dead: another node knows better.
            }
        }
        return null;
    }

    /// <summary>Who got a partition began where its group had committed, and what was committed is so still.</summary>
    /// <returns>What was counted.</returns>
    public string AssertNothingIsLost(IReadOnlyDictionary<int, long> ends)
    {
        var reads = _all.SelectMany(member => member.Reads).ToLookup(read => read.Partition);
        var commits = _all.SelectMany(member => member.Commits).ToLookup(commit => commit.Partition);
        var committed = Committed();
        Assert.NotNull(committed);
        foreach (var (partition, end) in ends)
        {
            var furthest = commits[partition].Select(commit => commit.Offset).DefaultIfEmpty(0).Max();
            Assert.True(committed[partition] >= furthest, $"{group}: {furthest} of partition {partition} was committed, now it is {committed[partition]}");
            AssertItBeginsWhereItWasCommitted(partition);
        }
        return $"{group}: {ends.Values.Sum()} records read, {reads.Sum(partition => partition.Count()) - ends.Values.Sum()} of them twice; {commits.Sum(partition => partition.Count())} commits";
    }

    /// <summary>Waits until every record up to these offsets was read by somebody, and is committed.</summary>
    public void AwaitAllRead(IReadOnlyDictionary<int, long> ends)
    {
        Polling.Until(Skipped, skipped => skipped.Length == 0, 20, $"records of {group} that nobody read");
        Polling.Until(Committed, committed => committed is not null && ends.All(end => committed[end.Key] >= end.Value), 20, $"{group} has committed all");

        string Skipped()
        {
            var reads = _all.SelectMany(member => member.Reads).ToLookup(read => read.Partition, read => read.Offset);
            return string.Join("; ", from end in ends
                let skipped = Enumerable.Range(0, (int)end.Value).Select(offset => (long)offset).Except(reads[end.Key]).ToList()
                where skipped.Count > 0
                select $"partition {end.Key}: {skipped.Count}, {string.Join(",", skipped.Take(10))} among them");
        }
    }

    public void Dispose()
    {
        foreach (var member in _all)
            member.Dispose();
    }

    /// <summary>
    /// Who is given a partition begins where the group had committed by then. What is told as committed later may be a commit that found no coordinator at first and was sent
    /// again, behind the question where to begin. Members tell of both themselves: the half second is for their words to arrive.
    /// </summary>
    private void AssertItBeginsWhereItWasCommitted(int partition)
    {
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - _watch.ElapsedMilliseconds;
        var commits = _all.SelectMany(member => member.Commits).Where(commit => commit.Partition == partition).ToList();
        foreach (var member in _all)
        {
            var before = ImmutableSortedSet<int>.Empty;
            foreach (var (at, owned) in member.History)
            {
                var (given, atMs) = (owned.Contains(partition) && !before.Contains(partition), start + (long)at.TotalMilliseconds);
                before = owned;
                if (!given || member.Reads.FirstOrDefault(read => read.Partition == partition && read.AtMs >= atMs - 300) is not { } first)
                    continue;
                var committed = commits.Where(commit => commit.AtMs < atMs - 500).Select(commit => commit.Offset).DefaultIfEmpty(0).Max();
                Assert.True(first.Offset >= committed, $"{group}: {member.Name} began with record {first.Offset} of partition {partition}, {committed} was committed\n{Around(partition, first.AtMs)}");
            }
        }
    }

    /// <summary>Who read and committed of the partition, and who owned what, in the seconds before and after.</summary>
    private string Around(int partition, long atMs)
    {
        var start = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() - _watch.ElapsedMilliseconds;
        var told = _all.SelectMany(member => member.Commits.Where(commit => commit.Partition == partition).Select(commit => (commit.AtMs, What: $"{member.Name} committed {commit.Offset}"))
            .Concat(member.History.Select(owned => (AtMs: start + (long)owned.At.TotalMilliseconds, What: $"{member.Name} owns {string.Join(',', owned.Partitions)}")))
            .Concat(member.Reads.Where(read => read.Partition == partition).Select(read => (read.AtMs, What: $"{member.Name} read {read.Offset}"))));
        return string.Join('\n', told.Where(each => Math.Abs(each.AtMs - atMs) < 8_000).OrderBy(each => each.AtMs).Select(each => $"{each.AtMs - atMs,6} {each.What}"));
    }

    private bool IsSettled()
    {
        var owned = Members.ConvertAll(member => member.Owned);
        return owned.Sum(partitions => partitions.Count) == ThreeNodes.Partitions && owned.SelectMany(partitions => partitions).Distinct().Count() == ThreeNodes.Partitions
            && owned.Max(partitions => partitions.Count) - owned.Min(partitions => partitions.Count) <= 1;
    }
}
