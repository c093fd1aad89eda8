using System.Text.Json;
using Actors.Protocol.Records;
using Xunit;
using Record = Actors.Protocol.Records.Record;

namespace Actors.Protocol.Tests.Records;

/// <summary>Record batches as Kafka's own classes and codecs write them.</summary>
public class GoldenBatchSpec
{
    public static TheoryData<string> Ids() => new(WireData.Lines("batches.jsonl").Select(line => line.String("id")));

    private static readonly Dictionary<string, JsonElement> Batches = WireData.Lines("batches.jsonl").ToDictionary(line => line.String("id"));

    [Theory, MemberData(nameof(Ids))]
    public void Header_is_what_Kafka_reads(string id)
    {
        var expected = Batches[id].GetProperty("batch");
        var bytes = Batches[id].Hex();

        Assert.True(BatchHeader.TryRead(bytes, out var header));
        Assert.Equal(expected.GetProperty("baseOffset").GetInt64(), header.BaseOffset);
        Assert.Equal(expected.GetProperty("lastOffset").GetInt64(), header.LastOffset);
        Assert.Equal(expected.GetProperty("partitionLeaderEpoch").GetInt32(), header.PartitionLeaderEpoch);
        Assert.Equal(expected.GetProperty("magic").GetInt32(), header.Magic);
        Assert.Equal(expected.GetProperty("crc").GetUInt32(), header.Crc);
        Assert.Equal(expected.GetProperty("attributes").GetInt32(), header.Attributes);
        Assert.Equal(expected.String("timestampType"), header.TimestampType.ToString());
        if (!header.HasDeleteHorizon) Assert.Equal(expected.GetProperty("baseTimestamp").GetInt64(), header.BaseTimestamp);
        Assert.Equal(expected.GetProperty("maxTimestamp").GetInt64(), header.MaxTimestamp);
        Assert.Equal(expected.GetProperty("producerId").GetInt64(), header.ProducerId);
        Assert.Equal(expected.GetProperty("producerEpoch").GetInt32(), header.ProducerEpoch);
        Assert.Equal(expected.GetProperty("baseSequence").GetInt32(), header.BaseSequence);
        Assert.Equal(expected.GetProperty("lastSequence").GetInt32(), header.LastSequence);
        Assert.Equal(expected.GetProperty("isTransactional").GetBoolean(), header.IsTransactional);
        Assert.Equal(expected.GetProperty("isControl").GetBoolean(), header.IsControl);
        Assert.Equal(expected.GetProperty("deleteHorizonMs").ValueKind != JsonValueKind.Null, header.HasDeleteHorizon);
        if (header.HasDeleteHorizon) Assert.Equal(expected.GetProperty("deleteHorizonMs").GetInt64(), header.BaseTimestamp);
        Assert.Equal(expected.GetProperty("count").GetInt32(), header.RecordCount);
        Assert.Equal(Batches[id].String("codec"), header.Compression.ToString(), ignoreCase: true);
        Assert.Equal(bytes.Length, header.TotalSize);
        Assert.Equal(header.Crc, RecordBatch.ComputeCrc(bytes));
        Assert.Equal(ErrorCode.None, RecordBatch.Check(bytes));
    }

    [Theory, MemberData(nameof(Ids))]
    public void Records_are_what_a_consumer_sees(string id)
    {
        var expected = Batches[id].GetProperty("records").EnumerateArray().Select(Line).ToList();
        var actual = new List<string>();
        using var reader = new RecordBatchReader(Batches[id].Hex());
        while (reader.MoveNext()) actual.Add(Line(reader.Current));
        Assert.Equal(expected, actual);
    }

    [Fact]
    public void Every_uncompressed_batch_without_marks_of_the_broker_is_built_again_byte_for_byte()
    {
        var built = 0;
        foreach (var line in Batches.Values)
        {
            var original = line.Hex();
            BatchHeader.TryRead(original, out var header);
            if (header.Compression != Compression.None || header.TimestampType == TimestampType.LogAppendTime || header.HasDeleteHorizon) continue;
            if (header.RecordCount == 0 || line.String("id") is "first-records-compacted-away") continue;

            using var builder = new RecordBatchBuilder
            {
                BaseOffset = header.BaseOffset,
                PartitionLeaderEpoch = header.PartitionLeaderEpoch,
                ProducerId = header.ProducerId,
                ProducerEpoch = header.ProducerEpoch,
                BaseSequence = header.BaseSequence,
                IsTransactional = header.IsTransactional,
                IsControl = header.IsControl,
            };
            foreach (var record in new RecordBatchReader(original))
                builder.AppendAt((int)(record.Offset - header.BaseOffset), record.Timestamp, record.Key, record.Value, record.Headers.ToArray());
            Assert.Equal(Convert.ToHexString(original), Convert.ToHexString(builder.Build(header.LastOffsetDelta)));
            built++;
        }

        Assert.InRange(built, 15, 40);
    }

    private static string Line(Record record) => string.Join(' ', record.Offset, record.Timestamp, Text(record.Key), Text(record.Value),
        string.Join(',', record.Headers.ToArray().Select(header => $"{header.Key}={Text(header.Value)}")));

    private static string Line(JsonElement record) => string.Join(' ', record.GetProperty("offset").GetInt64(), record.GetProperty("timestamp").GetInt64(),
        Base64(record.GetProperty("key")), Base64(record.GetProperty("value")),
        string.Join(',', record.GetProperty("headers").EnumerateArray().Select(header => $"{header[0].GetString()}={Base64(header[1])}")));

    private static string Text(ReadOnlyMemory<byte>? bytes) => bytes is { } present ? Convert.ToBase64String(present.Span) : "null";

    private static string Base64(JsonElement text) => text.GetString() ?? "null";
}
