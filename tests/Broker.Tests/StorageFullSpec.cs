using System.Text;
using Actors.Broker.Tests.Simulation;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>A full storage refuses records and serves what it has; with room again it takes records, under a new leader epoch, without a restart of the node.</summary>
public sealed class StorageFullSpec : IDisposable
{
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly BrokerSettings _settings = new() { SnapshotEveryEvents = 1_000, CacheBytesPerPartition = 1, RetentionCheckInterval = TimeSpan.FromMilliseconds(200) };
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;

    public StorageFullSpec()
    {
        _storage.Register();
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch, _settings);
        _client = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 2, ReplicationFactor = 1 });
        Assert.Equal(0, ((CreateTopicsResponse)Send(create, 5)).Topics[0].ErrorCode);
        Assert.Equal((ErrorCode.None, 0), Produce(0, "first"));
        Assert.Equal((ErrorCode.None, 0), Produce(1, "other"));
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    public void Records_are_refused_what_is_there_is_served_and_writes_resume_by_themselves(int room)
    {
        _storage.Room = room;
        Assert.Equal((ErrorCode.KafkaStorageError, -1), Produce(0, "second"));
        _node.Advance(3_000);
        // The one whose write failed started again, read-only under the epoch it had; the other one has gone on.
        Assert.Equal((ErrorCode.KafkaStorageError, -1), Produce(0, "second"));
        Assert.Equal((ErrorCode.KafkaStorageError, -1), Produce(1, "more"));
        Assert.Equal([0, 0], Epochs());
        Assert.Equal(["first"], Fetch(0));
        Assert.Equal(["other"], Fetch(1));
        var written = _storage.Ids.Sum(id => _storage.Highest(id));
        _node.Advance(5_000);
        Assert.Equal(written, _storage.Ids.Sum(id => _storage.Highest(id)));

        _storage.Room = null;
        _node.Advance(1_500);
        Assert.Equal([0, 0], Epochs());
        Assert.Equal((ErrorCode.None, 1), Produce(0, "third"));
        Assert.Equal((ErrorCode.None, 1), Produce(1, "more"));
        Assert.Equal([1, 0], Epochs());
        Assert.Equal(["first", "third"], Fetch(0));
    }

    [Fact]
    public void The_first_batch_and_the_epoch_are_one_write()
    {
        _storage.Room = 0;
        Produce(0, "second");
        _node.Advance(1_000);
        _storage.Room = null;
        _node.Advance(1_500);
        // The epoch alone would find room, the batch does not: neither is stored, and what fetches see is as before.
        _storage.Room = 60;
        Assert.Equal((ErrorCode.KafkaStorageError, -1), Produce(0, "third"));
        _node.Advance(1_000);
        Assert.Equal([0, 0], Epochs());
        Assert.Equal(["first"], Fetch(0));
        _storage.Room = null;
        _node.Advance(2_000);
        Assert.Equal((ErrorCode.None, 1), Produce(0, "fourth"));
        Assert.Equal([1, 0], Epochs());
        Assert.Equal(["first", "fourth"], Fetch(0));
    }

    [Fact]
    public void Records_can_be_deleted_to_make_room_if_so_little_can_be_written()
    {
        _storage.Room = 60;
        Produce(0, "second");
        _node.Advance(1_000);
        var delete = new DeleteRecordsRequest { TimeoutMs = 1_000 };
        delete.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = "t", Partitions = [new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = 0, Offset = 1 }] });
        var answer = ((DeleteRecordsResponse)Send(delete, 1)).Topics[0].Partitions[0];
        Assert.Equal((0, 1L), (answer.ErrorCode, answer.LowWatermark));
        Assert.Equal([1, 0], Epochs());
        _storage.Room = null;
        _node.Advance(2_000);
        Assert.Equal((ErrorCode.None, 1), Produce(0, "third"));
        Assert.Equal([1, 0], Epochs());
    }

    [Fact]
    public void Everything_in_flight_is_answered_KAFKA_STORAGE_ERROR_and_none_of_it_is_there_later()
    {
        var answers = new List<ErrorCode>();
        _storage.Room = 0;
        for (var i = 0; i < 5; i++)
            _client.Send(Request(0, $"v{i}"), 8, response => answers.Add((ErrorCode)((ProduceResponse)response).Responses[0].PartitionResponses[0].ErrorCode));
        _node.Advance(3_000);
        _client.Receive();
        Assert.Equal(Enumerable.Repeat(ErrorCode.KafkaStorageError, 5), answers);
        _storage.Room = null;
        _node.Advance(3_000);
        Assert.Equal(["first"], Fetch(0));
    }

    private (ErrorCode Error, long Offset) Produce(int partition, string value)
    {
        var answer = ((ProduceResponse)Send(Request(partition, value), 8)).Responses[0].PartitionResponses[0];
        return ((ErrorCode)answer.ErrorCode, answer.BaseOffset);
    }

    private static ProduceRequest Request(int partition, string value)
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(SimulatedNode.Epoch.ToUnixTimeMilliseconds(), (byte[]?)null, Encoding.UTF8.GetBytes(value));
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 1_000 };
        var topic = new ProduceRequest.TopicProduceData { Name = "t" };
        topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(topic);
        return request;
    }

    private List<int> Epochs()
    {
        var topic = ((MetadataResponse)Send(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = "t" }] }, 8)).Topics[0];
        return [.. topic.Partitions.OrderBy(partition => partition.PartitionIndex).Select(partition => partition.LeaderEpoch)];
    }

    private List<string> Fetch(int partition)
    {
        var request = new FetchRequest { MaxWaitMs = 0, MaxBytes = 1 << 20 };
        var topic = new FetchRequest.FetchTopic { Topic = "t" };
        topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = partition, PartitionMaxBytes = 1 << 20 });
        request.Topics.Add(topic);
        var answer = ((FetchResponse)Send(request, 11)).Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, (ErrorCode)answer.ErrorCode);
        var values = new List<string>();
        foreach (var batch in Batches.Of(answer.Records!))
            foreach (var record in new RecordBatchReader(batch))
                values.Add(Encoding.UTF8.GetString(record.Value!.Value.Span));
        return values;
    }

    private IMessage Send(IRequest request, short version)
    {
        IMessage? response = null;
        _client.Send(request, version, answer => response = answer);
        for (var waited = 0; waited < 2_000 && response is null; waited++)
        {
            _node.Advance(1);
            _client.Receive();
        }
        return response ?? throw new InvalidOperationException($"{request.Key} was not answered within 2 s");
    }
}
