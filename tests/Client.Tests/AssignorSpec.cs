using FsCheck;
using FsCheck.Fluent;

namespace Actors.Client.Tests;

public sealed class AssignorSpec
{
    private static MemberSubscription Member(string id, params string[] topics) => new(id, null, topics, [], -1, null);

    private static MemberSubscription Static(string id, string instance, params string[] topics) => new(id, instance, topics, [], -1, null);

    private static string Show(IReadOnlyDictionary<string, GroupAssignment> assigned) =>
        string.Join("; ", assigned.OrderBy(a => a.Key, StringComparer.Ordinal).Select(a => $"{a.Key}: {string.Join(" ", a.Value.Partitions)}"));

    private static Dictionary<string, int> Topics(params (string Name, int Partitions)[] topics) => topics.ToDictionary(t => t.Name, t => t.Partitions);

    [Fact]
    public void Range_gives_runs_and_the_first_members_one_more() =>
        Assert.Equal("a: t-0 t-1 t-2 u-0 u-1; b: t-3 t-4 u-2", Show(new RangeAssignor().Assign(Topics(("t", 5), ("u", 3)), [Member("b", "t", "u"), Member("a", "t", "u")])));

    [Fact]
    public void Range_puts_equally_split_topics_side_by_side() =>
        Assert.Equal("a: l-0 l-1 r-0 r-1; b: l-2 l-3 r-2 r-3", Show(new RangeAssignor().Assign(Topics(("l", 4), ("r", 4)), [Member("a", "l", "r"), Member("b", "l", "r")])));

    [Fact]
    public void Range_leaves_members_without_partitions_when_there_are_too_many() =>
        Assert.Equal("a: t-0; b: t-1; c: ", Show(new RangeAssignor().Assign(Topics(("t", 2)), [Member("a", "t"), Member("b", "t"), Member("c", "t")])));

    [Fact]
    public void RoundRobin_takes_turns_over_all_topics() =>
        Assert.Equal("a: t-0 t-2 u-1; b: t-1 u-0 u-2", Show(new RoundRobinAssignor().Assign(Topics(("t", 3), ("u", 3)), [Member("a", "t", "u"), Member("b", "t", "u")])));

    /// <summary>The example in the documentation of Kafka's RoundRobinAssignor.</summary>
    [Fact]
    public void RoundRobin_skips_who_does_not_subscribe() =>
        Assert.Equal("C0: t0-0; C1: t1-0; C2: t1-1 t2-0 t2-1 t2-2", Show(new RoundRobinAssignor().Assign(
            Topics(("t0", 1), ("t1", 2), ("t2", 3)), [Member("C0", "t0"), Member("C1", "t0", "t1"), Member("C2", "t0", "t1", "t2")])));

    [Fact]
    public void Static_members_come_first_by_their_own_names() =>
        Assert.Equal("a: t-2; x: t-1; z: t-0", Show(new RangeAssignor().Assign(Topics(("t", 3)), [Member("a", "t"), Static("x", "i2", "t"), Static("z", "i1", "t")])));

    [Fact]
    public void Topics_that_do_not_exist_or_have_no_reader_are_left_out() =>
        Assert.Equal("a: t-0", Show(new RoundRobinAssignor().Assign(Topics(("t", 1), ("unread", 4)), [Member("a", "t", "absent")])));

