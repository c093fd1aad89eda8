using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Topics and their leaders in the order of their names, so many partitions at a time; the cursor says where the next page begins.</summary>
internal sealed class DescribeTopicPartitions() : Api<DescribeTopicPartitionsRequest>(ApiKey.DescribeTopicPartitions, 0, 0)
{
    /// <summary>Kafka's default of <c>max.request.partition.size.limit</c>.</summary>
    private const int MostPartitions = 2_000;

    protected override void Dispatch(DescribeTopicPartitionsRequest request, Exchange exchange)
    {
        var topics = exchange.Broker.Metadata.Current;
        var page = TopicPages.Next(
            topics, request.Topics.ConvertAll(topic => topic.Name), request.Cursor is { } cursor ? (cursor.TopicName, cursor.PartitionIndex) : null,
            Math.Clamp(request.ResponsePartitionLimit, 1, MostPartitions));
        var response = new DescribeTopicPartitionsResponse();
        if (page.Error != ErrorCode.None)
            foreach (var topic in request.Topics)
                response.Topics.Add(new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic { Name = topic.Name, ErrorCode = (short)page.Error });
        foreach (var part in page.Topics)
            response.Topics.Add(Show(part, topics.Find(part.Name), exchange.Broker));
        if (page.Next is var (name, partition))
            response.NextCursor = new DescribeTopicPartitionsResponse.Cursor { TopicName = name, PartitionIndex = partition };
        exchange.Complete(response);
    }

    private static DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic Show(TopicPart part, TopicImage? topic, BrokerContext broker)
    {
        var shown = new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponseTopic
        {
            ErrorCode = (short)part.Error,
            Name = part.Name,
            TopicId = topic?.Id ?? Guid.Empty,
            IsInternal = InternalTopics.Contains(part.Name),
            TopicAuthorizedOperations = AuthorizedOperations.OfTopic,
        };
        for (var index = part.From; index < part.End; index++)
        {
            // Without followers the replicas are the leader; while there is none, none is in sync.
            var leader = broker.Metadata.Cluster.Leader(new PartitionId(topic!.Id, index));
            shown.Partitions.Add(new DescribeTopicPartitionsResponse.DescribeTopicPartitionsResponsePartition
            {
                ErrorCode = (short)(leader is null ? ErrorCode.LeaderNotAvailable : ErrorCode.None),
                PartitionIndex = index,
                LeaderId = leader?.Node ?? -1,
                LeaderEpoch = leader?.Epoch ?? -1,
                ReplicaNodes = leader is { Node: var replica } ? [replica] : [],
                IsrNodes = leader is { Node: var inSync } ? [inSync] : [],
                EligibleLeaderReplicas = [],
                LastKnownElr = [],
            });
        }
        return shown;
    }
}
