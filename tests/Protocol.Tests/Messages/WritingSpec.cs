using System.Buffers;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Protocol.Tests.Messages;

public class WritingSpec
{
    [Fact]
    public void Records_are_read_into_one_array_of_their_size_and_passed_on_uncopied()
    {
        var batch = Batch(5000);
        var reader = new ProtocolReader(Segmented.Of(MessageCodec.Write(Produce(RecordSet.Of(batch)), 9), size: 700));
        var records = ProduceRequest.Read(ref reader, 9).TopicData[0].PartitionData[0].Records!;
        Assert.Single(records.Segments);
        Assert.Equal(batch, records.ToArray());
        Assert.Same(records.ToArray(), records.ToArray());
    }

    [Fact]
    public void Records_of_several_segments_are_written_in_order_and_copied_only_when_asked()
    {
        byte[] first = Batch(100), second = Batch(200);
        var response = new FetchResponse
        {
            Responses =
            [
                new FetchResponse.FetchableTopicResponse
                {
                    TopicId = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
                    Partitions =
                    [
                        new FetchResponse.PartitionData { PartitionIndex = 1, Records = RecordSet.Of([first, second.AsMemory(0, 50), second.AsMemory(50)]) },
                        new FetchResponse.PartitionData { PartitionIndex = 2, Records = RecordSet.Empty },
                        new FetchResponse.PartitionData { PartitionIndex = 3, Records = null },
                    ],
                },
            ],
        };
        using var writer = new ProtocolWriter();
        response.Write(writer, 13);
        first[^1] ^= 0xff;
        var copied = new ArrayBufferWriter<byte>();
        writer.CopyTo(copied);
        Assert.Equal(writer.Length, copied.WrittenCount);
        Assert.Equal(writer.ToArray(), copied.WrittenSpan.ToArray());

        var reader = new ProtocolReader(copied.WrittenMemory);
        var partitions = FetchResponse.Read(ref reader, 13).Responses[0].Partitions;
        Assert.Equal([.. first, .. second], partitions[0].Records!.ToArray());
        Assert.Equal((0, (RecordSet?)null), (partitions[1].Records!.Length, partitions[2].Records));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(9)]
    public void Writing_allocates_nothing_once_the_buffer_is_there(short version)
    {
        var request = Produce(RecordSet.Of(Batch(100_000)));
        using var writer = new ProtocolWriter();
        var target = new ArrayBufferWriter<byte>(1 << 20);
        for (var warm = 0; warm < 3; warm++) WriteOnce();
        var before = GC.GetAllocatedBytesForCurrentThread();
        WriteOnce();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void WriteOnce()
        {
            writer.Reset();
            target.ResetWrittenCount();
            request.Write(writer, version);
            writer.CopyTo(target);
        }
    }

    [Fact]
    public void A_value_that_the_version_would_lose_is_refused_with_its_name()
    {
        var request = new FetchRequest { ForgottenTopicsData = [new FetchRequest.ForgottenTopic()] };
        var refused = Assert.Throws<UnsupportedVersionException>(() => MessageCodec.Write(request, 6));
        Assert.Equal("FetchRequest version 6 has no field ForgottenTopicsData, which holds a value other than its default.", refused.Message);
        MessageCodec.Write(request, 7);
    }

    [Fact]
    public void A_changed_tagged_structure_is_refused_where_there_are_no_tags()
    {
        var request = new FetchRequest { ReplicaState = new FetchRequest.ReplicaStateData { ReplicaEpoch = 1 } };
        Assert.Throws<UnsupportedVersionException>(() => MessageCodec.Write(request, 14));
        MessageCodec.Write(request, 15);
    }

    [Fact]
    public void An_ignorable_value_is_left_out_where_the_version_lacks_it() =>
        Assert.Equal(MessageCodec.Write(new FetchRequest(), 10), MessageCodec.Write(new FetchRequest { RackId = "b" }, 10));

    [Fact]
    public void A_null_is_refused_where_the_version_has_none()
    {
        var refused = Assert.Throws<UnsupportedVersionException>(() => MessageCodec.Write(new MetadataRequest { Topics = null }, 0));
        Assert.Equal("MetadataRequest version 0 cannot hold a null Topics.", refused.Message);
        MessageCodec.Write(new MetadataRequest { Topics = null }, 1);
    }

    [Fact]
    public void A_null_that_may_not_be_is_malformed_and_named()
    {
        var refused = Assert.Throws<MalformedMessageException>(() => MessageCodec.Read("HeartbeatRequest", 0, Convert.FromHexString("ffff")));
        Assert.Equal("HeartbeatRequest.GroupId is null, which it cannot be.", refused.Message);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(18)]
    public void A_version_that_does_not_exist_is_refused(short version)
    {
        Assert.Throws<UnsupportedVersionException>(() => MessageCodec.Write(new FetchRequest(), version));
        Assert.Throws<UnsupportedVersionException>(() => MessageCodec.Read("FetchRequest", version, new byte[100]));
    }

    private static ProduceRequest Produce(RecordSet records) => new()
    {
        Acks = -1,
        TopicData = [new ProduceRequest.TopicProduceData { Name = "orders", PartitionData = [new ProduceRequest.PartitionProduceData { Index = 3, Records = records }] }],
    };

    private static byte[] Batch(int valueBytes)
    {
        using var builder = new RecordBatchBuilder();
        builder.Append(1, null, new byte[valueBytes]);
        return builder.Build();
    }
}
