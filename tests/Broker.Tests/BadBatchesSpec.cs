using System.Globalization;
using System.Text.Json;
using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>What a Produce request of damaged, wrong or unwelcome batches is answered, from its frame on. The batches are those that Protocol.Tests has from Kafka's own classes.</summary>
public sealed class BadBatchesSpec : IDisposable
{
    private static readonly Dictionary<string, JsonElement> Lines =
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Data", "bad-batches.jsonl")).Select(line => JsonDocument.Parse(line).RootElement).ToDictionary(line => line.GetProperty("id").GetString()!);

    /// <summary>Kafka answers UNKNOWN_SERVER_ERROR to these, which tells a client nothing.</summary>
    private static readonly Dictionary<string, ErrorCode> Clearer = new()
    {
        ["length-14-and-nothing-more"] = ErrorCode.CorruptMessage,
        ["length-max"] = ErrorCode.CorruptMessage,
        ["codec-5"] = ErrorCode.UnsupportedCompressionType,
        ["codec-6"] = ErrorCode.UnsupportedCompressionType,
        ["codec-7"] = ErrorCode.UnsupportedCompressionType,
    };

    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private SimulatedNode _node;
    private SimulatedConnection _client;

    public BadBatchesSpec()
    {
        _storage.Register();
        (_node, _client) = Start(new BrokerSettings());
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Fact]
    public void Each_is_answered_as_Kafka_does_and_only_what_is_accepted_enters_the_log()
    {
        var ends = new Dictionary<string, long> { ["plain"] = 0, ["compacted"] = 0, ["stamped"] = 0 };
        var wrong = new List<string>();
        foreach (var (id, line) in Lines)
        {
            var topic = line.GetProperty("compactedTopic").GetBoolean() ? "compacted" : line.GetProperty("topicTimestampType").GetString() == "LogAppendTime" ? "stamped" : "plain";
            var expected = line.GetProperty("expected").GetString()!;
            var code = expected == "UNKNOWN_SERVER_ERROR" ? Clearer.GetValueOrDefault(id, ErrorCode.InvalidRecord) : Named(expected);
            var answer = Produce(topic, Convert.FromHexString(line.GetProperty("hex").GetString()!), line.GetProperty("produceVersion").GetInt16());
            if ((ErrorCode)answer.ErrorCode != code || (code == ErrorCode.None) != (answer.BaseOffset == ends[topic]))
                wrong.Add($"{id}: {(ErrorCode)answer.ErrorCode} at {answer.BaseOffset}, expected {code} at {ends[topic]}; {answer.ErrorMessage}");
            if (answer.ErrorCode == 0)
                ends[topic] = End(topic);
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.Equal(63, Lines.Count);
        Assert.Equal((3, 0, 0), (Accepted("plain"), Accepted("compacted"), Accepted("stamped")));
    }

    [Fact]
    public void Records_without_a_key_are_named_one_by_one_where_the_topic_is_compacted()
    {
        var answer = Produce("compacted", Batch(hasKey: [true, false, true, false]));
        Assert.Equal(ErrorCode.InvalidRecord, (ErrorCode)answer.ErrorCode);
        const string Why = "Compacted topic cannot accept message without key in topic partition compacted-0.";
        Assert.Equal([(1, Why), (3, Why)], answer.RecordErrors.Select(record => (record.BatchIndex, record.BatchIndexErrorMessage)));
        Assert.Equal(
            "One or more records have been rejected due to 2 record errors in total, and only showing the first three errors at most: "
            + $"[RecordError(batchIndex=1, message='{Why}'), RecordError(batchIndex=3, message='{Why}')]", answer.ErrorMessage);
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("compacted", Batch(hasKey: [true, true])).ErrorCode);
    }

