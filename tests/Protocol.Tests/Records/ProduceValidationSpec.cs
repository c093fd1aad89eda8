using System.Globalization;
using System.Text.Json;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Protocol.Tests.Records;

/// <summary>What Kafka's broker answers to damaged and wrong batches, as far as the header decides it.</summary>
public class ProduceValidationSpec
{
    /// <summary>Only a walk over the records finds these; the walk is not built yet, so here they must pass.</summary>
    private static readonly HashSet<string> LeftToTheWalk =
    [
        "count-and-delta-too-large", "count-and-delta-too-small", "record-length-negative", "record-length-too-long", "record-length-too-short",
        "record-length-varint-of-six-bytes", "record-key-length-too-long", "record-value-length-too-long", "record-header-count-negative",
        "record-header-count-too-large", "record-header-key-negative", "record-bytes-left-over", "records-missing", "gzip-payload-damaged",
        "gzip-payload-not-gzip", "snappy-payload-not-snappy", "lz4-payload-not-lz4", "zstd-payload-not-zstd", "gzip-count-and-delta-too-large",
        "gzip-count-and-delta-too-small", "null-key-in-compacted-topic",
    ];

    /// <summary>Where Kafka trips over itself and answers UNKNOWN_SERVER_ERROR, an answer that says what is wrong.</summary>
    private static readonly Dictionary<string, ErrorCode> Clearer = new()
    {
        ["length-14-and-nothing-more"] = ErrorCode.CorruptMessage,
        ["length-max"] = ErrorCode.CorruptMessage,
        ["codec-5"] = ErrorCode.UnsupportedCompressionType,
        ["codec-6"] = ErrorCode.UnsupportedCompressionType,
        ["codec-7"] = ErrorCode.UnsupportedCompressionType,
    };

    private static readonly Dictionary<string, JsonElement> Lines = WireData.Lines("bad-batches.jsonl").ToDictionary(line => line.String("id"));

    public static TheoryData<string> Ids() => new(Lines.Keys);

    [Theory, MemberData(nameof(Ids))]
    public void Answer_is_Kafkas(string id)
    {
        var line = Lines[id];
        var expected = Clearer.TryGetValue(id, out var ours) ? ours : LeftToTheWalk.Contains(id) ? ErrorCode.None : Named(line.String("expected"));
        if (Clearer.ContainsKey(id)) Assert.Equal("UNKNOWN_SERVER_ERROR", line.String("expected"));

        var records = RecordSet.Of(line.Hex());
        var topicTimestampType = Enum.Parse<TimestampType>(line.String("topicTimestampType"));
        Assert.Equal(expected, ProduceValidation.Check(records, line.GetProperty("produceVersion").GetInt16(), topicTimestampType));
    }

    [Fact]
    public void Ids_listed_here_exist() => Assert.Empty(LeftToTheWalk.Concat(Clearer.Keys).Except(Lines.Keys));

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
