using System.Collections.Immutable;
using Actors.Broker.Placement;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;
using Xunit;

namespace Actors.Broker.Tests.Placement;

/// <summary>What sharding is told about who goes where, beyond what <see cref="LeaderSpread"/> decides.</summary>
public sealed class EvenLeadersSpec
{
    private static readonly Guid Topic = Guid.NewGuid();
    private readonly MetadataImage _metadata = new(1);
    private readonly EvenLeaders _leaders;
    private readonly IActorRef _own = new Region("akka://actors");
    private readonly IActorRef _other = new Region("akka.tcp://actors@node2:4053");

    public EvenLeadersSpec()
    {
        _leaders = new EvenLeaders(_metadata);
        _metadata.Take(NodeImage.Started(2, 1) with { Version = 1, Description = new NodeDescription { System = "akka.tcp://actors@node2:4053" } });
        var topics = TopicsImage.Empty.After(new TopicsEpochStarted(1)).After(new TopicCreated("t", Topic, 64, ImmutableSortedDictionary<string, string>.Empty));
        _metadata.Follow(topics);
    }

    [Fact]
    public async Task Partitions_decided_at_once_are_spread_although_none_is_seen_to_be_allocated_yet()
    {
        var chosen = new List<IActorRef>();
        for (var partition = 0; partition < 10; partition++)
            chosen.Add(await _leaders.AllocateShard(_own, Shard(partition), Allocations([], [])));
        Assert.Equal(5, chosen.Count(region => region.Equals(_own)));
    }

    [Fact]
    public async Task A_node_that_goes_down_gets_nothing_more_and_gives_away_a_few_at_a_time()
    {
        _metadata.Describe(own => own with { Status = NodeDescription.Down });
        var allocations = Allocations([.. Enumerable.Range(0, 16).Select(Shard)], [.. Enumerable.Range(16, 16).Select(Shard)]);
        Assert.Equal(_other, await _leaders.AllocateShard(_own, Shard(40), allocations));
        var moves = await _leaders.Rebalance(allocations, ImmutableHashSet<string>.Empty);
        Assert.Equal(4, moves.Count);
        Assert.Subset(allocations[_own].ToHashSet(), moves.ToHashSet());
        Assert.Empty(await _leaders.Rebalance(allocations, ImmutableHashSet.Create(Shard(0))));
    }

    [Fact]
    public async Task When_all_go_down_they_keep_what_they_have()
    {
        _metadata.Describe(own => own with { Status = NodeDescription.Down });
        _metadata.Take(NodeImage.Started(2, 1) with { Version = 2, Description = new NodeDescription { System = "akka.tcp://actors@node2:4053", Status = NodeDescription.Down } });
        Assert.Empty(await _leaders.Rebalance(Allocations([Shard(0)], [Shard(1)]), ImmutableHashSet<string>.Empty));
    }

    [Fact]
    public async Task Shards_of_a_topic_that_is_gone_are_given_up()
    {
        var gone = new PartitionId(Guid.NewGuid(), 0).PersistenceId;
        Assert.Equal([gone], await _leaders.Rebalance(Allocations([gone, Shard(0)], [Shard(1)]), ImmutableHashSet<string>.Empty));
    }

    private static string Shard(int partition) => new PartitionId(Topic, partition).PersistenceId;

    private IImmutableDictionary<IActorRef, IImmutableList<string>> Allocations(ImmutableList<string> own, ImmutableList<string> other) =>
        ImmutableDictionary<IActorRef, IImmutableList<string>>.Empty.Add(_own, own).Add(_other, other);

    private sealed class Region(string system) : MinimalActorRef
    {
        public override ActorPath Path { get; } = ActorPath.Parse($"{system}/system/sharding/partitions");

        public override IActorRefProvider Provider => throw new NotSupportedException();
    }
}
