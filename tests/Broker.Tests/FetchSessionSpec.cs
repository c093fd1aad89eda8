using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>Fetch sessions (KIP-227) from the frame on, as the Java client uses them; what evicts whom stands in Machines.Tests.</summary>
public sealed class FetchSessionSpec : IDisposable
{
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;
    private readonly Guid _topicId;

    public FetchSessionSpec()
    {
        _storage.Register();
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch, new BrokerSettings { FetchSessionSlots = 2 });
        _client = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 3, ReplicationFactor = 1 });
        var created = (CreateTopicsResponse)Send(create, 7);
        Assert.Equal(0, created.Topics[0].ErrorCode);
        _topicId = created.Topics[0].TopicId;
        _node.Advance(500);
        Produce(0);
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Theory]
    [InlineData(7)]
    [InlineData(12)]
    [InlineData(17)]
    public void After_a_full_fetch_only_what_changes_is_asked_and_answered(short version)
    {
        var first = Fetch(version, 0, 0, [(0, 0), (1, 0), (2, 0)]);
        Assert.True(first.SessionId > 0, "no session was opened");
        Assert.Equal([(0, 1), (1, 0), (2, 0)], Told(first));

        // The first partition's offset moved on; there is no news, and after the wait no partition stands in the answer.
        var quiet = Fetch(version, first.SessionId, 1, [(0, 1)]);
        Assert.Equal((0, first.SessionId), (quiet.ErrorCode, quiet.SessionId));
        Assert.Empty(quiet.Responses);

        Produce(2);
        Assert.Equal([(2, 1)], Told(Fetch(version, first.SessionId, 2, [])));
        // What was not said to be consumed is sent again.
        Assert.Equal([(2, 1)], Told(Fetch(version, first.SessionId, 3, [])));
        Produce(1);
        Assert.Equal([(1, 1)], Told(Fetch(version, first.SessionId, 4, [], forgotten: [2])));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(17)]
    public void A_parked_incremental_fetch_is_answered_with_what_arrives(short version)
    {
        var session = Fetch(version, 0, 0, [(0, 1), (1, 0), (2, 0)]).SessionId;
        FetchResponse? parked = null;
        _client.Send(Request(version, session, 1, [], [], waitMs: 5_000), version, answer => parked = (FetchResponse)answer);
        Advance(200);
        Assert.Null(parked);
        var other = _node.Connect();
        Produce(1, other);
        Advance(20);
        Assert.Equal([(1, 1)], Told(parked!));
    }

    [Fact]
    public void Errors_are_those_of_Kafka_and_answer_the_whole_fetch()
    {
        var session = Fetch(12, 0, 0, [(0, 0)]).SessionId;
        AssertRefused(ErrorCode.FetchSessionIdNotFound, Fetch(12, session + 1, 1, []));
        AssertRefused(ErrorCode.InvalidFetchSessionEpoch, Fetch(12, session, 2, []));
        AssertRefused(ErrorCode.FetchSessionTopicIdError, Fetch(13, session, 1, []));
        Assert.Equal(0, Fetch(12, session, 1, []).ErrorCode);
        // The last epoch ends the session and is answered in full, without one.
        var last = Fetch(12, session, -1, [(0, 0), (1, 0)]);
        Assert.Equal((0, 0), (last.ErrorCode, last.SessionId));
        Assert.Equal([(0, 1), (1, 0)], Told(last));
        AssertRefused(ErrorCode.FetchSessionIdNotFound, Fetch(12, session, 2, []));
    }

    [Fact]
    public void A_partition_with_an_error_is_told_each_time()
    {
        var session = Fetch(12, 0, 0, [(0, 1), (1, 0), (7, 0)]).SessionId;
        var again = Fetch(12, session, 1, []);
        Assert.Equal((7, (short)ErrorCode.UnknownTopicOrPartition), again.Responses.SelectMany(topic => topic.Partitions).Select(answer => (answer.PartitionIndex, answer.ErrorCode)).Single());
        var beyond = Fetch(12, session, 2, [(1, 5)], forgotten: [7]);
        Assert.Equal((1, (short)ErrorCode.OffsetOutOfRange), beyond.Responses.SelectMany(topic => topic.Partitions).Select(answer => (answer.PartitionIndex, answer.ErrorCode)).Single());
    }

    [Fact]
    public void When_all_slots_are_taken_a_fetch_is_answered_without_a_session()
    {
        Assert.NotEqual(0, Fetch(12, 0, 0, [(0, 0)]).SessionId);
        Assert.NotEqual(0, Fetch(12, 0, 0, [(0, 0)]).SessionId);
        var third = Fetch(12, 0, 0, [(0, 0)]);
        Assert.Equal((0, 0), (third.ErrorCode, third.SessionId));
        Assert.Equal([(0, 1)], Told(third));
    }

    private static void AssertRefused(ErrorCode error, FetchResponse response)
    {
        Assert.Equal((error, 0), ((ErrorCode)response.ErrorCode, response.SessionId));
        Assert.Empty(response.Responses);
    }

    /// <summary>Partitions in the answer and how many batches came of each.</summary>
    private static IEnumerable<(int Partition, int Batches)> Told(FetchResponse response)
    {
        Assert.Equal(0, response.ErrorCode);
        return response.Responses.SelectMany(topic => topic.Partitions).Select(answer => (answer.PartitionIndex, Batches.Of(answer.Records!).Count()));
    }

    private FetchResponse Fetch(short version, int session, int epoch, (int Partition, long Offset)[] asked, int[]? forgotten = null) =>
        (FetchResponse)Send(Request(version, session, epoch, asked, forgotten ?? [], waitMs: 20), version);

    private FetchRequest Request(short version, int session, int epoch, (int Partition, long Offset)[] asked, int[] forgotten, int waitMs)
    {
        var request = new FetchRequest { MaxBytes = 1 << 20, MaxWaitMs = waitMs, MinBytes = 1, SessionId = session, SessionEpoch = epoch };
        var topic = new FetchRequest.FetchTopic { Topic = version < 13 ? "t" : "", TopicId = version < 13 ? Guid.Empty : _topicId };
        foreach (var (partition, offset) in asked)
            topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = partition, FetchOffset = offset, PartitionMaxBytes = 1 << 20 });
        if (asked.Length > 0)
            request.Topics.Add(topic);
        if (forgotten.Length > 0)
            request.ForgottenTopicsData.Add(new FetchRequest.ForgottenTopic { Topic = topic.Topic, TopicId = topic.TopicId, Partitions = [.. forgotten] });
        return request;
    }

    private void Produce(int partition, SimulatedConnection? connection = null)
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(SimulatedNode.Epoch.ToUnixTimeMilliseconds(), (byte[]?)null, [1]);
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 1_000 };
        var data = new ProduceRequest.TopicProduceData { Name = "t" };
        data.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = partition, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(data);
        Assert.Equal(0, ((ProduceResponse)Send(request, 9, connection)).Responses[0].PartitionResponses[0].ErrorCode);
    }

    private IMessage Send(IRequest request, short version, SimulatedConnection? connection = null)
    {
        IMessage? response = null;
        (connection ?? _client).Send(request, version, answer => response = answer);
        for (var waited = 0; waited < 2_000 && response is null; waited++)
        {
            _node.Advance(1);
            (connection ?? _client).Receive();
        }
        return response ?? throw new InvalidOperationException($"{request.Key} was not answered within 2 s");
    }

    private void Advance(int milliseconds)
    {
        _node.Advance(milliseconds);
        _client.Receive();
    }
}
