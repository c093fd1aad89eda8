using Actors.Broker.Groups;
using Actors.Broker.Partitions;
using Actors.Broker.Tests.Admin;
using Actors.Machines;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Actors.Protocol.Records;
using Akka.Actor;
using Xunit;

namespace Actors.Broker.Tests;

/// <summary>An actor that meets what it cannot handle stops: who waits for it learns that at once, and it comes back from the journal as after any other failure.</summary>
public sealed class BrokenActorsSpec : AdminBed
{
    public BrokenActorsSpec()
        : base(new BrokerSettings { OffsetsTopicPartitions = 1 })
    {
        Create("t");
        Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { Key = "g" }, 2);
        Run(1_000);
    }

    [Fact]
    public void A_produce_whose_partition_breaks_is_answered_NOT_LEADER_at_once_and_the_next_is_taken()
    {
        Assert.Equal(0, Produce("t").BaseOffset);
        var (client, answers) = (Connect(), new List<ErrorCode>());
        var partition = new PartitionId(Broker.Context.Metadata.Current.Find("t")!.Id, 0);
        Storage.Holds = true;
        Send();
        Run(10);
        Broker.Context.Partitions.FindActor(partition)!.Tell(new ProduceBatch(1, default, null!), ActorRefs.NoSender);
        Run(10);
        Assert.Equal([ErrorCode.NotLeaderOrFollower], answers);
        Storage.FailHeld();
        Storage.Holds = false;
        Run(1_000);
        var next = Produce("t");
        Assert.Equal((ErrorCode.None, 1), ((ErrorCode)next.ErrorCode, next.BaseOffset));

        void Send()
        {
            var builder = new RecordBatchBuilder();
            builder.Append(0, null, new byte[10]);
            var request = new ProduceRequest { Acks = -1, TimeoutMs = 30_000 };
            request.TopicData.Add(new ProduceRequest.TopicProduceData { Name = "t", PartitionData = [new() { Index = 0, Records = RecordSet.Of(builder.Build()) }] });
            client.Send(request, 9, response => answers.Add((ErrorCode)((ProduceResponse)response).Responses[0].PartitionResponses[0].ErrorCode));
        }
    }

    [Fact]
    public void A_partition_whose_journal_lost_its_end_is_tried_again_with_growing_pauses()
    {
        Produce("t");
        var id = new PartitionId(Broker.Context.Metadata.Current.Find("t")!.Id, 0).PersistenceId;
        Storage.LoseLast(id);
        Storage.RecoveryTime = TimeSpan.FromMilliseconds(10);
        var before = Storage.Recoveries(id);
        Restart(running: 1_000);
        Assert.InRange(Storage.Recoveries(id) - before, 2, 8);
    }

    [Fact]
    public void A_commit_whose_group_breaks_is_answered_NOT_COORDINATOR_at_once_and_the_next_is_taken()
    {
        var (client, answers) = (Connect(), new List<ErrorCode>());
        Commit();
        Run(200);
        Storage.Holds = true;
        Commit();
        Run(10);
        Broker.Context.Groups.Find("g")!.Tell(new GroupRequest(1, new MetadataRequest(), 0, "", ""), ActorRefs.NoSender);
        Run(10);
        Assert.Equal([ErrorCode.None, ErrorCode.NotCoordinator], answers);
        Storage.FailHeld();
        Storage.Holds = false;
        Commit();
        Run(1_000);
        Assert.Equal(ErrorCode.None, answers[2]);

        void Commit()
        {
            var request = new OffsetCommitRequest { GroupId = "g", GenerationIdOrMemberEpoch = -1, MemberId = "" };
            request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = 1, CommittedMetadata = "" }] });
            client.Send(request, 7, response => answers.Add((ErrorCode)((OffsetCommitResponse)response).Topics[0].Partitions[0].ErrorCode));
        }
    }
}
