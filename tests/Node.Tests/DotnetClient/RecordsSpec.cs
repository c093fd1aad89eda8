using System.Text;
using Confluent.Kafka;
using Xunit;

namespace Actors.Node.Tests.DotnetClient;

/// <summary>Confluent.Kafka's producer and a consumer without a group: what goes in comes out, from where one asks for it.</summary>
public sealed class RecordsSpec(ConfluentNode fixture) : IClassFixture<ConfluentNode>
{
    private static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds()).AddHours(-2);

    [LibrdkafkaTheory]
    [InlineData(CompressionType.None, false)]
    [InlineData(CompressionType.Gzip, true)]
    [InlineData(CompressionType.Snappy, false)]
    [InlineData(CompressionType.Lz4, true)]
    [InlineData(CompressionType.Zstd, true)]
    public async Task Keys_values_headers_and_times_come_back(CompressionType codec, bool idempotent)
    {
        var topic = await fixture.CreateAsync($"records-{codec}", 3);
        var sent = Enumerable.Range(0, 600).Select(i => Record(i)).ToList();
        using var producer = fixture.Producer(settings => (settings.CompressionType, settings.EnableIdempotence, settings.Acks, settings.LingerMs) = (codec, idempotent, Acks.All, 5));
        var delivered = await Task.WhenAll(sent.Select(message => producer.ProduceAsync(topic, message)));
        Assert.All(delivered, report => Assert.Equal(PersistenceStatus.Persisted, report.Status));
        foreach (var partition in delivered.Zip(sent).GroupBy(each => each.First.Partition.Value))
        {
            var expected = partition.OrderBy(each => each.First.Offset.Value).ToList();
            Assert.Equal(Enumerable.Range(0, expected.Count).Select(i => (long)i), expected.Select(each => each.First.Offset.Value));
            var read = fixture.Read(new TopicPartitionOffset(topic, partition.Key, Offset.Beginning), expected.Count);
            Assert.Equal(expected.Select(each => Shown(each.Second)), read.Select(record => Shown(record.Message)));
            Assert.Equal(expected.Select(each => each.First.Offset), read.Select(record => record.Offset));
        }
    }

    [LibrdkafkaFact]
    public async Task A_record_of_one_key_stays_in_one_partition_and_may_be_placed_by_hand()
    {
        await fixture.CreateAsync("placed", 4);
        using var producer = fixture.Producer(_ => { });
        var keyed = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => producer.ProduceAsync("placed", new Message<string?, string?> { Key = "same", Value = $"{i}" })));
        Assert.Single(keyed.Select(report => report.Partition).Distinct());
        Assert.Equal(3, (await producer.ProduceAsync(new TopicPartition("placed", 3), new Message<string?, string?> { Key = "same" })).Partition.Value);
        var nowhere = await Assert.ThrowsAsync<ProduceException<string?, string?>>(() => producer.ProduceAsync(new TopicPartition("placed", 4), new Message<string?, string?> { Value = "x" }));
        Assert.Equal(ErrorCode.Local_UnknownPartition, nowhere.Error.Code);
    }

    [LibrdkafkaTheory]
    [InlineData(Acks.None)]
    [InlineData(Acks.Leader)]
    public async Task Records_that_wait_for_less_arrive_too(Acks acks)
    {
        var topic = await fixture.CreateAsync($"acks-{acks}");
        using var producer = fixture.Producer(settings => settings.Acks = acks);
        await Task.WhenAll(Enumerable.Range(0, 50).Select(i => producer.ProduceAsync(topic, new Message<string?, string?> { Value = $"{i}" })));
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), fixture.Read(new TopicPartitionOffset(topic, 0, Offset.Beginning), 50).Values());
    }

    [LibrdkafkaFact]
    public async Task A_record_too_large_or_of_a_wrong_time_is_refused_and_the_next_one_goes_in()
    {
        await fixture.CreateAsync("small", 1, ("max.message.bytes", "1000"));
        await fixture.CreateAsync("timely", 1, ("message.timestamp.before.max.ms", "60000"));
        using var producer = fixture.Producer(settings => settings.EnableIdempotence = true);
        Assert.Equal(ErrorCode.MsgSizeTooLarge, await RefusalAsync(producer, "small", new Message<string?, string?> { Value = new string('x', 2000) }));
        Assert.Equal(ErrorCode.InvalidTimestamp, await RefusalAsync(producer, "timely", new Message<string?, string?> { Value = "x", Timestamp = new Timestamp(DateTimeOffset.UtcNow.AddHours(-1)) }));
        foreach (var topic in (string[])["small", "timely"])
            Assert.Equal(0, (await producer.ProduceAsync(topic, new Message<string?, string?> { Value = "fits" })).Offset.Value);
    }

    [LibrdkafkaFact]
    public async Task A_topic_may_take_the_times_at_which_records_come()
    {
        await fixture.CreateAsync("stamped", 1, ("message.timestamp.type", "LogAppendTime"));
        var before = DateTimeOffset.UtcNow;
        using var producer = fixture.Producer(_ => { });
        var report = await producer.ProduceAsync("stamped", new Message<string?, string?> { Value = "x", Timestamp = new Timestamp(before.AddDays(-1)) });
        var read = Assert.Single(fixture.Read(new TopicPartitionOffset("stamped", 0, 0), 1)).Message.Timestamp;
        Assert.Equal(TimestampType.LogAppendTime, read.Type);
        Assert.InRange(read.UnixTimestampMs, before.ToUnixTimeMilliseconds(), DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        Assert.Equal(read.UnixTimestampMs, report.Timestamp.UnixTimestampMs);
    }

    [LibrdkafkaFact]
    public async Task Reading_begins_where_one_says_seeks_and_pauses()
    {
        await fixture.CreateAsync("sought", 2);
        await fixture.FillAsync("sought", 0, [.. Enumerable.Range(0, 100).Select(i => $"{i}")]);
        await fixture.FillAsync("sought", 1, "other");
        using var consumer = new ConsumerBuilder<string?, string?>(fixture.Reading("reader")).Build();
        consumer.Assign(new TopicPartitionOffset("sought", 0, 57));
        Assert.Equal(["57", "58", "59"], consumer.Take(3).Values());
        Assert.Equal(60, consumer.Position(new TopicPartition("sought", 0)).Value);
        consumer.Seek(new TopicPartitionOffset("sought", 0, 5));
        Assert.Equal(["5", "6"], consumer.Take(2).Values());
        consumer.Assign([new TopicPartitionOffset("sought", 0, 0), new TopicPartitionOffset("sought", 1, 0)]);
        consumer.Pause([new TopicPartition("sought", 0)]);
        Assert.Equal(["other"], consumer.Take(1).Values());
        consumer.Resume([new TopicPartition("sought", 0)]);
        Assert.Equal(["0", "1"], consumer.Take(2).Values());
    }

    [LibrdkafkaFact]
    public async Task Offsets_are_found_by_time_and_by_their_ends()
    {
        await fixture.CreateAsync("timed", 2);
        using var producer = fixture.Producer(_ => { });
        for (var minute = 0; minute < 10; minute++)
            await producer.ProduceAsync(new TopicPartition("timed", 0), new Message<string?, string?> { Value = $"{minute}", Timestamp = new Timestamp(Start.AddMinutes(minute)) });
        using var consumer = new ConsumerBuilder<string?, string?>(fixture.Reading("reader")).Build();
        Assert.Equal(4, Found(Start.AddMinutes(4)));
        Assert.Equal(5, Found(Start.AddMinutes(4).AddSeconds(1)));
        Assert.Equal(0, Found(Start.AddDays(-1)));
        Assert.Equal(Offset.End.Value, Found(Start.AddDays(1)));
        Assert.Equal((0, 10), Ends(0));
        Assert.Equal((0, 0), Ends(1));

        long Found(DateTimeOffset at) => consumer.OffsetsForTimes([new TopicPartitionTimestamp("timed", 0, new Timestamp(at))], ConfluentNode.Patience)[0].Offset.Value;

        (long, long) Ends(int partition) => consumer.QueryWatermarkOffsets(new TopicPartition("timed", partition), ConfluentNode.Patience) is var ends ? (ends.Low.Value, ends.High.Value) : default;
    }

    [LibrdkafkaFact]
    public async Task The_end_of_a_partition_is_told_and_what_is_beyond_it_is_an_error()
    {
        await fixture.CreateAsync("ending");
        await fixture.FillAsync("ending", 0, "last");
        var settings = fixture.Reading("reader");
        (settings.EnablePartitionEof, settings.AutoOffsetReset) = (true, AutoOffsetReset.Error);
        using var consumer = new ConsumerBuilder<string?, string?>(settings).Build();
        consumer.Assign(new TopicPartitionOffset("ending", 0, 0));
        Assert.Equal("last", consumer.Consume(ConfluentNode.Patience).Message.Value);
        Assert.Equal((true, 1L), (consumer.Consume(ConfluentNode.Patience) is var end && end.IsPartitionEOF, end.Offset.Value));
        consumer.Assign(new TopicPartitionOffset("ending", 0, 7));
        var beyond = Assert.Throws<ConsumeException>(() => consumer.Consume(ConfluentNode.Patience));
        Assert.Equal(ErrorCode.Local_AutoOffsetReset, beyond.Error.Code);
        Assert.Contains("Offset out of range", beyond.Error.Reason);
    }

    [LibrdkafkaFact]
    public void A_topic_that_is_not_there_is_an_error_of_who_reads_it()
    {
        using var consumer = new ConsumerBuilder<string?, string?>(fixture.Reading("strays")).Build();
        consumer.Subscribe("never");
        Assert.Equal(ErrorCode.UnknownTopicOrPart, Assert.Throws<ConsumeException>(() => consumer.Consume(ConfluentNode.Patience)).Error.Code);
        consumer.Close();
    }

    private static Message<string?, string?> Record(int i) => new()
    {
        Key = i % 5 == 0 ? null : $"key {i % 50}",
        Value = i % 7 == 0 ? null : $"värde {i} {new string('x', i % 300)}",
        Timestamp = new Timestamp(Start.AddMilliseconds(i)),
        Headers = i % 3 == 0 ? new Headers { { "n", Encoding.UTF8.GetBytes($"{i}") }, { "n", [] }, { "nothing", null } } : null,
    };

    private static string Shown(Message<string?, string?> message)
    {
        var headers = (message.Headers ?? []).Select(header => $"{header.Key}={(header.GetValueBytes() is { } bytes ? Encoding.UTF8.GetString(bytes) : "null")}");
        return $"{message.Key ?? "null"}|{message.Value ?? "null"}|{message.Timestamp.UnixTimestampMs}|{string.Join(',', headers)}";
    }

    private static async Task<ErrorCode> RefusalAsync(IProducer<string?, string?> producer, string topic, Message<string?, string?> message) =>
        (await Assert.ThrowsAsync<ProduceException<string?, string?>>(() => producer.ProduceAsync(topic, message))).Error.Code;
}
