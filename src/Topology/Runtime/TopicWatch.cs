using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>
/// What a running topology has seen of its topics, look by look. Two looks in a row decide that one was deleted or made anew, for a single answer may
/// come from a broker that has not heard of it yet.
/// </summary>
internal sealed class TopicWatch(TopologyPlan plan)
{
    private readonly Dictionary<string, Guid> _ids = [];
    private readonly Dictionary<string, int> _partitions = [];
    private string? _missed;

    /// <summary>The topic that is gone, or is another one of the same name, since the look before the last; null where all are as they were.</summary>
    public string? Lost(IReadOnlyDictionary<string, TopicMetadata> there)
    {
        var missed = plan.WatchedTopics.FirstOrDefault(name => !there.TryGetValue(name, out var topic) || (_ids.TryGetValue(name, out var id) && id != topic.Id));
        foreach (var (name, topic) in there) _ids.TryAdd(name, topic.Id);
        (var before, _missed) = (_missed, missed);
        return missed is not null && missed == before ? missed : null;
    }

    /// <summary>A topic that the tasks read and that has got more partitions since the last look; null where there is none.</summary>
    public string? Grown(IReadOnlyDictionary<string, TopicMetadata> there)
    {
        string? grown = null;
        foreach (var name in plan.ReadTopics)
        {
            if (!there.TryGetValue(name, out var topic)) continue;
            if (_partitions.TryGetValue(name, out var count) && count < topic.Partitions.Count) grown = name;
            _partitions[name] = topic.Partitions.Count;
        }
        return grown;
    }

    /// <summary>How many tasks there are on all nodes; null where a topic is missing.</summary>
    public int? TaskCount(IReadOnlyDictionary<string, TopicMetadata> there) =>
        plan.ReadTopics.All(there.ContainsKey) ? plan.SubTopologies.Sum(sub => sub.SourceTopics.Max(topic => there[topic].Partitions.Count)) : null;
}
