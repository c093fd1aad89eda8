using Actors.Client;
using Actors.Node.Live;
using Actors.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Actors.Node;

/// <summary><c>/cluster</c>, <c>/topics</c>, <c>/topics/{t}</c>, <c>/groups</c>, <c>/groups/{g}</c>: what any Kafka client could ask, asked from inside the process.</summary>
internal static class ClusterEndpoints
{
    public static void Map(WebApplication app, NodeState node)
    {
        HttpApi.MapRead(app, "/cluster", http => ClusterAsync(http, node));
        HttpApi.MapRead(app, "/topics", http => TopicsAsync(http, node.Admin));
        HttpApi.MapRead(app, "/topics/{topic}", http => TopicAsync(http, node.Admin, Name(http, "topic")));
        HttpApi.MapRead(app, "/groups", http => GroupsAsync(http, node.Admin));
        HttpApi.MapRead(app, "/groups/{group}", http => GroupAsync(http, node, Name(http, "group")));
    }

    private static string Name(HttpContext http, string value) => (string)http.Request.RouteValues[value]!;

    /// <summary>Every node as this one knows it: what they lead is known at once, the rest within a second.</summary>
    public static async Task<ClusterView> ReadAsync(NodeState node, CancellationToken cancellation)
    {
        var groups = node.Broker.Figures.Groups;
        node.Broker.Describe(own => own with { Groups = groups });
        var topologies = node.Topologies is { } deployed ? await deployed.ListAsync(cancellation) : [];
        var tasks = topologies.SelectMany(topology => topology.Tasks).CountBy(task => task.Node).ToDictionary();
        var cluster = node.Broker.Cluster;
        return new ClusterView(
            [.. cluster.Nodes.Values.Select(each => new NodeView(
                each.Id, each.Description.Listeners is [.., var outer] ? new HostAndPort(outer.Host, outer.Port).ToString() : "", each.Description.Http, each.Description.Roles,
                each.Description.Status, each.Led.Count, each.Description.Groups, tasks.GetValueOrDefault(each.Id)))],
            cluster.Controller);
    }

    private static async Task ClusterAsync(HttpContext http, NodeState node) => await HttpApi.AnswerAsync(http, await ReadAsync(node, http.RequestAborted));

    private static async Task TopicsAsync(HttpContext http, Admin admin)
    {
        var topics = await admin.ListTopicsAsync(http.RequestAborted);
        await HttpApi.AnswerAsync(http, topics.OrderBy(topic => topic.Name, StringComparer.Ordinal)
            .Select(topic => new { topic.Name, topic.Id, Internal = topic.IsInternal, Partitions = topic.Partitions.Count }));
    }

    private static async Task TopicAsync(HttpContext http, Admin admin, string name)
    {
        TopicMetadata topic;
        try
        {
            topic = await admin.DescribeTopicAsync(name, http.RequestAborted);
        }
        catch (KafkaException e) when (e.Error is ErrorCode.UnknownTopicOrPartition or ErrorCode.InvalidTopicException)
        {
            await HttpApi.ErrorAsync(http, 404, 40401, $"there is no topic {name}");
            return;
        }
        var partitions = topic.Partitions.Select(partition => new TopicPartition(name, partition.Index)).ToList();
        var earliest = await admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Earliest), cancellation: http.RequestAborted);
        var latest = await admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Latest), cancellation: http.RequestAborted);
        await HttpApi.AnswerAsync(http, new
        {
            topic.Name,
            topic.Id,
            Internal = topic.IsInternal,
            Partitions = topic.Partitions.Select(partition => new
            {
                Partition = partition.Index,
                partition.Leader,
                partition.LeaderEpoch,
                StartOffset = earliest[new TopicPartition(name, partition.Index)].Offset,
                EndOffset = latest[new TopicPartition(name, partition.Index)].Offset,
            }),
        });
    }

    private static async Task GroupsAsync(HttpContext http, Admin admin)
    {
        var groups = await admin.ListGroupsAsync(http.RequestAborted);
        await HttpApi.AnswerAsync(http, groups.Select(group => new { Group = group.GroupId, group.State, group.ProtocolType }));
    }

    private static async Task GroupAsync(HttpContext http, NodeState node, string name)
    {
        if (await GroupReader.ReadAsync(node, name, null, http.RequestAborted) is { } group)
            await HttpApi.AnswerAsync(http, group);
        else
            await HttpApi.ErrorAsync(http, 404, 40401, $"there is no group {name}");
    }
}
