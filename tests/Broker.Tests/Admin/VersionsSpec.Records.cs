using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests.Admin;

/// <summary>Records and offsets.</summary>
public sealed partial class VersionsSpec
{
    private static void ProduceOne(VersionsSpec spec, short version) =>
        Assert.Equal(version < 3 ? (ErrorCode.UnsupportedVersion, -1L) : (ErrorCode.None, 1L), spec.Append(Topic, 0, version));

    private static void ProduceNothing(VersionsSpec spec, short version) => Assert.Empty(spec.Ask<ProduceResponse>(new ProduceRequest { Acks = -1, TimeoutMs = 1_000 }, version).Responses);

    private static void ProduceWrongly(VersionsSpec spec, short version)
    {
        if (version < 3)
            return;
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L), spec.Append("nowhere", 0, version));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L), spec.Append(Topic, 99, version));
        Assert.Equal((ErrorCode.InvalidRequiredAcks, -1L), spec.Append(Topic, 0, version, acks: 5));
        Assert.Equal((ErrorCode.CorruptMessage, -1L), spec.Append(Topic, 0, version, corrupt: true));
    }

    private (ErrorCode, long) Append(string topic, int partition, short version, short acks = -1, bool corrupt = false)
    {
        var builder = new RecordBatchBuilder();
        builder.Append(0, null, new byte[10]);
        var batch = builder.Build();
        if (corrupt)
            batch[^1] ^= 1;
        var request = new ProduceRequest { Acks = acks, TimeoutMs = 1_000 };
        request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = topic });
        request.TopicData[0].PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(batch) });
        var answer = Ask<ProduceResponse>(request, version).Responses.Single().PartitionResponses.Single();
        return ((ErrorCode)answer.ErrorCode, answer.BaseOffset);
    }

    private static void FetchOne(VersionsSpec spec, short version)
    {
        var (error, watermark, bytes) = spec.Fetch(0, version);
        Assert.Equal((ErrorCode.None, 1L), (error, watermark));
        Assert.True(bytes > 61, $"{bytes} bytes");
    }

    private static void FetchAtTheEnd(VersionsSpec spec, short version) => Assert.Equal((ErrorCode.None, 1L, 0L), spec.Fetch(1, version));

    private static void FetchWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.OffsetOutOfRange, spec.Fetch(99, version).Error);
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, spec.Fetch(0, version, partition: 99).Error);
        if (version >= 9)
            Assert.Equal(ErrorCode.UnknownLeaderEpoch, spec.Fetch(0, version, epoch: 99).Error);
    }

    private (ErrorCode Error, long HighWatermark, long Bytes) Fetch(long offset, short version, int partition = 0, int epoch = -1)
    {
        var id = Ask<MetadataResponse>(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = Topic }] }, 12).Topics.Single().TopicId;
        var request = new FetchRequest { MaxWaitMs = 0, MinBytes = 1, MaxBytes = 1_000_000 };
        request.Topics.Add(new FetchRequest.FetchTopic { Topic = Topic, TopicId = id });
        request.Topics[0].Partitions.Add(new FetchRequest.FetchPartition { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1_000_000, CurrentLeaderEpoch = epoch });
        var answer = Ask<FetchResponse>(request, version).Responses.Single().Partitions.Single();
        return ((ErrorCode)answer.ErrorCode, answer.HighWatermark, answer.Records?.Length ?? 0);
    }

    private static void ListEnds(VersionsSpec spec, short version)
    {
        Assert.Equal((ErrorCode.None, 1L), spec.Offset(-1, version));
        Assert.Equal((ErrorCode.None, 0L), spec.Offset(-2, version));
    }

    private static void ListByTime(VersionsSpec spec, short version)
    {
        Assert.Equal((ErrorCode.None, 0L), spec.Offset(0, version));
        Assert.Equal((ErrorCode.None, -1L), spec.Offset(long.MaxValue, version));
    }

    private static void ListWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal(ErrorCode.UnknownTopicOrPartition, spec.Offset(-1, version, partition: 99).Error);
        if (version >= 4)
            Assert.Equal(ErrorCode.UnknownLeaderEpoch, spec.Offset(-1, version, epoch: 99).Error);
    }

    private (ErrorCode Error, long Offset) Offset(long timestamp, short version, int partition = 0, int epoch = -1)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1 };
        request.Topics.Add(new ListOffsetsRequest.ListOffsetsTopic { Name = Topic });
        request.Topics[0].Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = partition, Timestamp = timestamp, CurrentLeaderEpoch = epoch });
        var answer = Ask<ListOffsetsResponse>(request, version).Topics.Single().Partitions.Single();
        return ((ErrorCode)answer.ErrorCode, answer.Offset);
    }

    private static void DeleteAllRecords(VersionsSpec spec, short version) => Assert.Equal((ErrorCode.None, 1L), spec.DeleteBefore(-1, version));

    private static void DeleteNoRecords(VersionsSpec spec, short version) => Assert.Equal((ErrorCode.None, 1L), spec.DeleteBefore(0, version));

    private static void DeleteRecordsWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal((ErrorCode.OffsetOutOfRange, -1L), spec.DeleteBefore(99, version));
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L), spec.DeleteBefore(0, version, partition: 99));
    }

    private (ErrorCode, long) DeleteBefore(long offset, short version, int partition = 0)
    {
        var request = new DeleteRecordsRequest { TimeoutMs = 1_000 };
        request.Topics.Add(new DeleteRecordsRequest.DeleteRecordsTopic { Name = Topic });
        request.Topics[0].Partitions.Add(new DeleteRecordsRequest.DeleteRecordsPartition { PartitionIndex = partition, Offset = offset });
        var answer = Ask<DeleteRecordsResponse>(request, version).Topics.Single().Partitions.Single();
        return ((ErrorCode)answer.ErrorCode, answer.LowWatermark);
    }

    private static void InitOne(VersionsSpec spec, short version) => Assert.Equal(ErrorCode.None, (ErrorCode)spec.Init(null, version).ErrorCode);

    private static void InitAnother(VersionsSpec spec, short version) => Assert.NotEqual(spec.Init(null, version).ProducerId, spec.Init(null, version).ProducerId);

    private static void InitWrongly(VersionsSpec spec, short version) => Assert.Equal(ErrorCode.InvalidRequest, (ErrorCode)spec.Init("", version).ErrorCode);

    private InitProducerIdResponse Init(string? transactionalId, short version) =>
        Ask<InitProducerIdResponse>(new InitProducerIdRequest { TransactionalId = transactionalId, TransactionTimeoutMs = 1_000 }, version);

    private static void EndOfTheEpoch(VersionsSpec spec, short version) => Assert.Equal((ErrorCode.None, 1L), spec.EndOf(0, version));

    private static void EndOfNoEpoch(VersionsSpec spec, short version) => Assert.Equal((ErrorCode.None, -1L), spec.EndOf(77, version));

    private static void EndWrongly(VersionsSpec spec, short version)
    {
        Assert.Equal((ErrorCode.UnknownTopicOrPartition, -1L), spec.EndOf(0, version, partition: 99));
        if (version >= 2)
            Assert.Equal((ErrorCode.UnknownLeaderEpoch, -1L), spec.EndOf(0, version, current: 99));
    }

    private (ErrorCode, long) EndOf(int epoch, short version, int partition = 0, int current = -1)
    {
        var request = new OffsetForLeaderEpochRequest { ReplicaId = -1 };
        request.Topics.Add(new OffsetForLeaderEpochRequest.OffsetForLeaderTopic { Topic = Topic });
        request.Topics[0].Partitions.Add(new OffsetForLeaderEpochRequest.OffsetForLeaderPartition { Partition = partition, LeaderEpoch = epoch, CurrentLeaderEpoch = current });
        var answer = Ask<OffsetForLeaderEpochResponse>(request, version).Topics.Single().Partitions.Single();
        return ((ErrorCode)answer.ErrorCode, answer.EndOffset);
    }
}
