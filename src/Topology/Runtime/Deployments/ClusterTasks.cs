using System.Globalization;
using Actors.Client;

namespace Actors.Topology.Runtime;

/// <summary>
/// A topology's tasks on the other nodes, as the broker tells of them: where, by the assignment in the topology's group; how far behind, by its offsets.
/// Whether such a task works or is still restored only its own node knows.
/// </summary>
internal sealed class ClusterTasks(ClusterClient cluster, int ownNode) : IAsyncDisposable
{
    /// <summary>A coordinator that does not answer by then is left out of account.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    private readonly Admin _admin = new(cluster);

    /// <summary>The other nodes' tasks; none while the broker cannot say.</summary>
    public async Task<IReadOnlyList<TaskStatus>> ElsewhereAsync(TopologyPlan plan, CancellationToken cancellation)
    {
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        deadline.CancelAfter(Patience);
        try
        {
            var described = await _admin.DescribeGroupAsync(plan.Name, deadline.Token);
            var tasks = (from member in described.Members
                         let node = NodeOf(plan, member)
                         where node is not null && node != ownNode
                         from task in TasksOf(plan, member.Assignment)
                         select (Id: task, Node: node.Value)).ToList();
            if (tasks.Count == 0) return [];
            var lags = await LagsAsync(plan, [.. tasks.Select(t => t.Id).Distinct()], deadline.Token);
            var state = described.State == "Stable" ? TopologyState.Running : TopologyState.Restoring;
            return tasks.ConvertAll(t => new TaskStatus(t.Id, t.Node, state, lags[t.Id]));
        }
        catch (Exception error) when (error is KafkaException || (error is OperationCanceledException && !cancellation.IsCancellationRequested))
        {
            return [];
        }
    }

    private static int? NodeOf(TopologyPlan plan, GroupMemberDescription member) =>
        member.GroupInstanceId is { } instance && instance.StartsWith($"{plan.Name}-", StringComparison.Ordinal)
        && int.TryParse(instance.AsSpan(plan.Name.Length + 1), CultureInfo.InvariantCulture, out var node) ? node : null;

    private static IEnumerable<TaskId> TasksOf(TopologyPlan plan, IReadOnlyList<TopicPartition> assignment) =>
        from sub in plan.SubTopologies
        from partition in assignment.Where(p => p.Topic == sub.SourceTopics[0])
        where sub.SourceTopics.All(topic => assignment.Contains(new TopicPartition(topic, partition.Partition)))
        select new TaskId(sub.Id, partition.Partition);

    private async Task<Dictionary<TaskId, long>> LagsAsync(TopologyPlan plan, List<TaskId> tasks, CancellationToken cancellation)
    {
        IEnumerable<TopicPartition> SourcesOf(TaskId task) => plan.SubTopologies[task.SubTopology].SourceTopics.Select(t => new TopicPartition(t, task.Partition));
        var partitions = tasks.SelectMany(SourcesOf).ToList();
        var ends = await _admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Latest), cancellation: cancellation);
        var committed = await _admin.CommittedAsync(plan.Name, partitions, cancellation);
        return tasks.ToDictionary(t => t, t => SourcesOf(t).Sum(p => Math.Max(0, ends[p].Offset - (committed.TryGetValue(p, out var at) ? at.Offset : 0))));
    }

    public ValueTask DisposeAsync() => _admin.DisposeAsync();
}
