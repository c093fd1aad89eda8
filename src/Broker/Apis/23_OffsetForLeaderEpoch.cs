using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>Where leader epochs end, so that a client sees whether its log parted from this one (KIP-101, KIP-320). v1: the epoch in the answer; v2: current leader epoch; v3: replica id; v4: flexible.</summary>
internal sealed class OffsetForLeaderEpoch() : Api<OffsetForLeaderEpochRequest>(ApiKey.OffsetForLeaderEpoch, 0, 4)
{
    protected override void Dispatch(OffsetForLeaderEpochRequest request, Exchange exchange)
    {
        var response = new OffsetForLeaderEpochResponse();
        var open = 1;
        foreach (var topic in request.Topics)
        {
            var answers = new OffsetForLeaderEpochResponse.OffsetForLeaderTopicResult { Topic = topic.Topic };
            response.Topics.Add(answers);
            var image = exchange.Broker.Metadata.Current.Find(topic.Topic);
            foreach (var asked in topic.Partitions)
            {
                var answer = new OffsetForLeaderEpochResponse.EpochEndOffset { Partition = asked.Partition, LeaderEpoch = -1, EndOffset = -1 };
                answers.Partitions.Add(answer);
                if (image is null || asked.Partition < 0 || asked.Partition >= image.Partitions)
                    answer.ErrorCode = (short)ErrorCode.UnknownTopicOrPartition;
                else if (exchange.Broker.Partitions.Find(new PartitionId(image.Id, asked.Partition)) is not { } led)
                    answer.ErrorCode = (short)ErrorCode.NotLeaderOrFollower;
                else
                {
                    open++;
                    exchange.Ask(
                        led.Actor, token => new FindEpochEnd(token, asked.LeaderEpoch, asked.CurrentLeaderEpoch),
                        found => Found(answer, (EpochEndAnswer)found),
                        why => Found(answer, new EpochEndAnswer(0, why == Unanswered.TimedOut ? ErrorCode.RequestTimedOut : ErrorCode.NotLeaderOrFollower, new EpochEnd(-1, -1))));
                }
            }
        }
        Close();

        void Found(OffsetForLeaderEpochResponse.EpochEndOffset answer, EpochEndAnswer found)
        {
            (answer.ErrorCode, answer.LeaderEpoch, answer.EndOffset) = ((short)found.Error, found.End.LeaderEpoch, found.End.EndOffset);
            Close();
        }

        void Close()
        {
            if (--open == 0)
                exchange.Complete(response);
        }
    }
}
