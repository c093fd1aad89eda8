using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Actors.Topology;

/// <summary>A topology ready to run: checked, compiled and cut at repartitions into sub-topologies. Immutable; tasks are made from it.</summary>
public sealed class TopologyPlan
{
    private TopologyPlan(TopologyDescription description, IReadOnlyList<SubTopologyDraft> drafts)
    {
        Description = description;
        SubTopologies =
        [
            .. drafts.Select((draft, id) => new SubTopology(id, draft.Root, draft.SourceTopic, draft.IsRepartition)
            {
                Stores = [.. draft.Stores],
                OutputTopics = [.. draft.Outputs],
            }),
        ];
    }

    public TopologyDescription Description { get; }

    /// <summary>The topology's name, which is its consumer group's too.</summary>
    public string Name => Description.Name;

    /// <summary>The sub-topologies, numbered from 0 in this order.</summary>
    public IReadOnlyList<SubTopology> SubTopologies { get; }

    /// <summary>The topics that must exist before the topology can run.</summary>
    public IReadOnlyList<string> SourceTopics => [.. SubTopologies.Where(s => !s.IsRepartition).SelectMany(s => s.SourceTopics)];

    /// <summary>The topics that results are written to, each once; to be created when the topology is deployed.</summary>
    public IReadOnlyList<string> SinkTopics => [.. SubTopologies.SelectMany(s => s.OutputTopics).Select(t => t.Topic).Where(t => !RepartitionTopics.Contains(t)).Distinct()];

    /// <summary>The topics that must stay while it runs: sources, repartition topics and sinks. A change-log that is lost is an error of its tasks.</summary>
    public IReadOnlyList<string> WatchedTopics => [.. ReadTopics.Concat(SinkTopics).Distinct()];

    /// <summary>The topics that its tasks read, repartition topics included.</summary>
    public IReadOnlyList<string> ReadTopics => [.. SubTopologies.SelectMany(s => s.SourceTopics).Distinct()];

    /// <summary>The topics that it has for itself: repartition topics and change-logs.</summary>
    public IReadOnlyList<string> InternalTopics => [.. RepartitionTopics, .. SubTopologies.SelectMany(s => s.Stores).Select(s => s.ChangeLogTopic)];

    private HashSet<string> RepartitionTopics => [.. SubTopologies.Where(s => s.IsRepartition).SelectMany(s => s.SourceTopics)];

    /// <summary>Plans a description that was put together in code, or says every error.</summary>
    public static bool TryCompile(TopologyDescription description, [NotNullWhen(true)] out TopologyPlan? plan, out IReadOnlyList<TopologyError> errors) =>
        TryCompile(description, new Origins(), complete: true, out plan, out errors);

    internal static bool TryCompile(
        TopologyDescription description, Origins origins, bool complete, [NotNullWhen(true)] out TopologyPlan? plan, out IReadOnlyList<TopologyError> errors)
    {
        var compiler = new FlowCompiler(description, origins);
        compiler.Compile();
        errors = compiler.Errors;
        plan = complete && errors.Count == 0 ? new TopologyPlan(description, compiler.Drafts) : null;
        return plan is not null;
    }

    /// <summary>
    /// How many tasks there are and what internal topics they need, given how many partitions the source topics have.
    /// A repartition topic has as many as the largest topic before it; a change-log as many as there are tasks.
    /// </summary>
    /// <exception cref="KeyNotFoundException">A source topic's partitions are not given.</exception>
    public PartitionedPlan Partition(IReadOnlyDictionary<string, int> sourcePartitions)
    {
        var partitions = new Dictionary<string, int>(sourcePartitions);
        var tasks = new List<TaskId>();
        var topics = new List<InternalTopic>();
        // A repartition topic's reader comes after its writer, so one pass in order knows every count.
        foreach (var sub in SubTopologies)
        {
            var count = sub.SourceTopics.Max(t => partitions[t]);
            tasks.AddRange(Enumerable.Range(0, count).Select(p => new TaskId(sub.Id, p)));
            topics.AddRange(sub.Stores.Select(s => new InternalTopic(s.ChangeLogTopic, InternalTopicKind.ChangeLog, count)));
            foreach (var output in sub.OutputTopics.Where(o => RepartitionTopics.Contains(o.Topic)))
            {
                partitions[output.Topic] = Math.Max(count, partitions.GetValueOrDefault(output.Topic));
                topics.Add(new InternalTopic(output.Topic, InternalTopicKind.Repartition, count));
            }
        }
        return new PartitionedPlan(tasks, topics);
    }

    /// <summary>The plan as Kafka Streams prints topologies: sub-topologies with their stages, topics and stores.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("Topologies:\n");
        foreach (var sub in SubTopologies)
        {
            text.Append($"  Sub-topology: {sub.Id}\n    Source: {string.Join(", ", sub.SourceTopics)}\n");
            foreach (var store in sub.Stores) text.Append($"    Store: {store.Name}{(store.Windowed ? " (windowed)" : "")}, change-log {store.ChangeLogTopic}\n");
            foreach (var output in sub.OutputTopics) text.Append($"    Sink: {output.Topic}\n");
            foreach (var child in sub.Root.Children) Append(text, child, "    ");
        }
        return text.ToString();
    }

    private static void Append(StringBuilder text, PlanNode node, string indent)
    {
        text.Append($"{indent}--> {node.Name}\n");
        foreach (var child in node.Children) Append(text, child, indent + "  ");
    }
}

/// <summary>A plan's tasks and internal topics for given numbers of partitions.</summary>
public sealed record PartitionedPlan(IReadOnlyList<TaskId> Tasks, IReadOnlyList<InternalTopic> InternalTopics);
