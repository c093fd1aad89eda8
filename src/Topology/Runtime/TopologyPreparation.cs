using Actors.Client;
using Actors.Protocol;

namespace Actors.Topology.Runtime;

/// <summary>What must be there before a topology can run.</summary>
internal static class TopologyPreparation
{
    /// <summary>The topology's tasks, or the source topic that is missing.</summary>
    public sealed record Result(PartitionedPlan? Plan, string? MissingTopic);

    /// <summary>Looks for the source topics, and makes the sink and internal topics that are not there yet.</summary>
    /// <exception cref="KafkaException">No broker answers, or a topic is refused.</exception>
    public static async Task<Result> PrepareAsync(ClusterClient cluster, TopologyPlan plan, CancellationToken cancellation)
    {
        await using var admin = new Admin(cluster);
        // Those that are there already are as good as made; sinks must be there even while a source is missing.
        foreach (var sink in plan.SinkTopics) await admin.EnsureTopicAsync(new NewTopic(sink), cancellation);
        var partitions = new Dictionary<string, int>();
        foreach (var source in plan.SourceTopics)
        {
            if (await PartitionsAsync(admin, source, cancellation) is not { } count) return new Result(null, source);
            partitions[source] = count;
        }
        var partitioned = plan.Partition(partitions);
        foreach (var topic in partitioned.InternalTopics) await admin.EnsureTopicAsync(NewTopicOf(topic), cancellation);
        // What is known of a topic may be of one of its name that was deleted.
        await cluster.RefreshAsync(cancellation);
        return new Result(partitioned, null);
    }

    /// <summary>Those of the topology's topics that are there.</summary>
    /// <exception cref="KafkaException">No broker answers.</exception>
    public static async Task<IReadOnlyDictionary<string, TopicMetadata>> LookAsync(ClusterClient cluster, TopologyPlan plan, CancellationToken cancellation)
    {
        await using var admin = new Admin(cluster);
        return await admin.DescribeTopicsAsync(plan.WatchedTopics, cancellation);
    }

    /// <summary>Deletes the group's offsets in a topic that is gone: a position in it must not be taken for one in its successor.</summary>
    /// <param name="cluster">The broker.</param>
    /// <param name="plan">The topology.</param>
    /// <param name="topic">The topic.</param>
    /// <param name="settings">What this node is told.</param>
    /// <param name="cancellation">Gives up.</param>
    /// <exception cref="KafkaException">The broker refuses.</exception>
    /// <exception cref="TimeoutException">Another member of the group does not leave it.</exception>
    public static async Task ForgetOffsetsAsync(ClusterClient cluster, TopologyPlan plan, string topic, TopologyRuntimeSettings settings, CancellationToken cancellation)
    {
        await using var admin = new Admin(cluster);
        // Refused while another node has not noticed yet, and is a member still. One that is dead is no member after its session.
        var patience = settings.SessionTimeout + 2 * settings.TopicWatchInterval;
        for (var since = settings.Time.GetTimestamp(); settings.Time.GetElapsedTime(since) < patience;)
        {
            var committed = await admin.CommittedAsync(plan.Name, cancellation: cancellation);
            var left = committed.Keys.Where(partition => partition.Topic == topic).ToList();
            if (left.Count == 0) return;
            var results = await admin.DeleteOffsetsAsync(plan.Name, left, cancellation);
            if (results.Values.All(refused => refused?.Error != ErrorCode.GroupSubscribedToTopic)) return;
            await Task.Delay(settings.TopicWatchInterval / 2, settings.Time, cancellation);
        }
        throw new TimeoutException($"after {patience.TotalSeconds:0.#} s group {plan.Name} still has a member that reads {topic}");
    }

    /// <summary>Removes the group, once its members have left, and the internal topics, so that another topology of the name starts afresh.</summary>
    /// <param name="cluster">The broker.</param>
    /// <param name="plan">What is removed.</param>
    /// <param name="instanceId">This node's static member, which may still be there from before the node was killed.</param>
    /// <param name="settings">What this node is told.</param>
    /// <param name="cancellation">Gives up.</param>
    public static async Task RemoveAsync(ClusterClient cluster, TopologyPlan plan, string instanceId, TopologyRuntimeSettings settings, CancellationToken cancellation)
    {
        await using var admin = new Admin(cluster);
        await admin.RemoveMemberAsync(plan.Name, instanceId, cancellation);
        while (!await TryForgetGroupAsync(cluster, admin, plan, cancellation)) await Task.Delay(settings.RestartPause, settings.Time, cancellation);
        foreach (var topic in plan.InternalTopics)
        {
            try
            {
                await admin.DeleteTopicAsync(topic, cancellation);
            }
            catch (KafkaException error) when (error.Error == ErrorCode.UnknownTopicOrPartition)
            {
                // It never came to be, or is removed already.
            }
        }
    }

    /// <summary>State that is gone must be built again from the beginning: offsets that outlived it would make counts too low.</summary>
    private static async Task<bool> TryForgetGroupAsync(ClusterClient cluster, Admin admin, TopologyPlan plan, CancellationToken cancellation)
    {
        try
        {
            await admin.DeleteGroupAsync(plan.Name, cancellation);
        }
        catch (KafkaException error) when (error.Error == ErrorCode.GroupIdNotFound)
        {
            // It never committed.
        }
        catch (KafkaException error) when (error.Error == ErrorCode.NonEmptyGroup)
        {
            // Other nodes are leaving, or have died and their sessions run out.
            return false;
        }
        catch (KafkaException unable) when (unable.Error == ErrorCode.UnsupportedVersion)
        {
            // A broker that cannot delete groups: the offsets go back to the beginning instead.
            var committed = await admin.CommittedAsync(plan.Name, cancellation: cancellation);
            if (committed.Count == 0) return true;
            await using var outsider = new GroupMember(cluster, new GroupOptions { GroupId = plan.Name, Topics = plan.SourceTopics }, new NoListener());
            try
            {
                await outsider.CommitAsync(committed.Keys.ToDictionary(p => p, _ => new OffsetAndMetadata(0)), cancellation);
            }
            catch (KafkaException error) when (error.Error is ErrorCode.UnknownMemberId or ErrorCode.RebalanceInProgress)
            {
                return false;
            }
        }
        return true;
    }

    private static async ValueTask<int?> PartitionsAsync(Admin admin, string topic, CancellationToken cancellation)
    {
        try
        {
            return (await admin.DescribeTopicAsync(topic, cancellation)).Partitions.Count;
        }
        catch (KafkaException error) when (error.Error == ErrorCode.UnknownTopicOrPartition)
        {
            return null;
        }
    }

    /// <summary>As Kafka Streams makes them; its names and values.</summary>
    private static NewTopic NewTopicOf(InternalTopic topic) => new(topic.Name, topic.Partitions, Configs: topic.Kind == InternalTopicKind.ChangeLog
        ? new Dictionary<string, string> { ["cleanup.policy"] = "compact" }
        : new Dictionary<string, string> { ["cleanup.policy"] = "delete", ["retention.ms"] = "-1" });

    private sealed class NoListener : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;
    }
}
