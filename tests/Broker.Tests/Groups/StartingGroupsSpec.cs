using Actors.Broker.Groups;
using Actors.Broker.Tests.Admin;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Akka.Actor;
using Xunit;

namespace Actors.Broker.Tests.Groups;

/// <summary>What one client sends to a group while its coordinator starts is carried out in the order in which it was sent.</summary>
public sealed class StartingGroupsSpec : AdminBed
{
    private readonly IActorRef _region;

    public StartingGroupsSpec()
        : base(new BrokerSettings { OffsetsTopicPartitions = 1 })
    {
        Create("t");
        // Brings __consumer_offsets into being.
        Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { Key = "g" }, 2);
        Run(1_000);
        _region = Broker.Context.Groups.FindRegion(0)!;
    }

    [Fact]
    public void A_later_commit_does_not_come_before_an_earlier_one_that_waited_for_the_coordinator()
    {
        var late = Broker.System.ActorOf(Props.Create(() => new LateRegion(_region)));
        Broker.Context.Groups.EnterRegion(0, late);
        var (client, answers) = (Connect(), new List<ErrorCode>());
        Commit(10);
        // Another client's request starts the coordinator.
        _region.Tell(new StartGroup(1, "g"), ActorRefs.NoSender);
        Run(100);
        Assert.True(Broker.Context.Groups.Has("g"));
        Commit(20);
        Run(100);
        late.Tell("go on", ActorRefs.NoSender);
        Run(100);
        Assert.Equal([ErrorCode.None, ErrorCode.None], answers);
        Assert.Equal(20, Committed());

        void Commit(long offset)
        {
            var request = new OffsetCommitRequest { GroupId = "g", GenerationIdOrMemberEpoch = -1, MemberId = "" };
            request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset, CommittedMetadata = "" }] });
            client.Send(request, 7, response => answers.Add((ErrorCode)((OffsetCommitResponse)response).Topics[0].Partitions[0].ErrorCode));
        }
    }

    [Fact]
    public void Who_gave_up_waiting_for_a_coordinator_that_does_not_come_up_is_not_kept()
    {
        Storage.RecoveryTime = TimeSpan.FromMinutes(10);
        var started = new List<long>();
        var asker = Broker.System.ActorOf(Props.Create(() => new Asker(started)));
        for (var token = 0; token < 100; token++)
        {
            _region.Tell(new StartGroup(token, "g"), asker);
            Run(5_000);
        }
        Run(100_000);
        // Those of the last thirty seconds before the last one asked.
        Assert.Equal(Enumerable.Range(93, 7).Select(token => (long)token), started);
    }

    private long Committed()
    {
        var request = new OffsetFetchRequest { GroupId = "g" };
        request.Topics!.Add(new OffsetFetchRequest.OffsetFetchRequestTopic { Name = "t", PartitionIndexes = [0] });
        return Ask<OffsetFetchResponse>(request, 5).Topics[0].Partitions[0].CommittedOffset;
    }

    private sealed class Asker(List<long> started) : UntypedActor
    {
        protected override void OnReceive(object message) => started.Add(((GroupStarted)message).Token);
    }

    /// <summary>Keeps what it is asked until it is told to go on.</summary>
    private sealed class LateRegion(IActorRef region) : UntypedActor
    {
        private readonly List<(object Message, IActorRef Sender)> _kept = [];

        protected override void OnReceive(object message)
        {
            if (message is StartGroup)
                _kept.Add((message, Sender));
            else
                foreach (var (kept, sender) in _kept)
                    region.Tell(kept, sender);
        }
    }
}
