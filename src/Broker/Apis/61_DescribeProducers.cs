using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>The idempotent producers that partitions remember, with the last thing they wrote.</summary>
internal sealed class DescribeProducers() : Api<DescribeProducersRequest>(ApiKey.DescribeProducers, 0, 0)
{
    protected override void Dispatch(DescribeProducersRequest request, Exchange exchange)
    {
        var response = new DescribeProducersResponse();
        var open = 1;
        foreach (var topic in request.Topics)
        {
            var answers = new DescribeProducersResponse.TopicResponse { Name = topic.Name };
            response.Topics.Add(answers);
            foreach (var index in topic.PartitionIndexes)
            {
                var answer = new DescribeProducersResponse.PartitionResponse { PartitionIndex = index };
                answers.Partitions.Add(answer);
                Ask(topic.Name, index, answer);
            }
        }
        Answered();

        void Ask(string topic, int index, DescribeProducersResponse.PartitionResponse answer)
        {
            if (TopicName.Validate(topic) is { } invalid)
                Refuse(answer, ErrorCode.InvalidTopicException, invalid);
            else if (exchange.Broker.Metadata.Current.Find(topic) is not { } image || index < 0 || index >= image.Partitions)
                Refuse(answer, ErrorCode.UnknownTopicOrPartition, "This server does not host this topic-partition.");
            else if (exchange.Broker.Partitions.Find(new PartitionId(image.Id, index)) is not { } led)
                Refuse(answer, ErrorCode.NotLeaderOrFollower, NotLeader);
            else
            {
                open++;
                exchange.Ask(
                    led.Actor, token => new DescribePartition(token),
                    described =>
                    {
                        answer.ActiveProducers = [.. ((PartitionDescription)described).Producers.Select(Show)];
                        Answered();
                    },
                    why =>
                    {
                        Refuse(answer, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotLeaderOrFollower, why == Unanswered.TimedOut ? "The request timed out." : NotLeader);
                        Answered();
                    });
            }
        }

        void Answered()
        {
            if (--open == 0)
                exchange.Complete(response);
        }
    }

    private const string NotLeader = "For requests intended only for the leader, this error indicates that the broker is not the current leader. "
        + "For requests intended for any replica, this error indicates that the broker is not a replica of the topic partition.";

    private static void Refuse(DescribeProducersResponse.PartitionResponse answer, ErrorCode error, string message) =>
        (answer.ErrorCode, answer.ErrorMessage) = ((short)error, message);

    private static DescribeProducersResponse.ProducerState Show(ProducerSnapshot producer)
    {
        var last = producer.Batches[^1];
        return new DescribeProducersResponse.ProducerState
        {
            ProducerId = producer.ProducerId,
            ProducerEpoch = producer.Epoch,
            LastSequence = last.LastSequence,
            LastTimestamp = last.Timestamp,
            CoordinatorEpoch = -1,
            CurrentTxnStartOffset = -1,
        };
    }
}
