using Actors.Broker.Network;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>
/// A partition's one replica is its leader, so that no election is ever needed; while nobody leads it, there is none to elect. v1: kinds of elections; v2: flexible.
/// </summary>
internal sealed class ElectLeaders() : Api<ElectLeadersRequest>(ApiKey.ElectLeaders, 0, 2)
{
    private const sbyte Preferred = 0, Unclean = 1;

    protected override void Dispatch(ElectLeadersRequest request, Exchange exchange)
    {
        var response = new ElectLeadersResponse();
        var kind = exchange.ApiVersion == 0 ? Preferred : request.ElectionType;
        if (kind is not (Preferred or Unclean))
            response.ErrorCode = (short)ErrorCode.InvalidRequest;
        else if (request.TopicPartitions is { } asked)
            foreach (var topic in asked)
                response.ReplicaElectionResults.Add(Result(topic.Topic, topic.Partitions.Select(index => Elect(topic.Topic, index, kind, exchange.Broker))));
        else
            foreach (var topic in exchange.Broker.Metadata.Current.ByName.Values)
            {
                // Of all partitions Kafka names only those that had something to elect.
                var elected = Result(topic.Name, Enumerable.Range(0, topic.Partitions).Select(index => Elect(topic.Name, index, kind, exchange.Broker))
                    .Where(result => result.ErrorCode != (short)ErrorCode.ElectionNotNeeded));
                if (elected.PartitionResult.Count > 0)
                    response.ReplicaElectionResults.Add(elected);
            }
        exchange.Complete(response);
    }

    private static ElectLeadersResponse.ReplicaElectionResult Result(string topic, IEnumerable<ElectLeadersResponse.PartitionResult> results) =>
        new() { Topic = topic, PartitionResult = [.. results] };

    private static ElectLeadersResponse.PartitionResult Elect(string topic, int partition, sbyte kind, BrokerContext broker)
    {
        var image = broker.Metadata.Current.Find(topic);
        var (error, message) = image switch
        {
            null => (ErrorCode.UnknownTopicOrPartition, $"No such topic as {topic}"),
            _ when partition < 0 || partition >= image.Partitions => (ErrorCode.UnknownTopicOrPartition, $"No such partition as {topic}-{partition}"),
            _ when broker.Metadata.Cluster.Leader(new PartitionId(image.Id, partition)) is not null => (ErrorCode.ElectionNotNeeded, "Leader election not needed for topic partition."),
            _ when kind == Preferred => (ErrorCode.PreferredLeaderNotAvailable, "The preferred leader was not available."),
            _ => (ErrorCode.EligibleLeadersNotAvailable, "Eligible topic partition leaders are not available."),
        };
        return new ElectLeadersResponse.PartitionResult { PartitionId = partition, ErrorCode = (short)error, ErrorMessage = message };
    }
}
