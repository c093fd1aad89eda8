using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>Events leave the journal only when the move of the log's start, which makes them superfluous, is durable.</summary>
public sealed class RetentionSpec : IDisposable
{
    private const int RetentionMs = 1_000;
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;

    public RetentionSpec()
    {
        _storage.Register();
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch, new BrokerSettings
        {
            SnapshotEveryEvents = 5, CacheBytesPerPartition = 1, RetentionCheckInterval = TimeSpan.FromMilliseconds(100),
        });
        _client = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 1, ReplicationFactor = 1 });
        create.Topics[0].Configs.Add(new CreateTopicsRequest.CreatableTopicConfig { Name = "retention.ms", Value = $"{RetentionMs}" });
        _client.Send(create, 5, _ => { });
        Run(200);
        for (var i = 0; i < 12; i++)
            Produce();
        Run(100);
        Assert.Equal(ErrorCode.None, (ErrorCode)Fetch(0).ErrorCode);
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Fact]
    public void What_has_expired_leaves_the_journal_up_to_the_snapshot()
    {
        Run(2 * RetentionMs);
        Assert.Equal((ErrorCode.OffsetOutOfRange, 12), ((ErrorCode)Fetch(0).ErrorCode, Fetch(0).LogStartOffset));
        Assert.True(_storage.DeletedEvents >= 10, $"{_storage.DeletedEvents} events were deleted");
    }

    [Fact]
    public void Nothing_leaves_while_the_move_of_the_start_hangs_and_it_is_moved_again_when_that_fails()
    {
        // What stands before the first batch, and in a snapshot, is gone by now.
        var before = _storage.DeletedEvents;
        _storage.Holds = true;
        Run(2 * RetentionMs);
        Assert.Equal(before, _storage.DeletedEvents);
        _storage.FailHeld();
        Run(300);
        _storage.Holds = false;
        Run(2 * RetentionMs);
        Assert.Equal((ErrorCode.OffsetOutOfRange, 12), ((ErrorCode)Fetch(0).ErrorCode, Fetch(0).LogStartOffset));
        Assert.True(_storage.DeletedEvents >= 10, $"{_storage.DeletedEvents} events were deleted");
    }

    private void Run(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 10)
        {
            _node.Advance(10);
            _client.Receive();
        }
    }

    private void Produce()
    {
        var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(_node.Scheduler.Now.ToUnixTimeMilliseconds(), null, [1]);
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
        request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = "t" });
        request.TopicData[0].PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(builder.Build()) });
        ProduceResponse? response = null;
        _client.Send(request, 8, answer => response = (ProduceResponse)answer);
        Run(50);
        Assert.Equal(ErrorCode.None, (ErrorCode)response!.Responses[0].PartitionResponses[0].ErrorCode);
    }

    private FetchResponse.PartitionData Fetch(long offset)
    {
        var request = new FetchRequest { MaxWaitMs = 0, MinBytes = 1, MaxBytes = 1_000_000 };
        request.Topics.Add(new FetchRequest.FetchTopic { Topic = "t" });
        request.Topics[0].Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, FetchOffset = offset, PartitionMaxBytes = 1_000_000, CurrentLeaderEpoch = -1 });
        FetchResponse? response = null;
        _client.Send(request, 11, answer => response = (FetchResponse)answer);
        Run(20);
        return response!.Responses[0].Partitions[0];
    }
}
