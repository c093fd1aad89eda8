using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>DeleteRecords moves a log's start; the events leave the journal once the move is durable and a snapshot stands above them.</summary>
public sealed class DeleteRecordsSpec : IDisposable
{
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly BrokerSettings _settings = new() { SnapshotEveryEvents = 5, CacheBytesPerPartition = 1 };
    private SimulatedNode _node;
    private SimulatedConnection _client;
    private DateTimeOffset _now = SimulatedNode.Epoch;

    public DeleteRecordsSpec()
    {
        _storage.Register();
        (_node, _client) = Start();
        Create("t", "delete");
        Create("compacted", "compact");
        for (var i = 0; i < 12; i++)
            Produce("t");
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void The_log_begins_at_the_offset_from_then_on(short version)
    {
        Assert.Equal((ErrorCode.None, 7), Delete("t", 0, 7, version));
        Assert.Equal((ErrorCode.OffsetOutOfRange, 7), Fetch(6));
        Assert.Equal((ErrorCode.None, 7), Fetch(7));
        Assert.Equal((ErrorCode.None, 7), Delete("t", 0, 3, version));
        Assert.Equal((ErrorCode.None, 12), Delete("t", 0, -1, version));
        Assert.Equal((ErrorCode.None, 12), Fetch(12));
    }

    [Fact]
    public void What_cannot_be_deleted_is_refused_and_stays()
    {
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), Delete("t", 0, 13));
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1), Delete("t", 0, -2));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1), Delete("t", 1, 1));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1), Delete("none", 0, 1));
        Assert.Equal((ErrorCode.PolicyViolation, -1), Delete("compacted", 0, -1));
        Assert.Equal((ErrorCode.None, 0), Fetch(0));
    }

    [Fact]
    public void The_events_leave_the_journal_up_to_the_snapshot_and_a_restart_begins_there()
    {
        var before = _storage.DeletedEvents;
        Delete("t", 0, 12);
        for (var i = 0; i < 6; i++)
            Produce("t");
        Run(500);
        Assert.True(_storage.DeletedEvents - before >= 10, $"{_storage.DeletedEvents - before} events were deleted");
        Restart();
        Assert.Equal((ErrorCode.OffsetOutOfRange, 12), Fetch(0));
        Assert.Equal((ErrorCode.None, 12), Fetch(17));
    }

    [Fact]
    public void Nothing_is_answered_or_deleted_while_the_move_hangs_and_one_that_fails_leaves_the_log_as_it_was()
    {
        var before = _storage.DeletedEvents;
        _storage.Holds = true;
        DeleteRecordsResponse? response = null;
        _client.Send(Request("t", 0, 12), 1, answer => response = (DeleteRecordsResponse)answer);
        Run(500);
        Assert.Null(response);
        Assert.Equal(before, _storage.DeletedEvents);
        _storage.FailHeld();
        _storage.Holds = false;
        Run(2_000);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)response!.Topics[0].Partitions[0].ErrorCode);
        Restart();
        Assert.Equal((ErrorCode.None, 0), Fetch(0));
    }

    private (SimulatedNode, SimulatedConnection) Start()
    {
        var node = new SimulatedNode(_storage, _now, _settings);
        return (node, node.Connect());
    }

    private void Restart()
    {
        _storage.Kill();
        _node.Dispose();
        (_node, _client) = Start();
        Run(200);
    }

    private void Run(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 10)
        {
            _node.Advance(10);
            _now = _now.AddMilliseconds(10);
            _client.Receive();
        }
    }

    private void Create(string topic, string policy)
    {
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = topic, NumPartitions = 1, ReplicationFactor = 1 });
        create.Topics[0].Configs.Add(new CreateTopicsRequest.CreatableTopicConfig { Name = "cleanup.policy", Value = policy });
        create.Topics[0].Configs.Add(new CreateTopicsRequest.CreatableTopicConfig { Name = "retention.ms", Value = "-1" });
        _client.Send(create, 5, _ => { });
        Run(200);
    }

    private void Produce(string topic)
    {
        var builder = new RecordBatchBuilder();
        builder.Append(_now.ToUnixTimeMilliseconds(), null, [1]);
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
        request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = topic });
        request.TopicData[0].PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(builder.Build()) });
        ProduceResponse? response = null;
        _client.Send(request, 8, answer => response = (ProduceResponse)answer);
        Run(50);
        Assert.Equal(ErrorCode.None, (ErrorCode)response!.Responses[0].PartitionResponses[0].ErrorCode);
    }

    private static DeleteRecordsRequest Request(string topic, int partition, long before)
    {
        var request = new DeleteRecordsRequest { TimeoutMs = 30_000 };
        request.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = topic });
        request.Topics[0].Partitions.Add(new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = partition, Offset = before });
        return request;
    }

    private (ErrorCode Error, long LowWatermark) Delete(string topic, int partition, long before, short version = 2)
    {
        DeleteRecordsResponse? response = null;
        _client.Send(Request(topic, partition, before), version, answer => response = (DeleteRecordsResponse)answer);
        Run(50);
        var answer = response!.Topics[0].Partitions[0];
        return ((ErrorCode)answer.ErrorCode, answer.LowWatermark);
    }

    private (ErrorCode Error, long LogStart) Fetch(long offset)
    {
        var request = new FetchRequest { MaxWaitMs = 0, MinBytes = 1, MaxBytes = 1_000_000 };
        request.Topics.Add(new FetchRequest.FetchTopic { Topic = "t" });
        request.Topics[0].Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, FetchOffset = offset, PartitionMaxBytes = 1_000_000, CurrentLeaderEpoch = -1 });
        FetchResponse? response = null;
        _client.Send(request, 11, answer => response = (FetchResponse)answer);
        Run(20);
        var data = response!.Responses[0].Partitions[0];
        return ((ErrorCode)data.ErrorCode, data.LogStartOffset);
    }
}
