using Actors.Broker.Partitions;
using Actors.Broker.Tests.Simulation;
using Actors.Machines;
using Actors.Ownership;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Akka.Actor;
using Xunit;

namespace Actors.Broker.Tests.Placement;

/// <summary>While a node's lease does not hold it acknowledges nothing and serves nothing, whatever is durable; it goes on when the lease holds again.</summary>
public sealed class LeaseSpec : IDisposable
{
    private readonly SimulatedStorage _storage = new(1) { FailureRate = 0, HangRate = 0 };
    private readonly Lease _lease;
    private readonly SimulatedNode _node;
    private readonly SimulatedConnection _client;

    public LeaseSpec()
    {
        _storage.Register();
        _lease = new Lease(() => _node!.Scheduler.Now);
        _node = new SimulatedNode(_storage, SimulatedNode.Epoch, new BrokerSettings { OffsetsTopicPartitions = 1 }, _lease);
        _client = _node.Connect();
        var create = new CreateTopicsRequest { timeoutMs = 1000 };
        create.Topics.Add(new CreateTopicsRequest.CreatableTopic { Name = "t", NumPartitions = 1, ReplicationFactor = 1 });
        Assert.Equal(ErrorCode.None, (ErrorCode)((CreateTopicsResponse)Ask(create, 5)!).Topics[0].ErrorCode);
    }

    public void Dispose()
    {
        _node.Dispose();
        _storage.Unregister();
    }

