using Actors.Broker.Tests.Admin;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Network;

/// <summary>An answer that was sent takes no memory any more, however long the client would have waited for it.</summary>
public sealed class HeldAnswersSpec() : AdminBed(new BrokerSettings { CacheBytesPerPartition = 1 })
{
    private const int BatchBytes = 1 << 19;
    private const int Fetches = 200;

    [Fact]
    public void Records_of_fetches_that_were_answered_at_once_are_not_kept_until_their_deadline()
    {
        Create("t");
        Produce("t", BatchBytes);
        var before = Held();
        for (var i = 0; i < Fetches; i++)
        {
            var request = new FetchRequest { MaxWaitMs = int.MaxValue, MinBytes = 1, MaxBytes = BatchBytes * 2 };
            request.Topics.Add(new FetchRequest.FetchTopic
            {
                Topic = "t",
                Partitions = [new() { Partition = 0, FetchOffset = 0, PartitionMaxBytes = BatchBytes * 2, CurrentLeaderEpoch = -1 }],
            });
            Assert.True(Ask<FetchResponse>(request, 11).Responses[0].Partitions[0].Records!.Length > BatchBytes);
        }
        Assert.InRange(Held() - before, long.MinValue, Fetches * BatchBytes / 10);
    }

    private static long Held() => GC.GetTotalMemory(forceFullCollection: true);
}
