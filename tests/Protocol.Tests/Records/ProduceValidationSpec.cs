using System.Globalization;
using System.Text.Json;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Protocol.Tests.Records;

/// <summary>What Kafka's broker answers to damaged and wrong batches, by its header and by a walk over its records.</summary>
public class ProduceValidationSpec
{
    /// <summary>Where Kafka trips over itself and answers UNKNOWN_SERVER_ERROR, an answer that says what is wrong.</summary>
    private static readonly Dictionary<string, ErrorCode> Clearer = new()
    {
        ["length-14-and-nothing-more"] = ErrorCode.CorruptMessage,
        ["length-max"] = ErrorCode.CorruptMessage,
        ["codec-5"] = ErrorCode.UnsupportedCompressionType,
        ["codec-6"] = ErrorCode.UnsupportedCompressionType,
        ["codec-7"] = ErrorCode.UnsupportedCompressionType,
        ["record-length-varint-of-six-bytes"] = ErrorCode.InvalidRecord,
        ["gzip-payload-not-gzip"] = ErrorCode.InvalidRecord,
        ["snappy-payload-not-snappy"] = ErrorCode.InvalidRecord,
        ["lz4-payload-not-lz4"] = ErrorCode.InvalidRecord,
        ["zstd-payload-not-zstd"] = ErrorCode.InvalidRecord,
    };

    private static readonly Dictionary<string, JsonElement> Lines = WireData.Lines("bad-batches.jsonl").ToDictionary(line => line.String("id"));

    public static TheoryData<string> Ids() => new(Lines.Keys);

    [Theory, MemberData(nameof(Ids))]
    public void Answer_is_Kafkas(string id)
    {
        var line = Lines[id];
        var expected = Clearer.TryGetValue(id, out var ours) ? ours : Named(line.String("expected"));
        if (Clearer.ContainsKey(id)) Assert.Equal("UNKNOWN_SERVER_ERROR", line.String("expected"));

        var topicTimestampType = Enum.Parse<TimestampType>(line.String("topicTimestampType"));
        Assert.Equal(expected, Answer(RecordSet.Of(line.Hex()), line.GetProperty("produceVersion").GetInt16(), topicTimestampType, line.GetProperty("compactedTopic").GetBoolean()));
    }

    [Fact]
    public void Ids_listed_here_exist() => Assert.Empty(Clearer.Keys.Except(Lines.Keys));

    /// <summary>The header, then the records, then the keys: what a broker looks at one after the other.</summary>
    private static ErrorCode Answer(RecordSet records, short version, TimestampType topicTimestampType, bool isCompacted)
    {
        var error = ProduceValidation.Check(records, version, topicTimestampType);
        if (error != ErrorCode.None) return error;
        var batch = ProduceValidation.BatchOf(records);
        BatchHeader.TryRead(batch, out var header);
        (error, var reason) = RecordWalk.Check(batch, header, 1 << 20, out var walked);
        Assert.Equal(error == ErrorCode.None, reason is null);
        return error == ErrorCode.None && isCompacted && walked.Keyless > 0 ? ErrorCode.InvalidRecord : error;
    }

    [Fact]
    public void Missing_records_are_invalid() => Assert.Equal(ErrorCode.InvalidRecord, ProduceValidation.Check(null, 9));

    [Fact]
    public void A_batch_over_the_topics_bound_is_too_large_even_if_it_is_corrupt_too()
    {
        var batch = Lines["crc-field-zero"].Hex();
        Assert.Equal(ErrorCode.MessageTooLarge, ProduceValidation.Check(RecordSet.Of(batch), 9, maxBatchBytes: batch.Length - 1));
        Assert.Equal(ErrorCode.CorruptMessage, ProduceValidation.Check(RecordSet.Of(batch), 9, maxBatchBytes: batch.Length));
    }

    [Fact]
    public void Bytes_after_the_batch_are_cut_off_and_a_batch_alone_is_not_copied()
    {
        var trailing = Lines["trailing-bytes"].Hex();
        var batch = ProduceValidation.BatchOf(RecordSet.Of(trailing));
        Assert.Equal(trailing.Length - 5, batch.Length);
        Assert.Equal(ErrorCode.None, RecordBatch.Check(batch));
        Assert.Same(batch, ProduceValidation.BatchOf(RecordSet.Of(batch)));
    }

    private static ErrorCode Named(string name) =>
        name == "NONE" ? ErrorCode.None : Enum.Parse<ErrorCode>(string.Concat(name.Split('_').Select(word => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(word.ToLowerInvariant()))));
}
