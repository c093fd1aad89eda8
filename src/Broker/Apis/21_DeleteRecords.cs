using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Moves logs' starts forward; offset -1 is the high watermark. Answered once the moves are durable. v2: flexible.</summary>
internal sealed class DeleteRecords() : Api<DeleteRecordsRequest>(ApiKey.DeleteRecords, 0, 2)
{
    protected override void Dispatch(DeleteRecordsRequest request, Exchange exchange)
    {
        var response = new DeleteRecordsResponse();
        var open = 1;
        foreach (var topic in request.Topics)
        {
            var answers = new DeleteRecordsResponse.DeleteRecordsTopicResult { Name = topic.Name };
            response.Topics.Add(answers);
            var image = exchange.Broker.Metadata.Current.Find(topic.Name);
            foreach (var asked in topic.Partitions)
            {
                var answer = new DeleteRecordsResponse.DeleteRecordsPartitionResult { PartitionIndex = asked.PartitionIndex, LowWatermark = -1 };
                answers.Partitions.Add(answer);
                if (image is null || asked.PartitionIndex < 0 || asked.PartitionIndex >= image.Partitions)
                    answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
                else if (exchange.Broker.Partitions.Find(new PartitionId(image.Id, asked.PartitionIndex)) is not { } led)
                    answer.ErrorCode = (short)ErrorCode.NotLeaderOrFollower;
                else
                {
                    open++;
                    exchange.Ask(
                        led.Actor, token => new DeleteBefore(token, asked.Offset),
                        deleted => Close(answer, ((DeletedBefore)deleted).Error, ((DeletedBefore)deleted).LowWatermark),
                        why => Close(answer, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotLeaderOrFollower, -1),
                        TimeSpan.FromMilliseconds(Math.Max(0, request.TimeoutMs)));
                }
            }
        }
        Answered();

        void Close(DeleteRecordsResponse.DeleteRecordsPartitionResult answer, ErrorCode error, long lowWatermark)
        {
            (answer.ErrorCode, answer.LowWatermark) = ((short)error, lowWatermark);
            Answered();
        }

        void Answered()
        {
            if (--open == 0)
                exchange.Complete(response);
        }
    }
}
