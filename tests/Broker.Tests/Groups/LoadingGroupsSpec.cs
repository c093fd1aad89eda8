using Actors.Broker.Tests.Admin;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Groups;

/// <summary>After a start with many groups nobody is told of a part of them as if it were all, nor of one that is still recovering as if it were not there.</summary>
public sealed class LoadingGroupsSpec : AdminBed
{
    private const int Groups = 500;

    public LoadingGroupsSpec()
        : base(new BrokerSettings { OffsetsTopicPartitions = 2 })
    {
        Create("t");
        Ask<FindCoordinatorResponse>(new FindCoordinatorRequest { Key = "g" }, 2);
        Run(1_000);
        for (var i = 0; i < Groups; i++)
            Assert.Equal(ErrorCode.None, Commit($"g{i}", i));
        Storage.RecoveryTime = TimeSpan.FromMilliseconds(50);
    }

    [Fact]
    public void Groups_are_listed_once_all_of_them_serve()
    {
        Start();
        var (refusals, groups) = List(every: 0);
        Assert.True(refusals > 3, $"after {refusals} refusals the groups were listed");
        Assert.Equal(Groups, groups);
    }

    [Fact]
    public void A_group_that_is_recovering_is_described_as_it_is()
    {
        Start();
        string[] asked = [.. Enumerable.Range(0, Groups).Where(i => i % 50 == 49).Select(i => $"g{i}"), "none"];
        var described = Ask<DescribeGroupsResponse>(new DescribeGroupsRequest { Groups = [.. asked] }, 5).Groups;
        Assert.Equal(asked.Select(group => (group, ErrorCode.None, group == "none" ? "Dead" : "Empty")).Order(),
            described.Select(group => (group.GroupId, (ErrorCode)group.ErrorCode, group.GroupState)).Order());
    }

    [Fact]
    public void A_group_that_is_recovering_can_be_deleted()
    {
        Start();
        var results = Ask<DeleteGroupsResponse>(new DeleteGroupsRequest { GroupsNames = [$"g{Groups - 1}", "none"] }, 2).Results;
        Assert.Equal([($"g{Groups - 1}", ErrorCode.None), ("none", ErrorCode.GroupIdNotFound)], results.Select(result => (result.GroupId, (ErrorCode)result.ErrorCode)).Order());
        Assert.Equal(Groups - 1, List(every: 0).Groups);
    }

    [Fact]
    public void A_group_that_cannot_recover_holds_the_list_up_for_half_a_minute_only()
    {
        Storage.NeverRecover.Add("g-g7");
        Start();
        var (refusals, groups) = List(every: 1_000);
        Assert.InRange(refusals, 28, 35);
        Assert.Equal(Groups - 1, groups);
    }

    /// <summary>As far as a node is when it takes connections.</summary>
    private void Start()
    {
        Restart(running: 0);
        for (var i = 0; i < 100 && !Broker.Serving.IsCompleted; i++)
            Run(10);
        Assert.True(Broker.Serving.IsCompleted, "the partitions do not serve");
        Assert.InRange(Broker.Figures.Groups, 0, Groups / 2);
    }

    /// <summary>Asks for the list until it is given: how often it was not, and how many groups it has.</summary>
    private (int Refusals, int Groups) List(int every)
    {
        for (var refusals = 0; refusals < 1_000; refusals++)
        {
            var answer = Ask<ListGroupsResponse>(new ListGroupsRequest(), 4);
            if (answer.ErrorCode == 0)
                return (refusals, answer.Groups.Count);
            Assert.Equal((ErrorCode.CoordinatorLoadInProgress, 0), ((ErrorCode)answer.ErrorCode, answer.Groups.Count));
            Run(every);
        }
        throw new TimeoutException("the groups are loading for ever");
    }

    private ErrorCode Commit(string group, long offset)
    {
        var request = new OffsetCommitRequest { GroupId = group, GenerationIdOrMemberEpoch = -1, MemberId = "" };
        request.Topics.Add(new OffsetCommitRequest.OffsetCommitRequestTopic { Name = "t", Partitions = [new() { PartitionIndex = 0, CommittedOffset = offset, CommittedMetadata = "" }] });
        return (ErrorCode)Ask<OffsetCommitResponse>(request, 7).Topics[0].Partitions[0].ErrorCode;
    }
}