    [Fact]
    public void Records_out_of_the_topics_time_are_named_too()
    {
        var now = SimulatedNode.Epoch.ToUnixTimeMilliseconds();
        var answer = Produce("timely", Batch(times: [now, now - 3_600_000, now + 3_600_000]));
        Assert.Equal((ErrorCode.InvalidTimestamp, "One or more records have been rejected due to invalid timestamp"), ((ErrorCode)answer.ErrorCode, answer.ErrorMessage));
        Assert.Equal([1, 2], answer.RecordErrors.Select(record => record.BatchIndex));
        Assert.StartsWith($"Timestamp {now - 3_600_000} of message with offset 1 is out of range. The timestamp should be within [", answer.RecordErrors[0].BatchIndexErrorMessage, StringComparison.Ordinal);
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("timely", Batch(times: [now, now - 30_000])).ErrorCode);
    }

    [Fact]
    public void A_batch_is_as_large_as_the_topics_max_message_bytes_at_most()
    {
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("small", Batch(valueBytes: 500 - 61 - 9)).ErrorCode);
        var answer = Produce("small", Batch(valueBytes: 500 - 61 - 8));
        Assert.Equal((ErrorCode.MessageTooLarge, "The record batch size in the append is 501 bytes which exceeds the maximum configured value of 500."), ((ErrorCode)answer.ErrorCode, answer.ErrorMessage));
        Assert.Equal(ErrorCode.MessageTooLarge, (ErrorCode)Produce("plain", Batch(valueBytes: 1_048_588)).ErrorCode);
    }

    [Fact]
    public void Under_check_records_header_the_records_are_the_clients_own()
    {
        _node.Dispose();
        _storage.Kill();
        (_node, _client) = Start(new BrokerSettings { ChecksRecords = false }, create: false);
        Assert.Equal(ErrorCode.None, (ErrorCode)Produce("plain", Convert.FromHexString(Lines["record-bytes-left-over"].GetProperty("hex").GetString()!)).ErrorCode);
        Assert.Equal(ErrorCode.CorruptMessage, (ErrorCode)Produce("plain", Convert.FromHexString(Lines["crc-field-zero"].GetProperty("hex").GetString()!)).ErrorCode);
    }

    private (SimulatedNode Node, SimulatedConnection Client) Start(BrokerSettings settings, bool create = true)
    {
        var node = new SimulatedNode(_storage, SimulatedNode.Epoch, settings);
        var client = node.Connect();
        if (create)
        {
            var request = new CreateTopicsRequest { timeoutMs = 1000 };
            Add("plain");
            Add("compacted", ("cleanup.policy", "compact"));
            Add("stamped", ("message.timestamp.type", "LogAppendTime"));
            Add("timely", ("message.timestamp.before.max.ms", "60000"), ("message.timestamp.after.max.ms", "60000"));
            Add("small", ("max.message.bytes", "500"));
            CreateTopicsResponse? created = null;
            client.Send(request, 5, response => created = (CreateTopicsResponse)response);
            node.Advance(1_000);
            client.Receive();
            Assert.All(created!.Topics, topic => Assert.Equal(0, topic.ErrorCode));

            void Add(string name, params (string Name, string Value)[] configs)
            {
                var topic = new CreateTopicsRequest.CreatableTopic { Name = name, NumPartitions = 1, ReplicationFactor = 1 };
                foreach (var config in configs)
                    topic.Configs.Add(new CreateTopicsRequest.CreatableTopicConfig { Name = config.Name, Value = config.Value });
                request.Topics.Add(topic);
            }
        }
        node.Advance(1_000);
        return (node, client);
    }

    private ProduceResponse.PartitionProduceResponse Produce(string topic, byte[] records, short version = 9)
    {
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 1_000 };
        var data = new ProduceRequest.TopicProduceData { Name = topic };
        data.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(records) });
        request.TopicData.Add(data);
        ProduceResponse? response = null;
        _client.Send(request, version, answer => response = (ProduceResponse)answer);
        for (var waited = 0; waited < 500 && response is null; waited++)
        {
            _node.Advance(1);
            _client.Receive();
        }
        return response!.Responses[0].PartitionResponses[0];
    }

    private long End(string topic)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1 };
        var data = new ListOffsetsRequest.ListOffsetsTopic { Name = topic };
        data.Partitions.Add(new ListOffsetsRequest.ListOffsetsPartition { PartitionIndex = 0, Timestamp = -1 });
        request.Topics.Add(data);
        ListOffsetsResponse? response = null;
        _client.Send(request, 5, answer => response = (ListOffsetsResponse)answer);
        _node.Advance(5);
        _client.Receive();
        return response!.Topics[0].Partitions[0].Offset;
    }

    /// <summary>Batches in the log: each of the data's accepted ones has records of its own.</summary>
    private int Accepted(string topic)
    {
        var request = new FetchRequest { MaxBytes = 1 << 20, MaxWaitMs = 0 };
        var data = new FetchRequest.FetchTopic { Topic = topic };
        data.Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, PartitionMaxBytes = 1 << 20 });
        request.Topics.Add(data);
        FetchResponse? response = null;
        _client.Send(request, 11, answer => response = (FetchResponse)answer);
        _node.Advance(5);
        _client.Receive();
        var batches = Batches.Of(response!.Responses[0].Partitions[0].Records!).ToList();
        Assert.All(batches, batch => Assert.Equal(ErrorCode.None, RecordBatch.Check(batch.Span)));
        return batches.Count;
    }

    private static byte[] Batch(bool[]? hasKey = null, long[]? times = null, int valueBytes = 1)
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        var now = SimulatedNode.Epoch.ToUnixTimeMilliseconds();
        for (var i = 0; i < (hasKey?.Length ?? times?.Length ?? 1); i++)
            builder.Append(times?[i] ?? now, hasKey?[i] == true ? [1] : (byte[]?)null, new byte[valueBytes]);
        return builder.Build();
    }

    private static ErrorCode Named(string name) =>
        name == "NONE" ? ErrorCode.None : Enum.Parse<ErrorCode>(string.Concat(name.Split('_').Select(word => CultureInfo.InvariantCulture.TextInfo.ToTitleCase(word.ToLowerInvariant()))));
}
