using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.MultiNode.TestAdapter;
using Akka.Remote.TestKit;
using Xunit;

namespace Actors.MultiNode.Tests;

public sealed class ClusterSpecConfig : MultiNodeConfig
{
    public ClusterSpecConfig()
    {
        First = Role("first");
        Second = Role("second");
        Third = Role("third");
        CommonConfig = ConfigurationFactory.ParseString($$"""
            akka {
              actor.provider = cluster
              cluster {
                downing-provider-class = "Akka.Cluster.SBR.SplitBrainResolverProvider, Akka.Cluster"
                failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
                log-info = off
              }
              persistence.journal.sql { provider-name = "SQLite.MS", connection-string = "{{RunDirectory.Sqlite("journal.db")}}" }
            }
            """);
        NodeConfig([First, Second], [ConfigurationFactory.ParseString("akka.cluster.roles = [broker]")]);
        NodeConfig([Third], [ConfigurationFactory.ParseString("akka.cluster.roles = [broker, streams]")]);
    }

    public RoleName First { get; }

    public RoleName Second { get; }

    public RoleName Third { get; }
}

/// <summary>A cluster of processes: members that come, leave, and end.</summary>
public class ClusterSpec : MultiNodeSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ClusterSpecConfig _config;

    public ClusterSpec() : this(new ClusterSpecConfig()) { }

    protected ClusterSpec(ClusterSpecConfig config) : base(config, typeof(ClusterSpec)) => _config = config;

    protected override int InitialParticipantsValueFactory => Roles.Count;

    private Cluster Cluster => Cluster.Get(Sys);

    protected override void AfterTermination()
    {
        if (IsNode(_config.First)) RunDirectory.Remove();
    }

    private sealed class Idle : ReceiveActor;

    private void AwaitUp(int members)
    {
        Cluster.Join(Node(_config.First).Address);
        AwaitAssert(() =>
        {
            Assert.Equal(members, Cluster.State.Members.Count);
            Assert.All(Cluster.State.Members, member => Assert.Equal(MemberStatus.Up, member.Status));
        }, Patience);
        EnterBarrier("all are up");
    }

    [MultiNodeFact]
    public void Processes_become_members_and_see_each_other_alike()
    {
        AwaitUp(3);
        Assert.Equal(new[] { _config.First, _config.Second, _config.Third }.Select(role => Node(role).Address).ToHashSet(), Cluster.State.Members.Select(member => member.Address).ToHashSet());
        Assert.Equal(Node(_config.Third).Address, Assert.Single(Cluster.State.Members, member => member.HasRole("streams")).Address);
        AwaitAssert(() => Assert.NotNull(Cluster.State.Leader), Patience);
        EnterBarrier("compared");
    }

    [MultiNodeFact]
    public void A_member_whose_process_ends_is_removed_and_what_was_watched_there_has_ended()
    {
        RunOn(() => Sys.ActorOf<Idle>("watched"), _config.Third);
        AwaitUp(3);
        var lost = Node(_config.Third).Address;
        RunOn(() =>
        {
            Cluster.Subscribe(TestActor, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.MemberRemoved));
            var watched = Sys.ActorSelection(Node(_config.Third) / "user" / "watched").ResolveOne(Patience).GetAwaiter().GetResult();
            Watch(watched);
            EnterBarrier("watching");
            RunOn(() => TestConductor.Exit(_config.Third, 0).GetAwaiter().GetResult(), _config.First);
            var messages = new[] { ExpectMsg<object>(Patience), ExpectMsg<object>(Patience) };
            Assert.Equal(watched, Assert.Single(messages.OfType<Terminated>()).ActorRef);
            Assert.Equal(lost, Assert.Single(messages.OfType<ClusterEvent.MemberRemoved>()).Member.Address);
            AwaitAssert(() => Assert.Equal(2, Cluster.State.Members.Count), Patience);
            EnterBarrier("removed");
        }, _config.First, _config.Second);
        RunOn(() =>
        {
            EnterBarrier("watching");
            Thread.Sleep(TimeSpan.FromMinutes(1));
            Assert.Fail("the conductor has not ended this process");
        }, _config.Third);
    }

    [MultiNodeFact]
    public void A_member_that_leaves_is_gone_without_having_been_unreachable()
    {
        AwaitUp(3);
        RunOn(() =>
        {
            Cluster.Subscribe(TestActor, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.UnreachableMember), typeof(ClusterEvent.MemberRemoved));
            EnterBarrier("listening");
            Assert.Equal(MemberStatus.Exiting, ExpectMsg<ClusterEvent.MemberRemoved>(Patience).PreviousStatus);
        }, _config.First, _config.Second);
        RunOn(() =>
        {
            EnterBarrier("listening");
            Assert.True(Cluster.LeaveAsync().Wait(Patience), "did not leave");
        }, _config.Third);
        EnterBarrier("left");
    }
}
