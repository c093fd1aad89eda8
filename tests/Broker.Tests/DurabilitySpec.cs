using System.Text;
using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>While a write hangs, no reply shows what is not durable; every command is answered once, also when its actor stops.</summary>
public sealed class DurabilitySpec : IDisposable
{
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;
    private readonly SimulatedConnection _reader;

    public DurabilitySpec()
    {
        _storage.Register();
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch);
        _client = _node.Connect();
        // A connection answers in order: what is read while a produce hangs is read by another one.
        _reader = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 2, ReplicationFactor = 1 });
        Assert.Equal(0, ((CreateTopicsResponse)Ask(create, 5)!).Topics[0].ErrorCode);
        Assert.Equal(0, Produce("first", 1, 0).Value());
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Fact]
    public void A_produce_is_not_answered_before_its_write_is()
    {
        _storage.Holds = true;
        var produced = Produce("second", 1, 1);
        Assert.Null(produced.Response);
        _storage.Holds = false;
        _node.Advance(10);
        _client.Receive();
        Assert.Equal(1, produced.Value());
    }

    [Fact]
    public void A_duplicate_of_a_hanging_batch_is_not_answered_before_the_batch_is()
    {
        _storage.Holds = true;
        var produced = Produce("second", 1, 1);
        var duplicate = Produce("second", 1, 1);
        Assert.Null(produced.Response);
        Assert.Null(duplicate.Response);
        _storage.Holds = false;
        _node.Advance(10);
        _client.Receive();
        Assert.Equal((1, 1), (produced.Value(), duplicate.Value()));
    }

    [Fact]
    public void An_error_that_rests_on_a_hanging_batch_waits_for_it()
    {
        _storage.Holds = true;
        Produce("second", 1, 1);
        var gap = Produce("fourth", 1, 3);
        Assert.Null(gap.Response);
        _storage.Holds = false;
        _node.Advance(10);
        _client.Receive();
        Assert.Equal(ErrorCode.OutOfOrderSequenceNumber, (ErrorCode)gap.Response!.Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void ListOffsets_and_fetch_show_only_what_is_durable()
    {
        _storage.Holds = true;
        Produce("second", 1, 1);
        Assert.Equal(1, Latest());
        Assert.Equal(["first"], Fetch(0));
        Assert.Empty(Fetch(1));
        _storage.Holds = false;
        _node.Advance(10);
        Assert.Equal(2, Latest());
        Assert.Equal(["first", "second"], Fetch(0));
    }

    [Fact]
    public void A_fetch_that_waits_is_answered_when_the_record_is_durable_and_not_before()
    {
        FetchResponse? fetched = null;
        _reader.Send(FetchOf(1, maxWait: 60_000), 11, response => fetched = (FetchResponse)response);
        _node.Advance(100);
        _storage.Holds = true;
        Produce("second", 1, 1);
        Assert.Null(fetched);
        _storage.Holds = false;
        _node.Advance(5);
        _reader.Receive();
        Assert.Equal(["second"], Values(fetched!));
    }

    [Fact]
    public void A_fetch_that_waits_is_answered_at_its_deadline()
    {
        FetchResponse? fetched = null;
        _reader.Send(FetchOf(1, maxWait: 500), 11, response => fetched = (FetchResponse)response);
        _node.Advance(490);
        _reader.Receive();
        Assert.Null(fetched);
        _node.Advance(20);
        _reader.Receive();
        Assert.Empty(Values(fetched!));
    }

    [Fact]
    public void When_a_write_fails_everything_that_rested_on_it_is_answered_with_a_retriable_error_and_the_partition_recovers()
    {
        _storage.Holds = true;
        var pending = Enumerable.Range(1, 5).Select(i => Produce($"v{i}", 1, i)).ToList();
        _storage.FailHeld();
        _storage.Holds = false;
        _node.Advance(2_000);
        _client.Receive();
        Assert.All(pending, produce => Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)produce.Response!.Responses[0].PartitionResponses[0].ErrorCode));
        Assert.Equal(1, Latest());
        Assert.Equal(1, Produce("again", 1, 1).Value());
        Assert.Equal(["first", "again"], Fetch(0));
    }

    private IMessage? Ask(IRequest request, short version)
    {
        IMessage? answer = null;
        _reader.Send(request, version, response => answer = response);
        for (var i = 0; i < 100 && answer is null; i++)
        {
            _node.Advance(10);
            _reader.Receive();
        }
        return answer;
    }

    private Produced Produce(string value, long producerId, int sequence)
    {
        var builder = new RecordBatchBuilder(Compression.None);
        (builder.ProducerId, builder.ProducerEpoch, builder.BaseSequence) = (producerId, 0, sequence);
        builder.Append(1_700_000_000_000, null, Encoding.UTF8.GetBytes(value));
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 60_000 };
        var topic = new ProduceRequest.TopicProduceData { Name = "t" };
        topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(topic);
        var produced = new Produced();
        _client.Send(request, 8, response => produced.Response = (ProduceResponse)response);
        _node.Advance(60);
        _client.Receive();
        return produced;
    }

    private long Latest()
    {
        var request = new ListOffsetsRequest();
        var topic = new ListOffsetsRequest.ListOffsetsTopic { Name = "t" };
        topic.Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = 0, Timestamp = -1, CurrentLeaderEpoch = -1 });
        request.Topics.Add(topic);
        return ((ListOffsetsResponse)Ask(request, 5)!).Topics[0].Partitions[0].Offset;
    }

    private List<string> Fetch(long offset) => Values((FetchResponse)Ask(FetchOf(offset, maxWait: 0), 11)!);

    private static FetchRequest FetchOf(long offset, int maxWait)
    {
        var request = new FetchRequest { MaxWaitMs = maxWait, MinBytes = 1, MaxBytes = 1_000_000 };
        var topic = new FetchRequest.FetchTopic { Topic = "t" };
        topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, FetchOffset = offset, PartitionMaxBytes = 1_000_000, CurrentLeaderEpoch = -1 });
        request.Topics.Add(topic);
        return request;
    }

    private static List<string> Values(FetchResponse response)
    {
        var values = new List<string>();
        foreach (var batch in Batches.Of(response.Responses[0].Partitions[0].Records!))
            foreach (var record in new RecordBatchReader(batch))
                values.Add(Encoding.UTF8.GetString(record.Value!.Value.Span));
        return values;
    }

    private sealed class Produced
    {
        public ProduceResponse? Response { get; set; }

        public long Value()
        {
            var answer = Response!.Responses[0].PartitionResponses[0];
            Assert.Equal(ErrorCode.None, (ErrorCode)answer.ErrorCode);
            return answer.BaseOffset;
        }
    }
}
