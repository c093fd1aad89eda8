using System.Buffers;
using System.Buffers.Binary;
using System.IO.Pipelines;
using Actors.Broker.Network;
using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests.Network;

/// <summary>What one connection promises: answers in order, bounds, and that nothing a client sends hurts the node.</summary>
public sealed class ConnectionSpec : IDisposable
{
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;

    public ConnectionSpec()
    {
        _storage.Register();
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch, new BrokerSettings { MaxInFlightBytesPerConnection = 8_000, ConnectionIdleTimeout = TimeSpan.FromMinutes(1) });
        _client = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 2, ReplicationFactor = 1 });
        CreateTopicsResponse? created = null;
        _client.Send(create, 5, response => created = (CreateTopicsResponse)response);
        Run(1_000);
        Assert.Equal(0, created!.Topics[0].ErrorCode);
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Fact]
    public void Answers_leave_in_the_order_of_the_requests_whatever_is_ready_first()
    {
        var order = new List<string>();
        _storage.Holds = true;
        _client.Send(Produce(0, "slow"), 8, _ => order.Add("produce"));
        _client.Send(new ApiVersionsRequest { ClientSoftwareName = "s", ClientSoftwareVersion = "1" }, 3, _ => order.Add("versions"));
        _client.Send(new MetadataRequest { Topics = [] }, 5, _ => order.Add("metadata"));
        Run(500);
        Assert.Empty(order);
        _storage.Holds = false;
        Run(10);
        Assert.Equal(["produce", "versions", "metadata"], order);
    }

    [Fact]
    public void A_produce_without_acknowledgement_gets_no_response_and_holds_its_bytes_until_it_is_durable()
    {
        _storage.Holds = true;
        _client.Send(Produce(0, "v", acks: 0), 8, _ => Assert.Fail("acks=0 was answered"));
        Run(200);
        Assert.InRange(_node.Broker.Figures.InFlightBytes, 1, 8_000);
        _storage.Holds = false;
        Run(50);
        Assert.Equal(0, _node.Broker.Figures.InFlightBytes);
        Assert.Equal(1, _client.Open);
        Assert.True(Answers(_client));
    }

    [Fact]
    public async Task A_client_of_a_node_that_starts_waits_until_it_knows_the_topics_and_is_sent_away_when_that_takes_long()
    {
        _storage.Kill();
        _node.Dispose();
        _storage.Holds = true;
        using var starting = new SimulatedNode(_storage, SimulatedNode.Epoch + TimeSpan.FromSeconds(2), new BrokerSettings());
        starting.Advance(50);
        var (early, late) = (new Pipe(), new Pipe());
        var (earlyAnswers, lateAnswers) = (new Pipe(), new Pipe());
        var waiting = starting.Broker.Server.ServeAsync(new Duplex(early.Reader, earlyAnswers.Writer), ListenerName.Default, null, CancellationToken.None);
        await waiting.WaitAsync(Deadline);
        Assert.True((await earlyAnswers.Reader.ReadAsync().AsTask().WaitAsync(Deadline)).IsCompleted);
        Assert.Equal(0, starting.Broker.Server.Connections);

        var serving = starting.Broker.Server.ServeAsync(new Duplex(late.Reader, lateAnswers.Writer), ListenerName.Default, null, CancellationToken.None);
        _storage.Holds = false;
        starting.Advance(50);
        var writer = new ProtocolWriter();
        Frame.WriteRequest(writer, new MetadataRequest { Topics = null }, 5, 1, "late");
        writer.CopyTo(late.Writer);
        await late.Writer.FlushAsync();
        var answer = await lateAnswers.Reader.ReadAtLeastAsync(5).AsTask().WaitAsync(Deadline);
        var frame = answer.Buffer;
        Assert.Equal(FrameCut.Complete, Frame.TryCut(ref frame, int.MaxValue, out var response));
        var reader = new ProtocolReader(response);
        ResponseHeader.Read(ref reader, 0);
        Assert.Equal("t", Assert.Single(((MetadataResponse)ApiVersionTable.ReadResponse(ApiKey.Metadata, ref reader, 5)).Topics).Name);
        lateAnswers.Reader.AdvanceTo(answer.Buffer.End);
        await late.Writer.CompleteAsync();
        await serving.WaitAsync(Deadline);
    }

    [Fact]
    public async Task A_connection_whose_bytes_are_spent_waits_and_others_do_not()
    {
        _storage.Holds = true;
        var answers = 0;
        var value = new string('x', 5_000);
        Assert.True(await _client.DeliverAsync(Produce(0, value), 8, _ => answers++));
        var second = _client.DeliverAsync(Produce(0, value), 8, _ => answers++).AsTask();
        Run(100);
        Assert.False(second.IsCompleted);
        Assert.True(Answers(_node.Connect()));
        Assert.InRange(_node.Broker.Figures.InFlightBytes, 5_000, 8_000);
        _storage.Holds = false;
        Run(10);
        Assert.True(await second.WaitAsync(Deadline));
        Run(100);
        Assert.Equal(2, answers);
        Assert.Equal(0, _node.Broker.Figures.InFlightBytes);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public void A_produce_of_the_old_formats_is_answered_UNSUPPORTED_VERSION(short version)
    {
        ProduceResponse? answer = null;
        _client.Send(Produce(0, "v"), version, response => answer = (ProduceResponse)response);
        Run(10);
        Assert.Equal(ErrorCode.UnsupportedVersion, (ErrorCode)answer!.Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void ApiVersions_of_an_unknown_version_is_answered_in_version_0_with_error_35_and_what_is_served()
    {
        var frame = new byte[8];
        BinaryPrimitives.WriteInt16BigEndian(frame, (short)ApiKey.ApiVersions);
        BinaryPrimitives.WriteInt16BigEndian(frame.AsSpan(2), 99);
        BinaryPrimitives.WriteInt32BigEndian(frame.AsSpan(4), 4711);
        ApiVersionsResponse? answer = null;
        _client.Expect(4711, ApiKey.ApiVersions, 0, response => answer = (ApiVersionsResponse)response);
        var delivered = _client.DeliverAsync(frame);
        Assert.True(delivered.IsCompletedSuccessfully && delivered.Result);
        Run(10);
        Assert.Equal(35, answer!.ErrorCode);
        Assert.Contains(answer.ApiKeys, api => api.ApiKey == (short)ApiKey.ApiVersions && api.MaxVersion >= 3);
    }

    [Theory]
    [InlineData("")]
    [InlineData("00")]
    [InlineData("7FFF0000000000010000")]
    [InlineData("0003FFFF000000010000")]
    [InlineData("000000080000000100037369")]
    [InlineData("0003000500000001000373696D7FFFFFFF")]
    public async Task A_malformed_frame_ends_its_connection_and_leaves_the_node_alive(string hex)
    {
        var (input, output) = (new Pipe(), new Pipe());
        var serving = _node.Broker.Server.ServeAsync(new Duplex(input.Reader, output.Writer), ListenerName.Default, null, CancellationToken.None);
        var body = Convert.FromHexString(hex);
        var frame = new byte[4 + body.Length];
        BinaryPrimitives.WriteInt32BigEndian(frame, body.Length);
        body.CopyTo(frame, 4);
        await input.Writer.WriteAsync(frame);
        await serving.WaitAsync(Deadline);
        Assert.True((await output.Reader.ReadAsync()).IsCompleted);
        Assert.Equal(0, _node.Broker.Figures.Connections);
        Assert.Equal(0, _node.Broker.Figures.InFlightBytes);
        Assert.True(Answers(_client));
    }

    [Fact]
    public void A_connections_fetches_begin_one_after_the_other_and_all_are_answered_in_order()
    {
        var answers = new List<int>();
        for (var i = 0; i < 3; i++)
        {
            var (number, fetch) = (i, new FetchRequest { MaxWaitMs = 100, MinBytes = 1, MaxBytes = 1_000 });
            var topic = new FetchRequest.FetchTopic { Topic = "t" };
            topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, PartitionMaxBytes = 1_000 });
            fetch.Topics.Add(topic);
            _client.Send(fetch, 11, _ => answers.Add(number));
        }
        _client.Send(new MetadataRequest { Topics = [] }, 5, _ => answers.Add(3));
        Run(150);
        Assert.Equal([0], answers);
        Run(100);
        Assert.Equal([0, 1], answers);
        Run(100);
        Assert.Equal([0, 1, 2, 3], answers);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void Metadata_by_topic_id_is_an_invalid_request_before_version_12(short version)
    {
        MetadataResponse? answer = null;
        _client.Send(new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = null, TopicId = Guid.NewGuid() }] }, version, response => answer = (MetadataResponse)response);
        Run(10);
        Assert.Equal((ErrorCode.InvalidRequest, ""), ((ErrorCode)answer!.Topics[0].ErrorCode, answer.Topics[0].Name));
        Assert.True(Answers(_client));
    }

    [Fact]
    public void A_request_whose_answer_does_not_come_is_answered_as_timed_out_and_the_connection_goes_on()
    {
        ErrorCode? answer = null;
        _storage.Holds = true;
        _client.Send(Produce(0, "v"), 8, response => answer = (ErrorCode)((ProduceResponse)response).Responses[0].PartitionResponses[0].ErrorCode);
        Run(29_900);
        Assert.Null(answer);
        Run(200);
        Assert.Equal(ErrorCode.RequestTimedOut, answer);
        Assert.True(Answers(_client));
    }

    [Fact]
    public void A_connection_is_closed_when_it_was_silent_for_so_long_but_not_while_it_waits_for_an_answer()
    {
        var (waiting, answered) = (_node.Connect(), false);
        var fetch = new FetchRequest { ReplicaId = -1, MaxWaitMs = 90_000, MinBytes = 1, MaxBytes = 1000 };
        fetch.Topics.Add(new FetchRequest.FetchTopic { Topic = "t", Partitions = [new FetchRequest.FetchPartition { Partition = 0, PartitionMaxBytes = 1000 }] });
        Run(50_000);
        Assert.True(Answers(_client));
        waiting.Send(fetch, 11, _ => answered = true);
        Run(59_000);
        Assert.False(_client.IsEnded);
        Run(2_000);
        Assert.True(_client.IsEnded);
        Assert.False(waiting.IsEnded);
        Run(29_500);
        waiting.Receive();
        Assert.True(answered);
    }

    [Fact]
    public async Task When_the_node_stops_a_connection_ends_once_the_requests_that_came_are_answered_and_takes_no_more()
    {
        var (input, output, stopping) = (new Pipe(), new Pipe(), new CancellationTokenSource());
        var idle = _node.Broker.Server.ServeAsync(new Duplex(new Pipe().Reader, new Pipe().Writer), ListenerName.Default, null, CancellationToken.None, stopping.Token);
        var serving = _node.Broker.Server.ServeAsync(new Duplex(input.Reader, output.Writer), ListenerName.Default, null, CancellationToken.None, stopping.Token);
        _storage.Holds = true;
        await input.Writer.WriteAsync(Bytes(Produce(0, "v"), 1));
        await Until(() => _node.Broker.Figures.InFlightBytes > 0);
        stopping.Cancel();
        await input.Writer.WriteAsync(Bytes(Produce(0, "too late"), 2));
        await Until(() => idle.IsCompleted);
        Assert.False(serving.IsCompleted);
        _storage.Holds = false;
        await Until(() => serving.IsCompleted);
        var answers = await output.Reader.ReadAsync();
        Assert.True(answers.IsCompleted);
        Assert.Equal(4 + BinaryPrimitives.ReadInt32BigEndian(answers.Buffer.FirstSpan), answers.Buffer.Length);
        Assert.Equal(0, _node.Broker.Figures.InFlightBytes);

        async Task Until(Func<bool> holds)
        {
            for (var deadline = DateTime.UtcNow + Deadline; !holds(); await Task.Delay(1))
            {
                Assert.True(DateTime.UtcNow < deadline, $"in flight: {_node.Broker.Figures.InFlightBytes} bytes");
                Run(10);
            }
        }

        static ReadOnlyMemory<byte> Bytes(IRequest request, int correlation)
        {
            var (writer, bytes) = (new ProtocolWriter(), new ArrayBufferWriter<byte>());
            Frame.WriteRequest(writer, request, 8, correlation, "sim");
            writer.CopyTo(bytes);
            return bytes.WrittenMemory;
        }
    }

    private void Run(int milliseconds)
    {
        for (var i = 0; i < milliseconds; i += 10)
        {
            _node.Advance(10);
            _client.Receive();
        }
    }

    private bool Answers(SimulatedConnection connection)
    {
        var answered = false;
        connection.Send(new MetadataRequest { Topics = [] }, 5, _ => answered = true);
        _node.Advance(10);
        connection.Receive();
        return answered;
    }

    private static ProduceRequest Produce(int partition, string value, short acks = -1)
    {
        var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(1_700_000_000_000, null, System.Text.Encoding.UTF8.GetBytes(value));
        var request = new ProduceRequest { Acks = acks, TimeoutMs = 30_000 };
        var topic = new ProduceRequest.TopicProduceData { Name = "t" };
        topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(topic);
        return request;
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
