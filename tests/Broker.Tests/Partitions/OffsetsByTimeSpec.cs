using Actors.Broker.Tests.Admin;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Partitions;

/// <summary>Where records of a time begin is looked for in the journal, one batch after the other and no further than needed.</summary>
public sealed class OffsetsByTimeSpec : AdminBed
{
    private const int Batches = 40;
    private readonly long _first = Simulation.SimulatedNode.Epoch.ToUnixTimeMilliseconds();

    public OffsetsByTimeSpec()
        : base(new BrokerSettings { SnapshotEveryEvents = 5, CacheBytesPerPartition = 1 })
    {
        Create("t", configs: ("retention.ms", "-1"));
        for (var i = 0; i < Batches; i++)
            Assert.Equal(i, Produce("t", timestamp: _first + 10 * i).BaseOffset);
    }

    [Fact]
    public void A_time_gives_the_first_record_that_is_not_before_it()
    {
        Assert.Equal((0, _first), Find(0));
        Assert.Equal((17, _first + 170), Find(_first + 161));
        Assert.Equal((Batches - 1, _first + 10 * (Batches - 1)), Find(_first + 10 * (Batches - 1)));
        Assert.Equal((-1, -1), Find(_first + 10 * Batches));
        Assert.Equal((Batches - 1, _first + 10 * (Batches - 1)), Find(-3));
    }

    [Fact]
    public void What_follows_the_record_is_not_read()
    {
        var before = Storage.QueriedEvents;
        Assert.Equal((5, _first + 50), Find(_first + 50));
        Assert.InRange(Storage.QueriedEvents - before, 6, 10);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(-3)]
    public void What_retention_takes_away_during_the_search_is_searched_for_in_what_is_left(int after)
    {
        // A stretch of the log's index has a MiB.
        const int StretchBytes = 600_000;
        Create("u", configs: ("retention.ms", "-1"));
        for (var i = 0; i < 4; i++)
            Assert.Equal(i, Produce("u", StretchBytes, after < 0 ? _first + 100 - 10 * i : _first + 10 * i).BaseOffset);
        var (client, found) = (Connect(), ((long, long)?)null);
        Storage.QueryTime = TimeSpan.FromSeconds(2);
        client.Send(ListOffsets("u", after < 0 ? after : _first + after), 7, response => found = Found((ListOffsetsResponse)response));
        var before = Storage.DeletedEvents;
        var delete = new DeleteRecordsRequest { TimeoutMs = 1_000 };
        delete.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = "u", Partitions = [new() { PartitionIndex = 0, Offset = 2 }] });
        Assert.Equal(0, Ask<DeleteRecordsResponse>(delete, 1).Topics[0].Partitions[0].ErrorCode);
        for (var i = 0; i < 6; i++)
            Produce("u", timestamp: _first);
        Run(200);
        Assert.True(Storage.DeletedEvents >= before + 2, $"{Storage.DeletedEvents - before} events were deleted");
        Assert.Null(found);
        Run(5_000);
        Assert.Equal((2, _first + (after < 0 ? 80 : 20)), found);
    }

    private (long Offset, long Timestamp) Find(long timestamp) => Found(Ask<ListOffsetsResponse>(ListOffsets("t", timestamp), 7));

    private static ListOffsetsRequest ListOffsets(string topic, long timestamp)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1 };
        request.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic { Name = topic, Partitions = [new() { PartitionIndex = 0, CurrentLeaderEpoch = -1, Timestamp = timestamp }] });
        return request;
    }

    private static (long Offset, long Timestamp) Found(ListOffsetsResponse response)
    {
        var found = response.Topics[0].Partitions[0];
        Assert.Equal(ErrorCode.None, (ErrorCode)found.ErrorCode);
        return (found.Offset, found.Timestamp);
    }
}
