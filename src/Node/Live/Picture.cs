using Actors.Client;
using Actors.Topology;
using Actors.Topology.Runtime;

namespace Actors.Node.Live;

/// <summary>What a node sees of the cluster at one moment.</summary>
/// <param name="SeenGroups">The groups that were read this time.</param>
/// <param name="HasAllGroups">There are no groups but those that were read.</param>
/// <param name="Homes">Where each task was seen last: one that is moving is nobody's for a while.</param>
/// <param name="Problems">What could not be read this time, and why; the picture then shows what was known before.</param>
internal sealed record Picture(
    ClusterView? Cluster, IReadOnlyDictionary<string, TopicView> Topics, IReadOnlyDictionary<string, GroupView> Groups, IReadOnlyDictionary<string, TopologyStatus> Topologies,
    IReadOnlySet<string> SeenGroups, bool HasAllGroups, IReadOnlyDictionary<TopicPartition, long> Ends,
    IReadOnlyDictionary<(string Topology, TaskId Task), int> Homes, DateTimeOffset At, IReadOnlyList<string> Problems)
{
    public static readonly Picture Empty = new(
        null, new Dictionary<string, TopicView>(), new Dictionary<string, GroupView>(), new Dictionary<string, TopologyStatus>(),
        new HashSet<string>(), false, new Dictionary<TopicPartition, long>(),
        new Dictionary<(string, TaskId), int>(), DateTimeOffset.MinValue, []);
}

/// <summary>Takes pictures: asks what any Kafka client could ask, from inside the process. A part that cannot be read now stays as it was.</summary>
internal sealed class PictureReader(NodeState node)
{
    /// <summary>More topics or groups than these, by name, are not followed: a picture is taken every second.</summary>
    private const int MostTopics = 500, MostGroups = 200;

    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public async Task<Picture> ReadAsync(Picture before)
    {
        using var deadline = new CancellationTokenSource(Patience);
        var problems = new List<string>();
        var cluster = await TryAsync("nodes", before.Cluster, async () => await ClusterEndpoints.ReadAsync(node, deadline.Token), problems);
        var topologies = await TryAsync("topologies", before.Topologies, () => TopologiesAsync(deadline.Token), problems);
        var metadata = await TryAsync("topics", null, async () => (IReadOnlyList<TopicMetadata>?)await node.Admin.ListTopicsAsync(deadline.Token), problems);
        var topics = metadata?.Take(MostTopics).ToList() ?? [];
        var at = DateTimeOffset.UtcNow;
        var ends = new Dictionary<TopicPartition, long>();
        foreach (var known in await Task.WhenAll(topics.Select(topic => EndsAsync(topic, before, problems, deadline.Token))))
            foreach (var (partition, end) in known)
                ends[partition] = end;
        var views = metadata is null ? before.Topics : topics.ToDictionary(topic => topic.Name, topic => View(topic, ends, before, at));
        var listed = await TryAsync("groups", null, async () => (IReadOnlyList<ListedGroup>?)await node.Admin.ListGroupsAsync(deadline.Token), problems);
        var read = await Task.WhenAll((listed ?? []).Take(MostGroups).Select(group => FollowAsync(group.GroupId, ends, problems, deadline.Token)));
        var groups = listed is null ? before.Groups : Views(read, before);
        var seen = read.Where(group => group.IsRead).Select(group => group.Name).ToHashSet();
        return new Picture(
            cluster, views, groups, topologies, seen, seen.Count == listed?.Count, ends, Homes(topologies, before), at, [.. problems.Distinct().Order(StringComparer.Ordinal)]);
    }

    /// <summary>One group now; null when there is none.</summary>
    public Task<GroupView?> GroupAsync(string group, Picture before) => TryAsync(
        $"group {group}", before.Groups.GetValueOrDefault(group), async () =>
        {
            using var deadline = new CancellationTokenSource(Patience);
            return await GroupReader.ReadAsync(node, group, before.Ends.Count > 0 ? before.Ends : null, deadline.Token);
        }, []);

    /// <summary>A topic at a time: one without a leader leaves the others' ends known.</summary>
    private Task<Dictionary<TopicPartition, long>> EndsAsync(TopicMetadata topic, Picture before, List<string> problems, CancellationToken cancellation)
    {
        var partitions = topic.Partitions.Select(partition => new TopicPartition(topic.Name, partition.Index)).ToList();
        var known = partitions.Where(before.Ends.ContainsKey).ToDictionary(p => p, p => before.Ends[p]);
        return TryAsync($"offsets of {topic.Name}", known, async () =>
        {
            var ends = await node.Admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Latest), cancellation: cancellation);
            return ends.ToDictionary(end => end.Key, end => end.Value.Offset);
        }, problems);
    }

    private async Task<IReadOnlyDictionary<string, TopologyStatus>> TopologiesAsync(CancellationToken cancellation) =>
        node.Topologies is { } deployed ? (await deployed.ListAsync(cancellation)).ToDictionary(topology => topology.Name) : new Dictionary<string, TopologyStatus>();

    private static Dictionary<(string Topology, TaskId Task), int> Homes(IReadOnlyDictionary<string, TopologyStatus> topologies, Picture before)
    {
        var homes = before.Homes.Where(home => topologies.ContainsKey(home.Key.Topology)).ToDictionary();
        foreach (var (name, topology) in topologies)
            foreach (var task in topology.Tasks)
                homes[(name, task.Id)] = task.Node;
        return homes;
    }

    private Task<FollowedGroup> FollowAsync(string name, Dictionary<TopicPartition, long> ends, List<string> problems, CancellationToken cancellation) => TryAsync(
        $"group {name}", new FollowedGroup(name, null, false), async () => new FollowedGroup(name, await GroupReader.ReadAsync(node, name, ends, cancellation), true), problems);

    private static Dictionary<string, GroupView> Views(IEnumerable<FollowedGroup> read, Picture before) =>
        read.Select(group => group.IsRead ? group.View : before.Groups.GetValueOrDefault(group.Name)).OfType<GroupView>().ToDictionary(view => view.Group);

    private static TopicView View(TopicMetadata topic, Dictionary<TopicPartition, long> ends, Picture before, DateTimeOffset at)
    {
        var seconds = (at - before.At).TotalSeconds;
        var partitions = topic.Partitions.Select(partition =>
        {
            var of = new TopicPartition(topic.Name, partition.Index);
            long? end = ends.TryGetValue(of, out var last) ? last : null;
            double? rate = end is not null && before.Ends.TryGetValue(of, out var earlier) && seconds > 0 ? Math.Round(Math.Max(0, end.Value - earlier) / seconds, 1) : null;
            return new PartitionView(partition.Index, partition.Leader, partition.LeaderEpoch, end, rate);
        }).ToList();
        return new TopicView(topic.Name, topic.IsInternal, partitions, partitions.Any(p => p.Rate is not null) ? Math.Round(partitions.Sum(p => p.Rate ?? 0), 1) : null);
    }

    private static async Task<T> TryAsync<T>(string what, T otherwise, Func<Task<T>> read, List<string> problems)
    {
        try
        {
            return await read();
        }
        catch (Exception e) when (e is KafkaException or OperationCanceledException or Akka.Actor.AskTimeoutException)
        {
            lock (problems)
                problems.Add($"{what}: {(e is OperationCanceledException ? $"no answer within {Patience.TotalSeconds:0} s" : e.Message)}");
            return otherwise;
        }
    }

    /// <summary>A group of the list: its view, null when it is gone meanwhile or could not be read.</summary>
    private sealed record FollowedGroup(string Name, GroupView? View, bool IsRead);
}
