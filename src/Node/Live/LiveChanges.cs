using Actors.Broker;
using Actors.Machines;
using Actors.Topology.Runtime;

namespace Actors.Node.Live;

/// <summary>The events that tell of one change each; the picture's own events tell how things stand.</summary>
internal static class LiveChanges
{
    /// <summary>What this node's coordinators say happens in their groups, as it happens.</summary>
    public static LiveEvent? Of(GroupEvent happened) => happened.Change switch
    {
        MemberJoined m => LiveEvent.Of("member-joined", new { happened.Group, happened.At, m.MemberId, GroupInstanceId = m.InstanceId, m.ClientId, Host = m.ClientHost }),
        MemberLeft m => LiveEvent.Of("member-left", new { happened.Group, happened.At, m.MemberId, GroupInstanceId = m.InstanceId, m.ClientId, Host = m.ClientHost, m.Reason }),
        RebalanceStarted r => LiveEvent.Of("rebalance", new { happened.Group, happened.At, Generation = r.GenerationId }),
        GenerationStarted g => LiveEvent.Of("generation", new { happened.Group, happened.At, Generation = g.GenerationId, Assignor = g.ProtocolName ?? "", Leader = g.LeaderId, g.Members }),
        GenerationAssigned a => Assignment(happened.Group, happened.At, a.GenerationId, a.ProtocolName ?? "", a.Members.Select(m => new
        {
            m.MemberId,
            GroupInstanceId = m.InstanceId,
            m.ClientId,
            Host = m.ClientHost,
            Assignment = (m.Partitions ?? []).OrderBy(p => p.Topic, StringComparer.Ordinal).ThenBy(p => p.Partition).Select(p => new AssignedPartition(p.Topic, p.Partition)),
        })),
        _ => null,
    };

    /// <summary>What is different in a newer picture: leaders and tasks that moved, and what happened in groups whose coordinator is another node.</summary>
    public static IEnumerable<LiveEvent> Between(Picture before, Picture after, int thisNode)
    {
        var at = after.At.ToUnixTimeMilliseconds();
        foreach (var (name, topic) in after.Topics)
            if (before.Topics.TryGetValue(name, out var earlier))
                foreach (var (was, now) in earlier.Partitions.Zip(topic.Partitions))
                    if (was.Leader != now.Leader)
                        yield return LiveEvent.Of("leader-moved", new { Topic = name, now.Partition, At = at, From = was.Leader, To = now.Leader, now.LeaderEpoch });
        foreach (var (name, topology) in after.Topologies)
            if (before.Topologies.TryGetValue(name, out var earlier))
                foreach (var moved in Moved(earlier, topology))
                    yield return LiveEvent.Of("task-moved", new { Topology = name, Task = moved.Id.ToString(), At = at, moved.From, moved.To });
        if (before.At == DateTimeOffset.MinValue)
            yield break;
        foreach (var name in before.Groups.Keys.Union(after.Groups.Keys).Order(StringComparer.Ordinal))
            foreach (var happened in Between(before.Groups.GetValueOrDefault(name), after.Groups.GetValueOrDefault(name), at, thisNode))
                yield return happened;
    }

    private static IEnumerable<LiveEvent> Between(GroupView? before, GroupView? after, long at, int thisNode)
    {
        if ((after ?? before)!.Coordinator == thisNode)
            yield break;
        var (was, now) = (before?.Members ?? [], after?.Members ?? []);
        var name = (after ?? before)!.Group;
        foreach (var m in was.Where(m => now.All(other => other.MemberId != m.MemberId)))
            yield return LiveEvent.Of("member-left", new { Group = name, At = at, m.MemberId, m.GroupInstanceId, m.ClientId, m.Host, Reason = "" });
        foreach (var m in now.Where(m => was.All(other => other.MemberId != m.MemberId)))
            yield return LiveEvent.Of("member-joined", new { Group = name, At = at, m.MemberId, m.GroupInstanceId, m.ClientId, m.Host });
        if (after is { State: "Stable" } && !Places(was).SetEquals(Places(now)))
            yield return Assignment(name, at, after.Generation, after.Assignor, now.Select(m => new { m.MemberId, m.GroupInstanceId, m.ClientId, m.Host, m.Assignment }));

        static HashSet<(string, AssignedPartition)> Places(IReadOnlyList<MemberView> members) => [.. members.SelectMany(m => m.Assignment.Select(p => (m.MemberId, p)))];
    }

    private static LiveEvent Assignment<T>(string group, long at, int? generation, string assignor, IEnumerable<T> members) =>
        LiveEvent.Of("assignment", new { Group = group, At = at, Generation = generation, Assignor = assignor, Members = members });

    private static IEnumerable<(object Id, int From, int To)> Moved(TopologyStatus before, TopologyStatus after) =>
        from task in after.Tasks
        join earlier in before.Tasks on task.Id equals earlier.Id
        where earlier.Node != task.Node
        select ((object)task.Id, earlier.Node, task.Node);
}
