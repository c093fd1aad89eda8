using Confluent.Kafka;
using Confluent.Kafka.Admin;
using Xunit;

namespace Actors.Node.Tests.DotnetClient;

/// <summary>Confluent.Kafka's members of groups, their offsets, and what the admin client says of them.</summary>
public sealed class GroupsSpec(ConfluentNode fixture) : IClassFixture<ConfluentNode>
{
    [LibrdkafkaTheory]
    [InlineData(PartitionAssignmentStrategy.Range, "range")]
    [InlineData(PartitionAssignmentStrategy.RoundRobin, "roundrobin")]
    [InlineData(PartitionAssignmentStrategy.CooperativeSticky, "cooperative-sticky")]
    public async Task Two_members_share_and_the_one_that_stays_gets_all(PartitionAssignmentStrategy strategy, string protocol)
    {
        var (topic, group) = (await fixture.CreateAsync($"shared-{protocol}", 4), $"sharers-{protocol}");
        using var first = new Member(Settings(group, "first"), topic);
        Member.PollUntil(() => first.Owned.Count == 4, first);
        using (var second = new Member(Settings(group, "second"), topic))
        {
            Member.PollUntil(() => first.Owned.Count == 2 && second.Owned.Count == 2, first, second);
            Assert.Empty(first.Owned.Intersect(second.Owned));
            Assert.Equal(strategy == PartitionAssignmentStrategy.CooperativeSticky ? 2 : 4, first.Revoked);
            var told = Told(group)!;
            Assert.Equal((ErrorCode.NoError, "Stable", "consumer", protocol), (told.Error.Code, told.State, told.ProtocolType, told.Protocol));
            Assert.Equal(["first", "second"], told.Members.Select(member => member.ClientId).Order());
            Assert.All(told.Members, member => Assert.Equal((true, true, true), (member.ClientHost.Contains("127.0.0.1"), member.MemberMetadata.Length > 0, member.MemberAssignment.Length > 0)));
        }
        Member.PollUntil(() => first.Owned.Count == 4, first);

        ConsumerConfig Settings(string id, string client)
        {
            var settings = fixture.Reading(id);
            (settings.PartitionAssignmentStrategy, settings.ClientId, settings.HeartbeatIntervalMs) = (strategy, client, 200);
            return settings;
        }
    }

