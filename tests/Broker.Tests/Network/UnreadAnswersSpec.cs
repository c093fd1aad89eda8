using Actors.Broker.Tests.Simulation;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Xunit;

namespace Actors.Broker.Tests.Network;

/// <summary>However much a client asks for without reading it, the broker keeps no more answers than some: it goes on with the requests when they are taken.</summary>
public sealed class UnreadAnswersSpec : IDisposable
{
    private const int Partitions = 300, Requests = 500, Groups = 256;
    private static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;
    private readonly List<int> _answered = [];

    public UnreadAnswersSpec()
    {
        _storage.Register();
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch, new BrokerSettings { OffsetsTopicPartitions = 1, GroupInitialRebalanceDelay = TimeSpan.FromSeconds(3) });
        var admin = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1_000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = Partitions, ReplicationFactor = 1 });
        admin.Send(create, 5, _ => { });
        admin.Send(new FindCoordinatorRequest { Key = "g0" }, 2, _ => { });
        _node.Advance(1_000);
        _client = _node.Connect(unread: 4_096);
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Fact]
    public void Requests_of_a_client_that_does_not_read_wait_and_are_all_answered_in_order_when_it_does()
    {
        for (var i = 0; i < Requests; i++)
        {
            Send(new MetadataRequest { Topics = null }, 5);
            Send(Produce(), 9);
        }
        _node.Advance(500);
        // An answer about the topics has some ten thousand bytes, and a produce is carried out for each that was made.
        Assert.InRange(_node.Broker.Figures.AppendedBatches, 20, Requests / 3);
        ReadAll(2 * Requests);
        Assert.Equal(Requests, _node.Broker.Figures.AppendedBatches);
        Assert.Equal(0, _node.Broker.Figures.InFlightBytes);
    }

    [Fact]
    public void Requests_that_are_answered_later_are_not_all_begun_before_the_first_is()
    {
        // A group waits three seconds for more members.
        for (var i = 0; i < Groups; i++)
            Send(Join($"g{i}"), 3);
        _node.Advance(2_000);
        Assert.InRange(_node.Broker.Figures.Groups, 10, Groups / 2);
        ReadAll(Groups);
        Assert.Equal(Groups, _node.Broker.Figures.Groups);
    }

    [Fact]
    public void A_heartbeat_that_had_to_wait_for_its_turn_is_not_kept_when_others_wait_behind_it()
    {
        var joined = (JoinGroupResponse)Ask(Join("beats"), 3);
        Assert.Equal(0, ((SyncGroupResponse)Ask(new SyncGroupRequest { GroupId = "beats", MemberId = joined.MemberId, GenerationId = joined.GenerationId }, 3)).ErrorCode);
        Ask(new ApiVersionsRequest { ClientSoftwareName = "librdkafka", ClientSoftwareVersion = "1" }, 3);
        // They have their turns in equal parts: the heartbeat has its own once the last of them are answered.
        for (var i = 0; i < Groups; i++)
            Send(Join($"g{i}"), 3);
        var answered = -1L;
        _client.Send(new HeartbeatRequest { GroupId = "beats", MemberId = joined.MemberId, GenerationId = joined.GenerationId }, 3, _ => { });
        _client.Send(new MetadataRequest { Topics = [] }, 5, _ => answered = _node.Scheduler.Now.ToUnixTimeMilliseconds());
        ReadAll(Groups);
        var begun = _node.Scheduler.Now.ToUnixTimeMilliseconds();
        for (var i = 0; i < 500 && answered < 0; i++)
        {
            _node.Advance(10);
            _client.Receive();
        }
        Assert.InRange(answered - begun, -1_000, 100);
    }

    private static JoinGroupRequest Join(string group) => new()
    {
        GroupId = group, SessionTimeoutMs = 60_000, RebalanceTimeoutMs = 60_000, ProtocolType = "consumer", Protocols = [new() { Name = "range" }],
    };

    private IMessage Ask(IRequest request, short version)
    {
        IMessage? answer = null;
        _client.Send(request, version, response => answer = response);
        for (var i = 0; i < 500 && answer is null; i++)
        {
            _node.Advance(10);
            _client.Receive();
        }
        return answer ?? throw new TimeoutException($"{request.Key} was not answered");
    }

    private void Send(IRequest request, short version)
    {
        var number = _client.Open;
        _client.Send(request, version, response =>
        {
            if (response is ProduceResponse produced)
                Assert.Equal(ErrorCode.None, (ErrorCode)produced.Responses[0].PartitionResponses[0].ErrorCode);
            _answered.Add(number);
        });
    }

    private void ReadAll(int requests)
    {
        for (var deadline = DateTime.UtcNow + Deadline; _answered.Count < requests; _node.Advance(10))
        {
            Assert.True(DateTime.UtcNow < deadline, $"{_answered.Count} of {requests} requests were answered");
            _client.Receive();
        }
        Assert.Equal(Enumerable.Range(0, requests), _answered);
    }

    private static ProduceRequest Produce()
    {
        using var builder = new RecordBatchBuilder(Compression.None);
        builder.Append(SimulatedNode.Epoch.ToUnixTimeMilliseconds(), null, "v"u8.ToArray());
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
        request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = "t", PartitionData = [new() { Index = 0, Records = RecordSet.Of(builder.Build()) }] });
        return request;
    }
}
