using System.Collections.Concurrent;
using Actors.Client.Tests.Fakes;
using Actors.Protocol;
using Actors.Protocol.Messages;
using static Actors.Client.Tests.Text;

namespace Actors.Client.Tests;

/// <summary>What a member owns, and may write, when something goes wrong between two of its memberships.</summary>
public sealed class MembershipSpec : FakeClusterSpec
{
    private static readonly Dictionary<TopicPartition, OffsetAndMetadata> Offsets = new() { [new("t", 0)] = new(3) };

    private readonly Notes _notes = new();
    private GroupMember Join(Func<GroupOptions, GroupOptions>? with = null)
    {
        var options = new GroupOptions
        {
            GroupId = "g", Topics = ["t"], HeartbeatInterval = TimeSpan.FromMilliseconds(20), SessionTimeout = TimeSpan.FromSeconds(5), RebalanceTimeout = TimeSpan.FromSeconds(5),
        };
        var member = new GroupMember(Client, with is null ? options : with(options), _notes);
        member.Start();
        return member;
    }

    /// <summary>Writes down what it is told, once what is to be done meanwhile is done.</summary>
    private sealed class Notes : IRebalanceListener
    {
        public ConcurrentQueue<string> Lines { get; } = [];

        public Func<Task> WhenAssigned { get; set; } = () => Task.CompletedTask;

        public Func<Task> WhenRevoked { get; set; } = () => Task.CompletedTask;

        public ValueTask OnAssignedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => NoteAsync("assigned", partitions, WhenAssigned);

        public ValueTask OnRevokedAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => NoteAsync("revoked", partitions, WhenRevoked);

        public ValueTask OnLostAsync(IReadOnlyCollection<TopicPartition> partitions, CancellationToken cancellation) => NoteAsync("lost", partitions, () => Task.CompletedTask);

        private async ValueTask NoteAsync(string what, IReadOnlyCollection<TopicPartition> partitions, Func<Task> meanwhile)
        {
            await meanwhile();
            Lines.Enqueue($"{what} {string.Join(" ", partitions)}".TrimEnd());
        }
    }

    private async Task SomeHeartbeats()
    {
        var before = Cluster.SeenOf<HeartbeatRequest>().Count;
        await Until(() => Cluster.SeenOf<HeartbeatRequest>().Count >= before + 5, "five heartbeats");
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Partitions_whose_takeover_failed_for_now_are_told_again(bool cooperative)
    {
        Cluster.AddTopic("t", 2);
        var failures = new Queue<ErrorCode>([ErrorCode.CoordinatorLoadInProgress]);
        _notes.WhenAssigned = () => failures.TryDequeue(out var error) ? throw new KafkaException(error, "offsets") : Task.CompletedTask;
        var member = Join(options => cooperative ? options with { Assignors = [new CooperativeStickyAssignor()] } : options);
        await Until(() => _notes.Lines.Contains("assigned t-0 t-1"), "the partitions, after a failure");
        Assert.Equal([new("t", 0), new("t", 1)], member.Assignment);
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_commit_refused_before_the_member_joined_anew_does_not_end_the_new_membership()
    {
        Cluster.AddTopic("t");
        var member = Join();
        await Until(() => _notes.Lines.Contains("assigned t-0"), "an assignment");
        _notes.WhenRevoked = async () =>
        {
            Cluster.Groups.Expel("g");
            var refused = await Assert.ThrowsAsync<KafkaException>(async () => await member.CommitAsync(Offsets));
            Assert.Equal(ErrorCode.UnknownMemberId, refused.Error);
        };
        member.Rejoin("to be put out meanwhile");
        await Until(() => _notes.Lines.Count >= 3, "another assignment");
        _notes.WhenRevoked = () => Task.CompletedTask;
        await SomeHeartbeats();
        Assert.Equal(["assigned t-0", "revoked t-0", "assigned t-0"], _notes.Lines);
        Assert.Single(Cluster.Groups["g"].Members);
        await member.DisposeAsync();
    }

    [Fact]
    public async Task A_static_leader_that_came_back_still_looks_for_new_topics()
    {
        Cluster.AddTopic("t");
        GroupOptions Static(GroupOptions options) => options with { Topics = ["t", "u"], GroupInstanceId = "node-1" };
        var first = Join(Static);
        await Until(() => _notes.Lines.Contains("assigned t-0"), "an assignment");
        await first.DisposeAsync();
        var (group, joins) = (Cluster.Groups["g"], 0);
        Cluster.On<JoinGroupRequest>((_, _) => joins++ > 0 ? null : (new JoinGroupResponse
        {
            GenerationId = group.Generation, ProtocolType = "consumer", ProtocolName = group.Protocol, Leader = group.Leader, MemberId = group.Leader, SkipAssignment = true,
            Members = [.. group.Members.Values.Select(m => new JoinGroupResponse.JoinGroupResponseMember { MemberId = m.Id, GroupInstanceId = "node-1", Metadata = m.Protocols[group.Protocol] })],
        }, Fault.None));
        var back = Join(Static);
        await Until(() => back.Assignment.Count == 1, "the old assignment");
        Cluster.AddTopic("u");
        await Until(() => back.Assignment.Count == 2, "the new topic's partition too");
        await back.CloseAsync(leaveForGood: true);
    }

    [Fact]
    public async Task Who_leaves_holds_no_session_any_more()
    {
        Cluster.AddTopic("t");
        var member = Join();
        await Until(() => member.HoldsSession && member.Assignment.Count == 1, "a session");
        bool? held = null;
        Cluster.On<LeaveGroupRequest>((_, _) =>
        {
            held = member.HoldsSession;
            return null;
        });
        await member.CloseAsync();
        Assert.False(held);
        Assert.False(member.HoldsSession);
    }

    [Fact]
    public async Task Who_is_told_to_be_out_while_it_gives_its_partitions_up_holds_no_session_any_more()
    {
        Cluster.AddTopic("t");
        var member = Join(options => options with { SessionTimeout = TimeSpan.FromMinutes(1) });
        await Until(() => member.HoldsSession && member.Assignment.Count == 1, "a session");
        var letGo = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _notes.WhenRevoked = () => letGo.Task;
        member.Rejoin("for a long revocation");
        await SomeHeartbeats();
        Assert.True(member.HoldsSession);
        Cluster.Groups.Expel("g");
        await Until(() => !member.HoldsSession, "the end of the session");
        letGo.SetResult();
        await Until(() => member.HoldsSession && member.Assignment.Count == 1, "another session");
        await member.DisposeAsync();
    }
}
