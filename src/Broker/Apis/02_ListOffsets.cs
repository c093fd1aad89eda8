using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>
/// Offsets by time. Timestamp -1 is the end (the last stable offset under read_committed), -2 the start; v7: -3, the record with the greatest timestamp;
/// v8: -4, the start of what is on this node; v9: -5, the end of what is tiered. v4: leader epochs; v6: flexible.
/// </summary>
internal sealed class ListOffsets() : Api<ListOffsetsRequest>(ApiKey.ListOffsets, 1, 9)
{
    protected override void Dispatch(ListOffsetsRequest request, Exchange exchange)
    {
        var response = new ListOffsetsResponse();
        var open = 1;
        foreach (var topic in request.Topics)
        {
            var answers = new ListOffsetsResponse.ListOffsetsTopicResponse { Name = topic.Name };
            response.Topics.Add(answers);
            var image = exchange.Broker.Metadata.Current.Find(topic.Name);
            foreach (var asked in topic.Partitions)
            {
                var answer = new ListOffsetsResponse.ListOffsetsPartitionResponse { PartitionIndex = asked.PartitionIndex, Offset = -1, Timestamp = -1, LeaderEpoch = -1 };
                answers.Partitions.Add(answer);
                if (image is null || asked.PartitionIndex < 0 || asked.PartitionIndex >= image.Partitions)
                    answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
                else if (exchange.Broker.Partitions.Find(new PartitionId(image.Id, asked.PartitionIndex)) is not { } led)
                    answer.ErrorCode = (short)ErrorCode.NotLeaderOrFollower;
                else
                {
                    open++;
                    exchange.Ask(
                        led.Actor, token => new FindOffset(token, asked.Timestamp, request.IsolationLevel == 1, asked.CurrentLeaderEpoch),
                        found => Found(answer, (OffsetAnswer)found),
                        why => Failed(answer, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotLeaderOrFollower));
                }
            }
        }
        Close();

        void Found(ListOffsetsResponse.ListOffsetsPartitionResponse answer, OffsetAnswer found)
        {
            answer.ErrorCode = (short)found.Error;
            answer.Timestamp = found.Timestamp;
            answer.Offset = found.Offset;
            if (exchange.ApiVersion >= 4)
                answer.LeaderEpoch = found.LeaderEpoch;
            Close();
        }

        void Failed(ListOffsetsResponse.ListOffsetsPartitionResponse answer, ErrorCode error)
        {
            answer.ErrorCode = (short)error;
            Close();
        }

        void Close()
        {
            if (--open == 0)
                exchange.Complete(response);
        }
    }
}