    [Fact]
    public void Every_partition_has_one_owner_that_subscribes_and_range_is_even_by_topic()
    {
        string[] names = ["t", "u", "v"];
        // Each byte is a member: a bit for each topic it subscribes to.
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), ArbMap.Default.ArbFor<(byte T, byte U, byte V)>(), (bits, counts) =>
        {
            var given = bits.Get.Select((mask, i) => Member($"m{i}", [.. names.Where((_, topic) => (mask >> topic & 1) != 0)])).ToList();
            var topics = Topics(("t", counts.T % 10), ("u", counts.U % 10), ("v", counts.V % 10));
            foreach (var assignor in new IAssignor[] { new RangeAssignor(), new RoundRobinAssignor() })
            {
                var assigned = assignor.Assign(topics, given);
                var owners = assigned.SelectMany(a => a.Value.Partitions.Select(p => (Partition: p, Owner: a.Key))).ToList();
                var expected = topics.Where(t => given.Any(m => m.Topics.Contains(t.Key))).SelectMany(t => Enumerable.Range(0, t.Value).Select(p => new TopicPartition(t.Key, p)));
                Assert.Equal(expected.Order(), owners.Select(o => o.Partition).Order());
                Assert.All(owners, o => Assert.Contains(o.Partition.Topic, given.Single(m => m.MemberId == o.Owner).Topics));
                if (assignor is not RangeAssignor) continue;
                foreach (var topic in topics.Keys)
                {
                    var shares = given.Where(m => m.Topics.Contains(topic)).Select(m => assigned[m.MemberId].Partitions.Count(p => p.Topic == topic)).ToList();
                    if (shares.Count > 0) Assert.True(shares.Max() - shares.Min() <= 1, Show(assigned));
                }
            }
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void CooperativeSticky_lets_members_keep_and_moves_only_what_balance_asks_for()
    {
        var sticky = new CooperativeStickyAssignor();
        MemberSubscription old = new("a", null, ["t"], [new("t", 0), new("t", 1), new("t", 2), new("t", 3)], 4, null), fresh = Member("b", "t");
        // First the owner gives up, then the other one gets it.
        Assert.Equal("a: t-0 t-1; b: ", Show(sticky.Assign(Topics(("t", 4)), [old, fresh])));
        Assert.Equal("a: t-0 t-1; b: t-2 t-3", Show(sticky.Assign(Topics(("t", 4)), [old with { Owned = [new("t", 0), new("t", 1)] }, fresh])));
    }

    [Fact]
    public void CooperativeSticky_believes_the_later_generation()
    {
        MemberSubscription stale = new("a", null, ["t"], [new("t", 0), new("t", 1)], 3, null), current = new("b", null, ["t"], [new("t", 0)], 4, null);
        Assert.Equal("a: t-1; b: t-0", Show(new CooperativeStickyAssignor().Assign(Topics(("t", 2)), [stale, current])));
    }

    [Fact]
    public void CooperativeSticky_settles_in_two_rounds_in_balance_and_never_gives_what_another_still_has() =>
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<byte>>(), ArbMap.Default.ArbFor<PositiveInt>(), ArbMap.Default.ArbFor<int>(), (old, more, seed) =>
        {
            var (count, newcomers) = (old.Get.Length * 3, 1 + more.Get % 4);
            var chance = new Random(seed);
            var members = old.Get.Select((_, i) => Member($"m{i}", "t")).ToList();
            var owned = Enumerable.Range(0, count).GroupBy(_ => chance.Next(members.Count)).ToDictionary(g => $"m{g.Key}", g => g.Select(p => new TopicPartition("t", p)).ToList());
            members = [.. members.Select(m => m with { Owned = owned.GetValueOrDefault(m.MemberId, []), Generation = 1 }), .. Enumerable.Range(0, newcomers).Select(i => Member($"n{i}", "t"))];
            var assignor = new CooperativeStickyAssignor();
            var topics = Topics(("t", count));
            var first = assignor.Assign(topics, members);
            foreach (var member in members)
                Assert.All(first[member.MemberId].Partitions, p => Assert.DoesNotContain(members, other => other.MemberId != member.MemberId && other.Owned.Contains(p)));
            var second = assignor.Assign(topics, [.. members.Select(m => m with { Owned = first[m.MemberId].Partitions, Generation = 2 })]);
            Assert.Equal(count, second.Values.SelectMany(a => a.Partitions).Distinct().Count());
            var shares = second.Values.Select(a => a.Partitions.Count).ToList();
            Assert.Equal(count, shares.Sum());
            Assert.True(shares.Max() - shares.Min() <= 1, Show(second));
            Assert.All(members, m => Assert.Subset(second[m.MemberId].Partitions.ToHashSet(), first[m.MemberId].Partitions.ToHashSet()));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Subscriptions_and_assignments_come_back_as_they_went()
    {
        var bytes = ConsumerProtocol.WriteSubscription(["b", "a"], [1, 2], [new("a", 3), new("a", 1)], 7);
        var read = ConsumerProtocol.ReadSubscription(bytes);
        Assert.Equal(["a", "b"], read.Topics);
        Assert.Equal([1, 2], read.UserData);
        Assert.Equal([1, 3], Assert.Single(read.OwnedPartitions).Partitions);
        Assert.Equal(7, read.GenerationId);
        var assignment = ConsumerProtocol.ReadAssignment(ConsumerProtocol.WriteAssignment(new GroupAssignment([new("t", 2), new("t", 0), new("u", 1)], [9])));
        Assert.Equal([new("t", 2), new("t", 0), new("u", 1)], assignment.Partitions);
        Assert.Equal([9], assignment.UserData);
        Assert.Empty(ConsumerProtocol.ReadAssignment([]).Partitions);
    }

    [Fact]
    public void Bytes_that_are_no_subscription_are_refused_precisely() =>
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            try
            {
                ConsumerProtocol.ReadSubscription(bytes);
                ConsumerProtocol.ReadAssignment(bytes);
            }
            catch (Protocol.MalformedMessageException)
            {
                // The only way out.
            }
        }).QuickCheckThrowOnFailure();
}
