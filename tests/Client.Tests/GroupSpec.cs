using System.Collections.Concurrent;
using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests;

public sealed class GroupSpec : FakeClusterSpec
{
    private static GroupOptions Group(params IAssignor[] assignors) => new()
    {
        GroupId = "g", Topics = ["t"], HeartbeatInterval = TimeSpan.FromMilliseconds(20), SessionTimeout = TimeSpan.FromSeconds(5), RebalanceTimeout = TimeSpan.FromSeconds(5),
        Assignors = assignors.Length > 0 ? assignors : [new RangeAssignor()],
    };

    private (GroupMember Member, Notes Notes) Join(GroupOptions? options = null)
    {
        var notes = new Notes();
        var member = new GroupMember(Client, options ?? Group(), notes);
        member.Start();
        return (member, notes);
    }

    private sealed class Notes : IRebalanceListener
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => Note("assigned", partitions);

        public ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => Note("revoked", partitions);

        public ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => Note("lost", partitions);

        private ValueTask Note(string what, IReadOnlyCollection<TopicPartition> partitions)
        {
            Lines.Enqueue($"{what} {string.Join(" ", partitions)}".TrimEnd());
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task One_member_gets_everything_and_a_second_one_half()
    {
        Cluster.AddTopic("t", 4);
        var (one, notes) = Join();
        await Until(() => one.Assignment.Count == 4, "one member with four partitions");
        Assert.True(one.Current.IsLeader);
        var (two, _) = Join();
        await Until(() => one.Assignment.Count == 2 && two.Assignment.Count == 2, "two members with two partitions each");
        Assert.Empty(one.Assignment.Intersect(two.Assignment));
        Assert.Equal(["assigned t-0 t-1 t-2 t-3", "revoked t-0 t-1 t-2 t-3"], notes.Lines.Take(2));
        await two.DisposeAsync();
        await Until(() => one.Assignment.Count == 4, "the partitions of the one that left");
        await one.DisposeAsync();
        Assert.Equal("Empty", Cluster.Groups["g"].State);
    }

    [Fact]
    public async Task A_member_that_was_expelled_loses_its_partitions_and_joins_again()
    {
        Cluster.AddTopic("t", 2);
        var (member, notes) = Join();
        await Until(() => member.Assignment.Count == 2, "a member");
        var before = member.Current.MemberId;
        Cluster.Groups.Expel("g");
        await Until(() => member.Assignment.Count == 2 && member.Current.MemberId != before, "a new member id");
        Assert.Equal(["assigned t-0 t-1", "lost t-0 t-1", "assigned t-0 t-1"], notes.Lines);
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_static_member_does_not_leave_and_takes_its_partitions_again()
    {
        Cluster.AddTopic("t", 2);
        var (first, _) = Join(Group() with { GroupInstanceId = "node-1" });
        await Until(() => first.Assignment.Count == 2, "a static member");
        await first.DisposeAsync();
        Assert.Single(Cluster.Groups["g"].Members);
        var (second, _) = Join(Group() with { GroupInstanceId = "node-1" });
        await Until(() => second.Assignment.Count == 2, "the static member again");
        Assert.Single(Cluster.Groups["g"].Members);
        await second.CloseAsync(leaveForGood: true);
        Assert.Empty(Cluster.Groups["g"].Members);
    }

    /// <summary>Lets go of nothing for as long as it is waited for.</summary>
    private sealed class Clinging : IRebalanceListener
    {
        public ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;

        public ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => new(Task.Delay(Timeout.Infinite, cancellation));

        public ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => ValueTask.CompletedTask;
    }

    [Fact]
    public async Task A_member_whose_callback_does_not_end_leaves_all_the_same_and_closes_its_connections()
    {
        Cluster.AddTopic("t");
        var member = new GroupMember(Client, Group() with { GroupInstanceId = "node-1" }, new Clinging());
        member.Start();
        await Until(() => member.Assignment.Count == 1, "a member");
        await member.CloseAsync(leaveForGood: true).AsTask().WaitAsync(TimeSpan.FromSeconds(20));
        Assert.Equal("node-1", Assert.Single(Cluster.SeenOf<LeaveGroupRequest>()).Members[0].GroupInstanceId);
        Assert.Empty(Cluster.Groups["g"].Members);
        await Client.DisposeAsync();
        await Until(() => Cluster.OpenConnections == 0, "the end of all connections");
    }

    [Fact]
    public async Task Offsets_and_their_text_are_committed_and_found_and_old_generations_refused()
    {
        Cluster.AddTopic("t", 2);
        var (member, _) = Join();
        await Until(() => member.Assignment.Count == 2, "a member");
        await member.CommitAsync(new Dictionary<TopicPartition, OffsetAndMetadata> { [new("t", 0)] = new(42, "mine") });
        var committed = await member.CommittedAsync([new("t", 0), new("t", 1)]);
        Assert.Equal(new OffsetAndMetadata(42, "mine"), Assert.Single(committed).Value);
        lock (Cluster.Gate) Cluster.Groups["g"].Generation += 10;
        var old = await Assert.ThrowsAsync<KafkaException>(async () =>
            await member.CommitAsync(new Dictionary<TopicPartition, OffsetAndMetadata> { [new("t", 0)] = new(43) }));
        Assert.Equal(ErrorCode.IllegalGeneration, old.Error);
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_coordinator_that_moves_or_is_loading_is_waited_for()
    {
        Cluster.AddTopic("t");
        var errors = new Queue<ErrorCode>([ErrorCode.CoordinatorNotAvailable, ErrorCode.NotCoordinator]);
        Cluster.On<FindCoordinatorRequest>((_, _) => errors.TryDequeue(out var error) ? (new FindCoordinatorResponse { ErrorCode = (short)error, Host = "" }, Fault.None) : null);
        var joins = new Queue<ErrorCode>([ErrorCode.CoordinatorLoadInProgress, ErrorCode.NotCoordinator]);
        Cluster.On<JoinGroupRequest>((_, _) => joins.TryDequeue(out var error) ? (new JoinGroupResponse { ErrorCode = (short)error, ProtocolName = "" }, Fault.None) : null);
        var (member, _) = Join();
        await Until(() => member.Assignment.Count == 1, "a member in spite of five errors");
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_fenced_static_member_ends()
    {
        Cluster.AddTopic("t");
        var (member, notes) = Join(Group() with { GroupInstanceId = "node-1" });
        await Until(() => member.Assignment.Count == 1, "a member");
        Cluster.On<HeartbeatRequest>((_, _) => (new HeartbeatResponse { ErrorCode = (short)ErrorCode.FencedInstanceId }, Fault.None));
        var end = await Assert.ThrowsAsync<KafkaException>(() => member.Completion.WaitAsync(TimeSpan.FromSeconds(5)));
        Assert.Equal(ErrorCode.FencedInstanceId, end.Error);
        Assert.Equal("lost t-0", notes.Lines.Last());
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_subscribed_topic_that_is_made_later_is_shared_then()
    {
        var (member, _) = Join();
        await Until(() => member.Current.Generation > 0, "a member without partitions");
        Cluster.AddTopic("t", 3);
        await Until(() => member.Assignment.Count == 3, "the new topic's partitions");
        await member.DisposeAsync();
    }

    private sealed class Mirror(string wants) : IAssignor
    {
        public string Name => "mirror";

        public byte[]? UserData(IReadOnlyCollection<string> topics) => System.Text.Encoding.UTF8.GetBytes(wants);

        public List<string> Got { get; } = [];

        public IReadOnlyDictionary<string, GroupAssignment> Assign(IReadOnlyDictionary<string, int> partitions, IReadOnlyList<MemberSubscription> members) =>
            members.ToDictionary(m => m.MemberId, m => new GroupAssignment(
                [.. System.Text.Encoding.UTF8.GetString(m.UserData!).Split(',').Select(p => new TopicPartition("t", int.Parse(p)))], m.UserData));

        public void OnAssignment(GroupAssignment assignment, int generation) => Got.Add(System.Text.Encoding.UTF8.GetString(assignment.UserData!));
    }

    [Fact]
    public async Task An_assignor_may_mirror_a_decision_made_elsewhere()
    {
        Cluster.AddTopic("t", 3);
        Mirror first = new("0,2"), second = new("1");
        var (one, _) = Join(Group(first));
        var (two, _) = Join(Group(second));
        await Until(() => one.Assignment.Count == 2 && two.Assignment.Count == 1, "what each asked for");
        Assert.Equal([new("t", 0), new("t", 2)], one.Assignment);
        Assert.Equal("1", second.Got.Last());
        var generation = one.Current.Generation;
        one.Rejoin("tasks moved");
        await Until(() => one.Current.Generation > generation && one.Assignment.Count == 2, "another generation");
        await one.DisposeAsync();
        await two.DisposeAsync();
    }

    [Fact]
    public async Task A_cooperative_member_keeps_what_does_not_move()
    {
        Cluster.AddTopic("t", 4);
        var (one, notes) = Join(Group(new CooperativeStickyAssignor()));
        await Until(() => one.Assignment.Count == 4, "one member with all");
        var (two, _) = Join(Group(new CooperativeStickyAssignor()));
        await Until(() => one.Assignment.Count == 2 && two.Assignment.Count == 2, "two members with two each");
        Assert.Equal(["assigned t-0 t-1 t-2 t-3", "revoked t-2 t-3"], notes.Lines.Where(l => l != "assigned"));
        await one.DisposeAsync();
        await two.DisposeAsync();
    }

    [Fact]
    public async Task A_consumer_goes_on_at_the_committed_offsets()
    {
        Cluster.AddTopic("t", 2);
        await using var producer = new Producer(Client);
        for (var i = 0; i < 10; i++) await producer.PostAsync(Record("t", $"{i}", partition: i % 2));
        await producer.FlushAsync();
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var read = new List<string>();
        await using (var consumer = new Consumer(Client, new ConsumerOptions { Group = Group() }))
            while (read.Count < 10) read.AddRange(Values(await consumer.ReadAsync(deadline.Token)).Select(v => v.Value));
        Assert.Equal(Enumerable.Range(0, 10).Select(i => $"{i}"), read.Order());
        Assert.Equal([5, 5], Cluster.Groups["g"].Offsets.Values.Select(o => o.Offset));
        await producer.SendAsync(Record("t", "more", partition: 1));
        await using var next = new Consumer(Client, new ConsumerOptions { Group = Group() });
        Assert.Equal([(5, "more")], Values(await next.ReadAsync(deadline.Token)));
    }

    [Fact]
    public async Task A_consumer_that_starts_at_the_end_misses_nothing_once_it_has_been_there()
    {
        Cluster.AddTopic("t");
        await using var producer = new Producer(Client);
        await producer.SendAsync(Record("t", "before"));
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var options = new ConsumerOptions { Group = Group(), Fetch = new FetcherOptions { Reset = OffsetReset.Latest } };
        await using (var consumer = new Consumer(Client, options)) await Until(() => consumer.Member.Assignment.Count == 1 && Cluster.SeenOf<FetchRequest>().Count > 0, "a reader at the end");
        await producer.SendAsync(Record("t", "while away"));
        await using var back = new Consumer(Client, options);
        Assert.Equal([(1, "while away")], Values(await back.ReadAsync(deadline.Token)));
    }

    [Fact]
    public async Task A_consumer_that_must_not_choose_a_start_says_that_none_is_committed()
    {
        Cluster.AddTopic("t");
        await using var consumer = new Consumer(Client, new ConsumerOptions { Group = Group(), Fetch = new FetcherOptions { Reset = OffsetReset.Fail } });
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await consumer.ReadAsync());
        Assert.Equal("group g has committed no offset in partition t-0: OFFSET_OUT_OF_RANGE", error.Message);
    }

    [Fact]
    public async Task A_consumer_whose_membership_ends_says_why()
    {
        Cluster.AddTopic("t");
        Cluster.On<JoinGroupRequest>((_, _) => (new JoinGroupResponse { ErrorCode = (short)ErrorCode.GroupAuthorizationFailed, ProtocolName = "" }, Fault.None));
        await using var consumer = new Consumer(Client, new ConsumerOptions { Group = Group() });
        var error = await Assert.ThrowsAsync<KafkaException>(async () => await consumer.ReadAsync());
        Assert.Equal(ErrorCode.GroupAuthorizationFailed, error.Error);
        Assert.Contains("group g", error.Message);
    }

    [Fact]
    public async Task A_commit_refused_for_its_generation_makes_the_member_give_up_and_join_anew()
    {
        Cluster.AddTopic("t");
        var refuse = true;
        Cluster.On<OffsetCommitRequest>((_, request) =>
        {
            if (!refuse) return null;
            refuse = false;
            return (new OffsetCommitResponse
            {
                Topics = [new OffsetCommitResponse.OffsetCommitResponseTopic
                {
                    Name = "t", Partitions = [new OffsetCommitResponse.OffsetCommitResponsePartition { PartitionIndex = 0, ErrorCode = (short)ErrorCode.IllegalGeneration }],
                }],
            }, Fault.None);
        });
        var (member, notes) = Join(Group() with { HeartbeatInterval = TimeSpan.FromSeconds(4) });
        await Until(() => notes.Lines.Contains("assigned t-0"), "an assignment");
        var offsets = new Dictionary<TopicPartition, OffsetAndMetadata> { [new("t", 0)] = new(3) };
        var refused = await Assert.ThrowsAsync<KafkaException>(async () => await member.CommitAsync(offsets));
        Assert.Equal(ErrorCode.IllegalGeneration, refused.Error);
        await Until(() => notes.Lines.Count >= 3, "another assignment");
        Assert.Equal(["assigned t-0", "lost t-0", "assigned t-0"], notes.Lines);
        await member.CommitAsync(offsets);
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_member_that_is_not_answered_knows_when_its_session_may_have_run_out()
    {
        Cluster.AddTopic("t");
        var silent = false;
        Cluster.On<HeartbeatRequest>((_, _) => silent ? (null, Fault.Silence) : null);
        var (member, notes) = Join(Group() with { SessionTimeout = TimeSpan.FromMilliseconds(300) });
        Assert.False(member.HoldsSession);
        await Until(() => notes.Lines.Contains("assigned t-0"), "an assignment");
        await Until(() => member.HoldsSession, "a session");
        silent = true;
        await Until(() => !member.HoldsSession, "the end of the session");
        silent = false;
        await Until(() => member.HoldsSession, "a session again");
        await member.DisposeAsync();
        Assert.DoesNotContain("lost t-0", notes.Lines);
    }
}
