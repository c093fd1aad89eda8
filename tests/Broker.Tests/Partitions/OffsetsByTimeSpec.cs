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

    private (long Offset, long Timestamp) Find(long timestamp)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1 };
        request.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic { Name = "t" });
        request.Topics[0].Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = 0, CurrentLeaderEpoch = -1, Timestamp = timestamp });
        var found = Ask<ListOffsetsResponse>(request, 7).Topics[0].Partitions[0];
        Assert.Equal(ErrorCode.None, (ErrorCode)found.ErrorCode);
        return (found.Offset, found.Timestamp);
    }
}
