using Actors.Broker.Tests.Admin;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Partitions;

/// <summary>What partitions hold of their logs in memory goes when the log has it no more, and makes room when others need it.</summary>
public sealed class PartitionMemorySpec() : AdminBed(new BrokerSettings { CacheBytes = NodeBytes, CacheBytesPerPartition = NodeBytes / 8, RetentionCheckInterval = TimeSpan.FromMilliseconds(100) })
{
    private const int NodeBytes = 80_000;

    [Fact]
    public void Deleted_records_leave_it()
    {
        Create("t");
        for (var i = 0; i < 6; i++)
            Produce("t", bytes: 1_000);
        var all = Broker.Figures.CacheBytes;
        Assert.InRange(all, 6_000, NodeBytes / 8);
        Delete("t", 4);
        Assert.Equal(all / 3, Broker.Figures.CacheBytes);
        Assert.Equal(ErrorCode.None, Fetch("t", 4));
        Delete("t", -1);
        Assert.Equal(0, Broker.Figures.CacheBytes);
    }

    [Fact]
    public void Expired_records_leave_it()
    {
        Create("t", configs: ("retention.ms", "1000"));
        Produce("t");
        Assert.NotEqual(0, Broker.Figures.CacheBytes);
        Run(2_000);
        Assert.Equal(0, Broker.Figures.CacheBytes);
    }

    [Fact]
    public void Partitions_that_fell_idle_leave_it_to_the_one_that_is_written_to()
    {
        const int idle = 12;
        Create("idle", idle);
        for (var partition = 0; partition < idle; partition++)
            for (var i = 0; i < 10; i++)
                Produce("idle", bytes: 1_000, partition: partition);
        Assert.InRange(Broker.Figures.CacheBytes, NodeBytes / 8 * 7 + 1, NodeBytes);
        Run(12_000);
        Create("busy");
        for (var i = 0; i < 6; i++)
            Produce("busy", bytes: 1_000);
        var queried = Storage.QueriedEvents;
        for (var offset = 1; offset < 6; offset++)
            Assert.Equal(ErrorCode.None, Fetch("busy", offset));
        Assert.Equal(queried, Storage.QueriedEvents);
        // Nor is anything lost with it.
        for (var partition = 0; partition < idle; partition++)
            Assert.Equal(ErrorCode.None, Fetch("idle", 9, partition));
    }

    private void Delete(string topic, long before)
    {
        var request = new DeleteRecordsRequest { TimeoutMs = 30_000 };
        request.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = topic });
        request.Topics[0].Partitions.Add(new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = 0, Offset = before });
        Assert.Equal(ErrorCode.None, (ErrorCode)Ask<DeleteRecordsResponse>(request, 2).Topics[0].Partitions[0].ErrorCode);
    }

    /// <summary>Some records from the offset on.</summary>
    private ErrorCode Fetch(string topic, long offset, int partition = 0)
    {
        var request = new FetchRequest { MaxWaitMs = 0, MinBytes = 1, MaxBytes = 1_000_000 };
        request.Topics.Add(new FetchRequest.FetchTopic { Topic = topic });
        request.Topics[0].Partitions.Add(new FetchRequest.FetchPartition { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1_000_000, CurrentLeaderEpoch = -1 });
        var data = Ask<FetchResponse>(request, 11).Responses[0].Partitions[0];
        Assert.True(data.Records is { Length: > 0 }, $"{topic}-{partition} has no records from offset {offset} on");
        return (ErrorCode)data.ErrorCode;
    }
}
