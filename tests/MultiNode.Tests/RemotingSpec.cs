using Akka.Actor;
using Akka.Configuration;
using Akka.MultiNode.TestAdapter;
using Akka.Remote.TestKit;
using Akka.Remote.Transport;
using Xunit;

namespace Actors.MultiNode.Tests;

public sealed class RemotingSpecConfig : MultiNodeConfig
{
    public RemotingSpecConfig()
    {
        First = Role("first");
        Second = Role("second");
        Third = Role("third");
        TestTransport = true;
        CommonConfig = ConfigurationFactory.ParseString("""
            akka.remote {
              retry-gate-closed-for = 200ms
              watch-failure-detector { heartbeat-interval = 200ms, acceptable-heartbeat-pause = 2s, unreachable-nodes-reaper-interval = 200ms }
            }
            """);
    }

    public RoleName First { get; }

    public RoleName Second { get; }

    public RoleName Third { get; }
}

/// <summary>Remoting between processes: messages, a link that is cut, a process that ends.</summary>
public class RemotingSpec : MultiNodeSpec
{
    private readonly RemotingSpecConfig _config;

    public RemotingSpec() : this(new RemotingSpecConfig()) { }

    protected RemotingSpec(RemotingSpecConfig config) : base(config, typeof(RemotingSpec)) => _config = config;

    protected override int InitialParticipantsValueFactory => Roles.Count;

    private sealed class Echo : ReceiveActor
    {
        public Echo() => ReceiveAny(message => Sender.Tell(message));
    }

    private IActorRef Resolve(RoleName role, string name) => Sys.ActorSelection(Node(role) / "user" / name).ResolveOne(TimeSpan.FromSeconds(10)).GetAwaiter().GetResult();

    [MultiNodeFact]
    public void Nodes_answer_each_other()
    {
        Sys.ActorOf<Echo>("echo");
        EnterBarrier("echoes are up");
        foreach (var role in Roles)
        {
            Resolve(role, "echo").Tell($"{Myself} to {role}", TestActor);
            ExpectMsg($"{Myself} to {role}", TimeSpan.FromSeconds(10));
        }
        EnterBarrier("all have answered");
        Assert.Equal(3, MaxNodes);
        Assert.Equal(Roles[SelfIndex], Myself);
    }

    [MultiNodeFact]
    public void A_process_that_ends_ends_what_is_watched_there()
    {
        RunOn(() => Sys.ActorOf<Echo>("watched"), _config.Third);
        EnterBarrier("watched is up");
        RunOn(() =>
        {
            var watched = Resolve(_config.Third, "watched");
            Watch(watched);
            watched.Tell("up", TestActor);
            ExpectMsg("up", TimeSpan.FromSeconds(10));
            EnterBarrier("watching");
            RunOn(() => TestConductor.Exit(_config.Third, 0).GetAwaiter().GetResult(), _config.First);
            Assert.Equal(watched, ExpectMsg<Terminated>(TimeSpan.FromSeconds(10)).ActorRef);
            EnterBarrier("heard");
        }, _config.First, _config.Second);
        RunOn(() =>
        {
            EnterBarrier("watching");
            // The end comes from outside.
            Thread.Sleep(TimeSpan.FromMinutes(1));
            Assert.Fail("the conductor has not ended this process");
        }, _config.Third);
    }

    [MultiNodeFact]
    public void A_node_behind_a_cut_link_falls_silent_and_is_heard_again_when_the_link_is_mended()
    {
        Sys.ActorOf<Echo>("echo");
        EnterBarrier("echoes are up");
        RunOn(() =>
        {
            var (second, third) = (Resolve(_config.Second, "echo"), Resolve(_config.Third, "echo"));
            TestConductor.Blackhole(_config.First, _config.Second, ThrottleTransportAdapter.Direction.Both).GetAwaiter().GetResult();
            second.Tell("into the hole", TestActor);
            third.Tell("past it", TestActor);
            ExpectMsg("past it", TimeSpan.FromSeconds(10));
            ExpectNoMsg(TimeSpan.FromMilliseconds(300));
            TestConductor.PassThrough(_config.First, _config.Second, ThrottleTransportAdapter.Direction.Both).GetAwaiter().GetResult();
            second.Tell("again", TestActor);
            ExpectMsg("again", TimeSpan.FromSeconds(10));
            // Connections that close are opened again; what is sent meanwhile may be lost.
            TestConductor.Disconnect(_config.First, _config.Second).GetAwaiter().GetResult();
            AwaitAssert(() =>
            {
                second.Tell("once more", TestActor);
                ExpectMsg("once more", TimeSpan.FromMilliseconds(300));
            }, TimeSpan.FromSeconds(10));
        }, _config.First);
        EnterBarrier("mended");
    }

    [MultiNodeFact]
    public void A_watched_actor_behind_a_cut_link_has_ended_for_its_watchers()
    {
        RunOn(() => Sys.ActorOf<Echo>("watched"), _config.Second);
        EnterBarrier("watched is up");
        RunOn(() =>
        {
            var watched = Resolve(_config.Second, "watched");
            Watch(watched);
            // Some heartbeats, so that their absence means something.
            ExpectNoMsg(TimeSpan.FromSeconds(1));
            TestConductor.Blackhole(_config.First, _config.Second, ThrottleTransportAdapter.Direction.Both).GetAwaiter().GetResult();
            var terminated = ExpectMsg<Terminated>(TimeSpan.FromSeconds(15));
            Assert.True(terminated.AddressTerminated);
        }, _config.First);
        EnterBarrier("lost");
    }

    [MultiNodeFact]
    public void A_system_that_is_shut_down_leaves_its_process_and_a_new_one_takes_its_address()
    {
        RunOn(() => Sys.ActorOf<Echo>("watched"), _config.Third);
        EnterBarrier("watched is up");
        RunOn(() =>
        {
            Watch(Resolve(_config.Third, "watched"));
            TestConductor.Shutdown(_config.Third).GetAwaiter().GetResult();
            ExpectMsg<Terminated>(TimeSpan.FromSeconds(10));
        }, _config.First);
        ActorSystem? again = null;
        RunOn(() =>
        {
            Assert.True(Sys.WhenTerminated.Wait(TimeSpan.FromSeconds(20)));
            again = StartNewSystem();
            again.ActorOf<Echo>("echo");
        }, _config.Third);
        EnterBarrier("started anew");
        RunOn(() => AwaitAssert(() =>
        {
            Sys.ActorSelection(Node(_config.Third) / "user" / "echo").Tell("anew", TestActor);
            ExpectMsg("anew", TimeSpan.FromMilliseconds(300));
        }, TimeSpan.FromSeconds(15)), _config.First, _config.Second);
        EnterBarrier("answered");
        again?.Terminate().Wait(TimeSpan.FromSeconds(10));
    }
}
