using System.Collections.Immutable;
using System.Diagnostics;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests.Figures;

public class BrokerCountersSpec
{
    private static TopicsImage Image(params (Guid Id, string Name)[] topics) => topics.Aggregate(new TopicsImage(), (image, topic) => image with
    {
        ByName = image.ByName.Add(topic.Name, new TopicImage(topic.Name, topic.Id, 1, ImmutableSortedDictionary<string, string>.Empty)),
        ById = image.ById.Add(topic.Id, new TopicImage(topic.Name, topic.Id, 1, ImmutableSortedDictionary<string, string>.Empty)),
    });

    private static RecordSet Batch(int records)
    {
        using var builder = new RecordBatchBuilder();
        for (var i = 0; i < records; i++) builder.Append(0, null, new byte[10]);
        return RecordSet.Of(builder.Build());
    }

    [Fact]
    public void Topics_are_counted_by_their_id_and_told_by_their_name_as_long_as_they_exist()
    {
        var counters = new BrokerCounters();
        var (a, b) = (Guid.NewGuid(), Guid.NewGuid());
        counters.Appended(a, 3, 100);
        counters.Appended(a, 2, 50);
        var batch = Batch(7);
        counters.Fetched(b, RecordSet.Of([batch.ToMemory(), batch.ToMemory()]));
        counters.Fetched(b, RecordSet.Empty);
        Assert.Equal(
            [new TopicFigures("a", 5, 150, 0, 0), new TopicFigures("b", 0, 0, 14, batch.Length * 2)],
            counters.Topics(Image((a, "a"), (b, "b"))).OrderBy(t => t.Topic));
        Assert.Equal((2, 150, batch.Length * 2), (counters.AppendedBatches, counters.AppendedBytes, counters.FetchedBytes));
        Assert.Equal(["b"], counters.Topics(Image((b, "b"))).Select(t => t.Topic));
        Assert.Equal(["b"], counters.Topics(Image((a, "a"), (b, "b"))).Select(t => t.Topic));
    }

    [Fact]
    public void Beyond_a_thousand_topics_the_others_are_counted_together()
    {
        var counters = new BrokerCounters();
        var topics = Enumerable.Range(0, BrokerCounters.MostTopics + 5).Select(i => (Id: Guid.NewGuid(), Name: $"t{i}")).ToArray();
        foreach (var topic in topics) counters.Appended(topic.Id, 1, 10);
        var figures = counters.Topics(Image(topics));
        Assert.Equal(BrokerCounters.MostTopics + 1, figures.Count);
        Assert.Equal(new TopicFigures("(other)", 5, 50, 0, 0), figures[^1]);
    }

    [Fact]
    public void A_responses_errors_are_counted_by_API_and_code_each_partition_for_itself()
    {
        var counters = new BrokerCounters();
        ProduceResponse Produced(params ErrorCode[] errors) => new()
        {
            Responses = [new() { Name = "t", PartitionResponses = [.. errors.Select((error, i) => new ProduceResponse.PartitionProduceResponse { Index = i, ErrorCode = (short)error })] }],
        };
        counters.Failed(ApiKey.Produce, Produced(ErrorCode.None, ErrorCode.None));
        Assert.Empty(Assert.Single(counters.Apis()).Errors);
        counters.Failed(ApiKey.Produce, Produced(ErrorCode.NotLeaderOrFollower, ErrorCode.None, ErrorCode.NotLeaderOrFollower, ErrorCode.UnknownServerError));
        counters.Failed(ApiKey.Heartbeat, new HeartbeatResponse { ErrorCode = (short)ErrorCode.VoterNotFound });
        counters.Failed(ApiKey.Heartbeat, new HeartbeatResponse { ErrorCode = short.MaxValue });
        Assert.Equal(
            [(ApiKey.Heartbeat, ErrorCode.VoterNotFound, 1), (ApiKey.Produce, ErrorCode.UnknownServerError, 1), (ApiKey.Produce, ErrorCode.NotLeaderOrFollower, 2)],
            counters.Apis().SelectMany(api => api.Errors.Select(e => (Enum.Parse<ApiKey>(api.Request), e.Key, (int)e.Value))).OrderBy(e => e.Item1.ToString()).ThenBy(e => e.Key));
    }

    [Fact]
    public void A_latency_falls_into_the_first_bucket_that_holds_it()
    {
        var histogram = new LatencyHistogram();
        foreach (var milliseconds in new[] { 0.1, 0.5, 0.6, 10, 10_000, 10_001 }) histogram.Add(TimeSpan.FromMilliseconds(milliseconds));
        var figures = histogram.Read();
        Assert.Equal([(0.5, 2), (1, 1), (10, 1), (10_000, 1)], LatencyHistogram.Bounds.Select((bound, i) => (bound, figures.Counts[i])).Where(b => b.Item2 > 0));
        Assert.Equal((1, 6), (figures.Counts[^1], figures.Count));
        Assert.Equal(20_012.2, figures.TotalMilliseconds, 3);
    }

    [Fact]
    public void Counting_allocates_nothing()
    {
        var counters = new BrokerCounters();
        var (topic, batch) = (Guid.NewGuid(), Batch(100));
        var failed = new FetchResponse { Responses = [new() { Partitions = [new() { ErrorCode = (short)ErrorCode.OffsetOutOfRange }] }] };
        for (var i = 0; i < 10; i++) Count();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Count();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1000, $"{allocated} bytes for 10,000 requests");
        Assert.Equal(10_010, counters.Requests);

        void Count()
        {
            counters.Appended(topic, 100, batch.Length);
            counters.Fetched(topic, batch);
            counters.Failed(ApiKey.Fetch, failed);
            counters.Answered(ApiKey.Fetch, Stopwatch.GetTimestamp());
        }
    }
}
