using System.Buffers;
using System.Buffers.Binary;
using Actors.Protocol.Messages;
using FsCheck.Fluent;
using Xunit;

namespace Actors.Protocol.Tests;

public class FrameSpec
{
    private const int Bound = 1000;

    [Fact]
    public void Frames_come_out_as_they_went_in_however_the_bytes_arrive() => Properties.Hold(
        from frames in Gen.ListOf(Properties.Bytes(60))
        from segment in Gen.Choose(1, 20)
        from missing in Gen.Choose(1, 10)
        select (frames, segment, missing),
        given =>
        {
            var bytes = given.frames.SelectMany(frame => Length(frame.Length).Concat(frame)).Concat(Length(given.missing)).Concat(new byte[given.missing - 1]).ToArray();
            var buffer = Segmented.Of(bytes, given.segment);
            foreach (var expected in given.frames)
            {
                Assert.Equal(FrameCut.Complete, Frame.TryCut(ref buffer, Bound, out var frame));
                Assert.Equal(expected, frame.ToArray());
            }

            Assert.Equal(FrameCut.Incomplete, Frame.TryCut(ref buffer, Bound, out _));
            Assert.Equal(Frame.LengthSize + given.missing - 1, buffer.Length);
        });

    [Theory]
    [InlineData(-1, FrameCut.NegativeLength)]
    [InlineData(int.MinValue, FrameCut.NegativeLength)]
    [InlineData(Bound + 1, FrameCut.TooLarge)]
    [InlineData(int.MaxValue, FrameCut.TooLarge)]
    [InlineData(Bound, FrameCut.Incomplete)]
    [InlineData(0, FrameCut.Complete)]
    public void A_length_that_cannot_be_is_told_before_its_bytes_come(int length, FrameCut expected)
    {
        var buffer = Segmented.Of(Length(length), size: 1);
        Assert.Equal(expected, Frame.TryCut(ref buffer, Bound, out _));
        Assert.Equal(expected == FrameCut.Complete ? 0 : Frame.LengthSize, buffer.Length);
    }

    [Fact]
    public void Less_than_a_length_is_incomplete()
    {
        var buffer = Segmented.Of(new byte[3], size: 1);
        Assert.Equal(FrameCut.Incomplete, Frame.TryCut(ref buffer, Bound, out _));
        Assert.Equal(3, buffer.Length);
    }

    [Theory]
    [InlineData(ApiKey.Metadata, 0)]
    [InlineData(ApiKey.ApiVersions, 3)]
    public void A_request_has_the_header_its_version_asks_for(ApiKey key, short version)
    {
        IRequest request = key == ApiKey.Metadata
            ? new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = "orders" }] }
            : new ApiVersionsRequest { ClientSoftwareName = "a", ClientSoftwareVersion = "1" };
        using var writer = new ProtocolWriter();
        Frame.WriteRequest(writer, request, version, correlationId: 7, clientId: "clien");
        var bytes = writer.ToArray();
        Assert.Equal(bytes.Length - Frame.LengthSize, BinaryPrimitives.ReadInt32BigEndian(bytes));

        var reader = new ProtocolReader(bytes.AsMemory(Frame.LengthSize));
        var header = Frame.ReadRequestHeader(ref reader);
        Assert.Equal(((short)key, version, 7, "clien"), (header.RequestApiKey, header.RequestApiVersion, header.CorrelationId, header.ClientId));
        Assert.Equal(request.GetType(), ApiVersionTable.ReadRequest(key, ref reader, version).GetType());
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(ApiKey.ApiVersions, 3, 0)]
    [InlineData(ApiKey.Heartbeat, 3, 0)]
    [InlineData(ApiKey.Heartbeat, 4, 1)]
    public void A_response_has_the_header_its_version_asks_for(ApiKey key, short version, short headerVersion)
    {
        IMessage response = key == ApiKey.ApiVersions ? new ApiVersionsResponse { ErrorCode = 35 } : new HeartbeatResponse { ErrorCode = 27 };
        using var writer = new ProtocolWriter();
        writer.WriteInt8(1);
        Frame.WriteResponse(writer, key, response, version, correlationId: 9);
        var buffer = new ReadOnlySequence<byte>(writer.ToArray().AsMemory(1));
        Assert.Equal(FrameCut.Complete, Frame.TryCut(ref buffer, Bound, out var frame));
        Assert.True(buffer.IsEmpty);

        var reader = new ProtocolReader(frame);
        Assert.Equal(9, ResponseHeader.Read(ref reader, headerVersion).CorrelationId);
        ApiVersionTable.ReadResponse(key, ref reader, version);
        Assert.Equal(0, reader.Remaining);
    }

    private static byte[] Length(int length)
    {
        var bytes = new byte[Frame.LengthSize];
        BinaryPrimitives.WriteInt32BigEndian(bytes, length);
        return bytes;
    }
}