    [LibrdkafkaFact]
    public async Task A_group_goes_on_where_it_committed()
    {
        var topic = await fixture.CreateAsync("resumed");
        await fixture.FillAsync(topic, 0, [.. Enumerable.Range(0, 30).Select(i => $"{i}")]);
        using (var first = Consumer("resuming", _ => { }))
        {
            first.Subscribe(topic);
            var read = first.Take(10);
            Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), read.Values());
            first.Commit(read[^1]);
            first.Close();
        }
        using (var second = Consumer("resuming", settings => (settings.EnableAutoCommit, settings.EnableAutoOffsetStore) = (true, false)))
        {
            second.Subscribe(topic);
            var read = second.Take(10);
            Assert.Equal(Enumerable.Range(10, 10).Select(i => $"{i}"), read.Values());
            second.StoreOffset(read[4]);
            second.Close();
        }
        using var third = Consumer("resuming", _ => { });
        third.Subscribe(topic);
        Assert.Equal(Enumerable.Range(15, 15).Select(i => $"{i}"), third.Take(15).Values());
        third.Close();
    }

    [LibrdkafkaFact]
    public async Task Offsets_are_committed_by_hand_without_being_a_member()
    {
        await fixture.CreateAsync("marked", 3);
        TopicPartition[] partitions = [new("marked", 0), new("marked", 1), new("marked", 2)];
        using (var writer = Consumer("markers", _ => { }))
        {
            writer.Assign(partitions);
            writer.Commit([new TopicPartitionOffset("marked", 0, 7), new TopicPartitionOffset("marked", 2, 9)]);
        }
        using var reader = Consumer("markers", _ => { });
        Assert.Equal([7, Offset.Unset.Value, 9], reader.Committed(partitions, ConfluentNode.Patience).Select(found => found.Offset.Value));
        Assert.Equal("Empty", Told("markers")?.State);
        Assert.Equal(ErrorCode.UnknownTopicOrPart, Assert.Throws<KafkaException>(() => reader.Commit([new TopicPartitionOffset("never", 0, 1)])).Error.Code);
    }

    [LibrdkafkaFact]
    public async Task A_group_is_listed_until_it_is_deleted_and_that_it_is_only_without_members()
    {
        var topic = await fixture.CreateAsync("listed");
        using (var member = new Member(fixture.Reading("listed-group"), topic))
        {
            Member.PollUntil(() => member.Owned.Count == 1, member);
            Assert.Contains(fixture.Admin.ListGroups(ConfluentNode.Patience), told => (told.Group, told.State, told.Members.Count) == ("listed-group", "Stable", 1));
            Assert.Equal(ErrorCode.NonEmptyGroup, await RefusalAsync());
        }
        await fixture.Admin.DeleteGroupsAsync(["listed-group"]);
        Assert.DoesNotContain(fixture.Admin.ListGroups(ConfluentNode.Patience), told => told.Group == "listed-group");
        Assert.Equal(ErrorCode.GroupIdNotFound, await RefusalAsync());
        Assert.Null(Told("listed-group"));

        async Task<ErrorCode> RefusalAsync() => (await Assert.ThrowsAsync<DeleteGroupsException>(() => fixture.Admin.DeleteGroupsAsync(["listed-group"]))).Results[0].Error.Code;
    }

    [LibrdkafkaFact]
    public async Task A_static_member_comes_back_to_its_partitions_under_the_eyes_of_the_others()
    {
        var topic = await fixture.CreateAsync("still", 4);
        using var other = new Member(Static("b"), topic);
        var away = new Member(Static("a"), topic);
        Member.PollUntil(() => other.Owned.Count == 2 && away.Owned.Count == 2, other, away);
        var (had, revoked) = (away.Owned.ToArray(), other.Revoked);
        away.Dispose();
        using var back = new Member(Static("a"), topic);
        Member.PollUntil(() => back.Owned.Count == 2, other, back);
        Assert.Equal(had, back.Owned);
        Assert.Equal(revoked, other.Revoked);

        ConsumerConfig Static(string instance)
        {
            var settings = fixture.Reading("statics");
            (settings.GroupInstanceId, settings.HeartbeatIntervalMs) = (instance, 200);
            return settings;
        }
    }

    [LibrdkafkaFact]
    public async Task A_pattern_subscribes_to_topics_that_come_later()
    {
        await fixture.CreateAsync("season-spring");
        var settings = fixture.Reading("seasons");
        (settings.TopicMetadataRefreshIntervalMs, settings.HeartbeatIntervalMs) = (300, 200);
        using var member = new Member(settings, "^season-.*");
        Member.PollUntil(() => member.Owned.Count == 1, member);
        await fixture.CreateAsync("season-summer");
        Member.PollUntil(() => member.Owned.Count == 2, member);
        Assert.Equal(["season-spring", "season-summer"], member.Owned.Select(partition => partition.Topic));
    }

    private GroupInfo? Told(string group) => fixture.Admin.ListGroup(group, ConfluentNode.Patience);

    private IConsumer<string?, string?> Consumer(string group, Action<ConsumerConfig> change)
    {
        var settings = fixture.Reading(group);
        change(settings);
        return new ConsumerBuilder<string?, string?>(settings).Build();
    }
}

/// <summary>A member of a group that subscribed; it leaves when it is disposed of.</summary>
internal sealed class Member : IDisposable
{
    private readonly IConsumer<string?, string?> _consumer;

    public Member(ConsumerConfig settings, string topic)
    {
        var cooperative = settings.PartitionAssignmentStrategy == PartitionAssignmentStrategy.CooperativeSticky;
        _consumer = new ConsumerBuilder<string?, string?>(settings)
            .SetPartitionsAssignedHandler((_, given) =>
            {
                if (!cooperative) Owned.Clear();
                Owned.UnionWith(given);
            })
            .SetPartitionsRevokedHandler((_, taken) =>
            {
                Revoked += taken.Count;
                Owned.ExceptWith(taken.Select(partition => partition.TopicPartition));
            })
            .Build();
        _consumer.Subscribe(topic);
    }

    public SortedSet<TopicPartition> Owned { get; } = new(Comparer<TopicPartition>.Create((a, b) => a.CompareTo(b)));

    /// <summary>How many partitions were taken from it.</summary>
    public int Revoked { get; private set; }

    /// <summary>Rebalances happen while members poll: polls them in turn until it is so.</summary>
    public static void PollUntil(Func<bool> isSo, params Member[] members)
    {
        var deadline = DateTime.UtcNow + ConfluentNode.Patience;
        while (!isSo())
        {
            foreach (var member in members) member._consumer.Consume(TimeSpan.FromMilliseconds(20));
            Assert.True(DateTime.UtcNow < deadline, $"they own {string.Join(" and ", members.Select(member => $"[{string.Join(", ", member.Owned)}]"))} after {ConfluentNode.Patience}");
        }
    }

    public void Dispose()
    {
        _consumer.Close();
        _consumer.Dispose();
    }
}
