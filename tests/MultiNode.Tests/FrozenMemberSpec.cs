using System.Diagnostics;
using Akka.Actor;
using Akka.Cluster;
using Akka.Configuration;
using Akka.MultiNode.TestAdapter;
using Akka.Remote.TestKit;
using Xunit;

namespace Actors.MultiNode.Tests;

public sealed class FrozenMemberSpecConfig : MultiNodeConfig
{
    public FrozenMemberSpecConfig()
    {
        First = Role("first");
        Second = Role("second");
        CommonConfig = ConfigurationFactory.ParseString($$"""
            akka {
              actor.provider = cluster
              cluster {
                failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s }
                log-info = off
              }
              persistence.journal.sql { provider-name = "SQLite.MS", connection-string = "{{RunDirectory.Sqlite("journal.db")}}" }
            }
            """);
    }

    public RoleName First { get; }

    public RoleName Second { get; }
}

/// <summary>A process that stands still is unreachable, and reachable again once it goes on, where nobody declares it down.</summary>
public class FrozenMemberSpec : MultiNodeSpec
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly FrozenMemberSpecConfig _config;

    public FrozenMemberSpec() : this(new FrozenMemberSpecConfig()) { }

    protected FrozenMemberSpec(FrozenMemberSpecConfig config) : base(config, typeof(FrozenMemberSpec)) => _config = config;

    protected override int InitialParticipantsValueFactory => Roles.Count;

    protected override void AfterTermination()
    {
        if (IsNode(_config.First)) RunDirectory.Remove();
    }

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    [MultiNodeFact]
    public void A_frozen_member_becomes_unreachable_and_is_reachable_again_after_its_thaw()
    {
        var cluster = Cluster.Get(Sys);
        cluster.Join(Node(_config.First).Address);
        Sys.ActorOf<Echo>("echo");
        AwaitAssert(() => Assert.Equal(2, cluster.State.Members.Count(member => member.Status == MemberStatus.Up)), Patience);
        EnterBarrier("all are up");
        var frozen = Node(_config.Second).Address;
        RunOn(() =>
        {
            var echo = Sys.ActorSelection(Node(_config.Second) / "user" / "echo").ResolveOne(Patience).GetAwaiter().GetResult();
            cluster.Subscribe(TestActor, ClusterEvent.InitialStateAsEvents, typeof(ClusterEvent.IReachabilityEvent));
            EnterBarrier("listening");
            Assert.Equal(frozen, ExpectMsg<ClusterEvent.UnreachableMember>(Patience).Member.Address);
            echo.Tell("said while it was frozen", TestActor);
            var (reachable, said) = (false, false);
            while (!reachable || !said)
            {
                switch (ExpectMsg<object>(Patience))
                {
                    case ClusterEvent.ReachableMember member: reachable = member.Member.Address.Equals(frozen); break;
                    case "said while it was frozen": said = true; break;
                }
            }
            Assert.All(cluster.State.Members, member => Assert.Equal(MemberStatus.Up, member.Status));
        }, _config.First);
        RunOn(() =>
        {
            EnterBarrier("listening");
            // Another process has to wake this one.
            Process.Start("/bin/sh", ["-c", $"kill -STOP {Environment.ProcessId}; sleep 5; kill -CONT {Environment.ProcessId}"]).WaitForExit();
        }, _config.Second);
        EnterBarrier("thawed");
    }
}
