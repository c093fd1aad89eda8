using Actors.Client;
using Actors.Machines;
using Actors.Ownership;
using Actors.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using TopicPartition = Actors.Client.TopicPartition;

namespace Actors.Node;

/// <summary><c>/topics/{t}/storage</c>: what each partition of a topic holds in the journal, and from which offset to which. Every node sees all partitions, for they share the database.</summary>
internal static class StorageEndpoint
{
    public static void Map(WebApplication app, NodeState node) =>
        HttpApi.MapRead(app, "/topics/{topic}/storage", http => AnswerAsync(http, node, (string)http.Request.RouteValues["topic"]!));

    private static async Task AnswerAsync(HttpContext http, NodeState node, string name)
    {
        TopicMetadata topic;
        try
        {
            topic = await node.Admin.DescribeTopicAsync(name, http.RequestAborted);
        }
        catch (KafkaException e) when (e.Error is ErrorCode.UnknownTopicOrPartition or ErrorCode.InvalidTopicException)
        {
            await HttpApi.ErrorAsync(http, 404, 40401, $"there is no topic {name}");
            return;
        }
        var partitions = topic.Partitions.Select(partition => new TopicPartition(name, partition.Index)).ToList();
        var earliest = await node.Admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Earliest), cancellation: http.RequestAborted);
        var latest = await node.Admin.ListOffsetsAsync(partitions.ToDictionary(p => p, _ => LogicalOffset.Latest), cancellation: http.RequestAborted);
        var ids = partitions.ConvertAll(partition => new PartitionId(topic.Id, partition.Partition).PersistenceId);
        var contents = await JournalContents.ReadAsync(node.Journal, ids, http.RequestAborted);
        await HttpApi.AnswerAsync(http, new
        {
            topic.Name,
            node.Storage,
            Partitions = topic.Partitions.Select((partition, i) => new
            {
                Partition = partition.Index,
                partition.Leader,
                PersistenceId = ids[i],
                contents[i].Rows,
                contents[i].Bytes,
                contents[i].FirstSequenceNr,
                contents[i].LastSequenceNr,
                FirstOffset = Offset(earliest[partitions[i]].Offset, i),
                LastOffset = Offset(latest[partitions[i]].Offset - 1, i),
            }),
        });

        // Null where there is no record.
        long? Offset(long offset, int i) => earliest[partitions[i]].Offset < latest[partitions[i]].Offset ? offset : null;
    }
}