    [Fact]
    public void A_write_that_became_durable_after_the_lease_was_lost_is_acknowledged_only_once_it_holds_again()
    {
        IMessage? answer = null;
        _client.Send(Produce(), 9, response => answer = response);
        _lease.Holds = false;
        Advance(500);
        Assert.Null(answer);
        _lease.Holds = true;
        Advance(200);
        Assert.Equal(ErrorCode.None, (ErrorCode)((ProduceResponse)answer!).Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void A_partition_that_is_to_go_to_another_node_answers_what_is_durable_before_it_stops()
    {
        IMessage? answer = null;
        _client.Send(Produce(), 9, response => answer = response);
        _lease.Holds = false;
        Advance(100);
        _node.Broker.Context.Partitions.FindActor(Partition)!.Tell(HandOff.Instance, ActorRefs.NoSender);
        Advance(100);
        Assert.Null(answer);
        _lease.Holds = true;
        Advance(200);
        Assert.Equal(ErrorCode.None, (ErrorCode)((ProduceResponse)answer!).Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void A_partition_that_ends_when_the_lease_holds_again_answers_what_is_durable_and_refuses_what_is_not()
    {
        var answers = new List<ErrorCode>();
        var stored = _storage.Highest(Partition.PersistenceId);
        _client.Send(Produce(), 9, Answered);
        _client.Send(Produce(bytes: 2_000), 9, Answered);
        _storage.Room = 1_000;
        _lease.Holds = false;
        for (var i = 0; i < 100 && _storage.Highest(Partition.PersistenceId) == stored; i++)
            Advance(1);
        _lease.Holds = true;
        Advance(1_000);
        Assert.Equal([ErrorCode.None, ErrorCode.KafkaStorageError], answers);

        void Answered(IMessage response) => answers.Add((ErrorCode)((ProduceResponse)response).Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void Who_comes_while_the_lease_does_not_hold_is_sent_away_at_once()
    {
        _lease.Holds = false;
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)((ProduceResponse)Ask(Produce(), 9)!).Responses[0].PartitionResponses[0].ErrorCode);
        Assert.Equal(ErrorCode.NotLeaderOrFollower, (ErrorCode)((FetchResponse)Ask(Fetch(), 11)!).Responses[0].Partitions[0].ErrorCode);
        Assert.Equal(ErrorCode.NotCoordinator, (ErrorCode)((HeartbeatResponse)Ask(new HeartbeatRequest { GroupId = "g" }, 4)!).ErrorCode);
        _lease.Holds = true;
        Assert.Equal(ErrorCode.None, (ErrorCode)((ProduceResponse)Ask(Produce(), 9)!).Responses[0].PartitionResponses[0].ErrorCode);
    }

    [Fact]
    public void A_fetch_that_waits_shows_nothing_of_what_comes_while_the_lease_does_not_hold()
    {
        IMessage? fetched = null, produced = null;
        _client.Send(Fetch(maxWait: 5_000), 11, response => fetched = response);
        _node.Advance(5);
        _node.Connect().Send(Produce(), 9, response => produced = response);
        _lease.Holds = false;
        Advance(1_000);
        Assert.Null(fetched);
        _lease.Holds = true;
        Advance(5_500);
        var data = ((FetchResponse)fetched!).Responses[0].Partitions[0];
        Assert.Equal(ErrorCode.None, (ErrorCode)data.ErrorCode);
        Assert.True(data.Records!.Length > 0);
    }

    [Fact]
    public void Members_that_could_not_be_heard_while_the_lease_did_not_hold_are_given_another_session()
    {
        // Brings __consumer_offsets into being, and the group's coordinator.
        Ask(new FindCoordinatorRequest { Key = "g" }, 2);
        Advance(1_000);
        Beat("nobody", -1);
        Advance(1_000);
        var join = new JoinGroupRequest { GroupId = "g", SessionTimeoutMs = 6_000, RebalanceTimeoutMs = 6_000, ProtocolType = "consumer", Protocols = [new() { Name = "range" }] };
        var joined = (JoinGroupResponse)Ask(join, 3)!;
        var sync = new SyncGroupRequest { GroupId = "g", MemberId = joined.MemberId, GenerationId = joined.GenerationId };
        Assert.Equal(ErrorCode.None, (ErrorCode)((SyncGroupResponse)Ask(sync, 3)!).ErrorCode);
        _lease.Holds = false;
        Advance(10_000);
        _lease.Holds = true;
        Advance(5_500);
        Assert.Equal(ErrorCode.None, Beat(joined.MemberId, joined.GenerationId));
        // Heard or not, a session is a session while the lease holds.
        Advance(6_500);
        Assert.Equal(ErrorCode.UnknownMemberId, Beat(joined.MemberId, joined.GenerationId));

        ErrorCode Beat(string member, int generation) =>
            (ErrorCode)((HeartbeatResponse)Ask(new HeartbeatRequest { GroupId = "g", MemberId = member, GenerationId = generation }, 3)!).ErrorCode;
    }

    private PartitionId Partition => new(_node.Broker.Context.Metadata.Current.Find("t")!.Id, 0);

    private IMessage? Ask(IRequest request, short version)
    {
        IMessage? answer = null;
        _client.Send(request, version, response => answer = response);
        for (var i = 0; i < 200 && answer is null; i++)
            Advance(10);
        return answer;
    }

    private void Advance(int milliseconds)
    {
        _node.Advance(milliseconds);
        _client.Receive();
    }

    private static FetchRequest Fetch(int maxWait = 0)
    {
        var request = new FetchRequest { MaxWaitMs = maxWait, MinBytes = 1, MaxBytes = 10_000 };
        var topic = new FetchRequest.FetchTopic { Topic = "t" };
        topic.Partitions.Add(new FetchRequest.FetchPartition { Partition = 0, FetchOffset = 0, PartitionMaxBytes = 10_000, CurrentLeaderEpoch = -1 });
        request.Topics.Add(topic);
        return request;
    }

    private static ProduceRequest Produce(int bytes = 1)
    {
        var builder = new RecordBatchBuilder();
        builder.Append(SimulatedNode.Epoch.ToUnixTimeMilliseconds(), null, new byte[bytes]);
        var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
        var topic = new ProduceRequest.TopicProduceData { Name = "t" };
        topic.PartitionData.Add(new ProduceRequest.PartitionProduceData { Index = 0, Records = RecordSet.Of(builder.Build()) });
        request.TopicData.Add(topic);
        return request;
    }

    private sealed class Lease(Func<DateTimeOffset> now) : INodeLease
    {
        private bool _holds = true;
        private DateTimeOffset _since = DateTimeOffset.MinValue;

        public bool Holds
        {
            get => _holds;
            set => (_holds, _since) = (value, now());
        }

        public TimeSpan HeldFor => Holds ? now() - _since : TimeSpan.Zero;
    }
}
