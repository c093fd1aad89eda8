using Actors.Broker.Network;
using Actors.Broker.Partitions;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;

namespace Actors.Broker.Apis;

/// <summary>The one place of this node's log, with the partitions that it leads and the bytes of their batches. v2: flexible; v3: an error of the whole; v4: the volume's size.</summary>
internal sealed class DescribeLogDirs() : Api<DescribeLogDirsRequest>(ApiKey.DescribeLogDirs, 0, 4)
{
    protected override void Dispatch(DescribeLogDirsRequest request, Exchange exchange)
    {
        var broker = exchange.Broker;
        var directory = new DescribeLogDirsResponse.DescribeLogDirsResult { LogDir = broker.Settings.LogDirectory };
        if (broker.Settings.LogVolume is { } volume)
        {
            var drive = new DriveInfo(volume);
            (directory.TotalBytes, directory.UsableBytes) = (drive.TotalSize, drive.AvailableFreeSpace);
        }
        var open = 1;
        foreach (var (topic, partitions) in Asked(request, broker.Metadata.Current))
        {
            var answers = new DescribeLogDirsResponse.DescribeLogDirsTopic { Name = topic.Name };
            foreach (var index in partitions)
                if (broker.Partitions.Find(new PartitionId(topic.Id, index)) is { } led)
                    Ask(led, index, answers);
            if (answers.Partitions.Count > 0)
                directory.Topics.Add(answers);
        }
        Answered();

        void Ask(LedPartition led, int index, DescribeLogDirsResponse.DescribeLogDirsTopic answers)
        {
            open++;
            var answer = new DescribeLogDirsResponse.DescribeLogDirsPartition { PartitionIndex = index };
            answers.Partitions.Add(answer);
            exchange.Ask(
                led.Actor, token => new DescribePartition(token),
                described =>
                {
                    answer.PartitionSize = ((PartitionDescription)described).Size;
                    Answered();
                },
                _ =>
                {
                    // It moved away meanwhile.
                    answers.Partitions.Remove(answer);
                    Answered();
                });
        }

        void Answered()
        {
            if (--open == 0)
                exchange.Complete(new DescribeLogDirsResponse { Results = [directory] });
        }
    }

    private static IEnumerable<(TopicImage Topic, IEnumerable<int> Partitions)> Asked(DescribeLogDirsRequest request, TopicsImage topics)
    {
        if (request.Topics is null)
            return topics.ByName.Values.Select(topic => (topic, Enumerable.Range(0, topic.Partitions)));
        return from asked in request.Topics
               let topic = topics.Find(asked.Topic)
               where topic is not null
               select (topic, asked.Partitions.Distinct());
    }
}
