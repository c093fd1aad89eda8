using Actors.Broker;
using Actors.Machines;

namespace Actors.Node.Live;

/// <summary>The events that tell of one change each; the picture's own events tell how things stand.</summary>
internal static class LiveChanges
{
    /// <summary>What happens in a group.</summary>
    public static LiveEvent? Of(GroupEvent happened) => happened.Change switch
    {
        MemberJoined m => LiveEvent.Of("member-joined", new { happened.Group, happened.At, m.MemberId, GroupInstanceId = m.InstanceId, m.ClientId, Host = m.ClientHost }),
        MemberLeft m => LiveEvent.Of("member-left", new { happened.Group, happened.At, m.MemberId, GroupInstanceId = m.InstanceId, m.ClientId, Host = m.ClientHost, m.Reason }),
        RebalanceStarted r => LiveEvent.Of("rebalance", new { happened.Group, happened.At, Generation = r.GenerationId }),
        GenerationStarted g => LiveEvent.Of("generation", new { happened.Group, happened.At, Generation = g.GenerationId, Assignor = g.ProtocolName ?? "", Leader = g.LeaderId, g.Members }),
        GenerationAssigned a => LiveEvent.Of("assignment", new
        {
            happened.Group, happened.At, Generation = a.GenerationId, Assignor = a.ProtocolName ?? "", Members = a.Members.Select(m => new
            {
                m.MemberId,
                GroupInstanceId = m.InstanceId,
                m.ClientId,
                Host = m.ClientHost,
                Assignment = (m.Partitions ?? []).OrderBy(p => p.Topic, StringComparer.Ordinal).ThenBy(p => p.Partition).Select(p => new AssignedPartition(p.Topic, p.Partition)),
            }),
        }),
        _ => null,
    };

    /// <summary>What is different in a newer picture: leaders and tasks that moved.</summary>
    public static IEnumerable<LiveEvent> Between(Picture before, Picture after)
    {
        var at = after.At.ToUnixTimeMilliseconds();
        foreach (var (name, topic) in after.Topics)
            if (before.Topics.TryGetValue(name, out var earlier))
                foreach (var (was, now) in earlier.Partitions.Zip(topic.Partitions))
                    if (was.Leader != now.Leader)
                        yield return LiveEvent.Of("leader-moved", new { Topic = name, now.Partition, At = at, From = was.Leader, To = now.Leader, now.LeaderEpoch });
        foreach (var ((topology, task), to) in after.Homes)
            if (before.Homes.TryGetValue((topology, task), out var from) && from != to)
                yield return LiveEvent.Of("task-moved", new { Topology = topology, Task = task.ToString(), At = at, From = from, To = to });
    }
}
