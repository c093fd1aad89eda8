using Actors.Broker.Tests.Admin;
using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>What one fetch answers of several partitions, and how long it waits.</summary>
public sealed class FetchSpec : AdminBed
{
    private const int Partitions = 6;
    private const int BatchBytes = 10_000;

    /// <summary>A batch of one record has this many bytes beside the value's.</summary>
    private const int Overhead = 73;

    public FetchSpec() => Create("t", Partitions);

    [Fact]
    public void An_answer_is_no_larger_than_asked_for_whatever_the_partitions_hold()
    {
        Fill(batches: 10);
        foreach (var most in new[] { BatchBytes, 3 * BatchBytes, 25 * BatchBytes })
        {
            var answer = Fetch(most, perPartition: 20 * BatchBytes);
            var bytes = answer.Sum(partition => partition.Records!.Length);
            Assert.InRange(bytes, most - (2 * BatchBytes), most);
            Assert.All(answer, partition => Assert.Equal((0, 10L), (partition.ErrorCode, partition.HighWatermark)));
        }
    }

    [Fact]
    public void The_first_batch_comes_even_if_it_is_larger_and_only_that_one()
    {
        Fill(batches: 2);
        foreach (var (most, perPartition) in new[] { (100, 100), (0, 100), (100, BatchBytes * 5) })
        {
            var answer = Fetch(most, perPartition);
            Assert.Single(answer, partition => partition.Records!.Length > 0);
            Assert.Single(answer.SelectMany(partition => Batches.Of(partition.Records!)));
        }
    }

    [Fact]
    public void Every_partition_is_read_by_fetches_that_go_on_from_what_they_got()
    {
        Fill(batches: 10);
        var next = new long[Partitions];
        for (var fetches = 0; next.Sum() < 10 * Partitions; fetches++)
        {
            Assert.True(fetches < 40, $"after {fetches} fetches: {string.Join(", ", next)}");
            foreach (var partition in Fetch(3 * BatchBytes, 2 * BatchBytes, next))
                next[partition.PartitionIndex] += Batches.Of(partition.Records!).Count();
        }
        Assert.All(next, offset => Assert.Equal(10, offset));
    }

    [Fact]
    public void A_partition_that_does_not_exist_does_not_keep_a_fetch_from_waiting_for_the_others()
    {
        FetchResponse? waited = null;
        Connect().Send(Request(1000, 1000, new long[Partitions], maxWait: 500, "t", "gone"), 11, answer => waited = (FetchResponse)answer);
        Run(400);
        Assert.Null(waited);
        Produce("t", partition: 1);
        Run(20);
        Assert.Equal(1, Assert.Single(waited!.Responses[0].Partitions, partition => partition.Records!.Length > 0).PartitionIndex);
        Assert.All(waited.Responses[1].Partitions, partition => Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)partition.ErrorCode));

        FetchResponse? alone = null;
        Connect().Send(Request(1000, 1000, [0], maxWait: 500, "gone"), 11, answer => alone = (FetchResponse)answer);
        Run(20);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, (ErrorCode)alone!.Responses[0].Partitions[0].ErrorCode);
    }

    private void Fill(int batches)
    {
        for (var partition = 0; partition < Partitions; partition++)
            for (var i = 0; i < batches; i++)
                Assert.Equal(0, Produce("t", BatchBytes - Overhead, partition: partition).ErrorCode);
    }

    /// <summary>Of all partitions, from the start or these offsets on.</summary>
    private List<FetchResponse.PartitionData> Fetch(int most, int perPartition, long[]? from = null) =>
        Ask<FetchResponse>(Request(most, perPartition, from ?? new long[Partitions], maxWait: 0, "t"), 11).Responses[0].Partitions;

    private static FetchRequest Request(int most, int perPartition, long[] from, int maxWait, params string[] topics)
    {
        var request = new FetchRequest { MaxWaitMs = maxWait, MinBytes = 1, MaxBytes = most };
        foreach (var name in topics)
        {
            var topic = new FetchRequest.FetchTopic { Topic = name };
            for (var partition = 0; partition < from.Length; partition++)
                topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = partition, FetchOffset = from[partition], PartitionMaxBytes = perPartition, CurrentLeaderEpoch = -1 });
            request.Topics.Add(topic);
        }
        return request;
    }
}
