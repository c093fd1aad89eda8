using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Xunit;
using Xunit.Sdk;

namespace Akka.Tests;

public sealed class TestKitSpecs : Akka.TestKit.Xunit2.TestKit
{
    private static TimeSpan Ms(int n) => TimeSpan.FromMilliseconds(n);

    private sealed class Adder : UntypedActor
    {
        public int Sum { get; private set; }

        protected override void OnReceive(object message)
        {
            if (message is Exception e) throw e;
            Sum += (int)message;
            Sender.Tell(Sum);
        }
    }

    [Fact]
    public void Expectations_fail_with_what_came_instead()
    {
        TestActor.Tell(5);
        var wrongType = Assert.Throws<XunitException>(() => ExpectMsg<string>());
        Assert.Contains("5", wrongType.Message);
        Assert.Contains("Timeout", Assert.Throws<XunitException>(() => ExpectMsg<string>(Ms(10))).Message);
        TestActor.Tell("a");
        Assert.ThrowsAny<XunitException>(() => ExpectMsg("b"));
        TestActor.Tell("a");
        Assert.ThrowsAny<XunitException>(() => ExpectNoMsg(Ms(10)));
        TestActor.Tell(1);
        Assert.ThrowsAny<XunitException>(() => ExpectMsg<int>(n => n > 1));
        TestActor.Tell(1);
        Assert.ThrowsAny<XunitException>(() => ExpectMsgAllOf(1, 2).Count);
    }

    [Fact]
    public void Messages_are_fished_for_ignored_peeked_and_counted()
    {
        IgnoreMessages<string>(s => s == "noise");
        foreach (var message in new object[] { 1, "noise", "x", 2 }) TestActor.Tell(message);
        Assert.Equal(1, PeekOne());
        Assert.Equal("x", FishForMessage<string>(s => s == "x"));
        Assert.Equal([2], ReceiveWhile<int>(_ => true, Ms(20)));
        IgnoreNoMessages();
        TestActor.Tell("noise");
        ExpectMsg("noise");
        TestActor.Tell("b");
        TestActor.Tell("a");
        ExpectMsgAllOf("a", "b");
    }

    [Fact]
    public void Within_bounds_what_happens_inside()
    {
        Within(TimeSpan.FromSeconds(1), () => Assert.True(Remaining <= TimeSpan.FromSeconds(1)));
        Assert.ThrowsAny<XunitException>(() => Within(Ms(30), () => ExpectMsg<string>()));
        Assert.ThrowsAny<XunitException>(() => Within(Ms(50), TimeSpan.FromSeconds(1), () => { }));
        Assert.Throws<InvalidOperationException>(() => Remaining);
    }

    [Fact]
    public void Conditions_and_assertions_are_awaited()
    {
        var calls = 0;
        AwaitCondition(() => ++calls > 3);
        AwaitAssert(() => Assert.True(++calls > 8));
        Assert.ThrowsAny<XunitException>(() => AwaitCondition(() => false, Ms(20)));
        Assert.ThrowsAny<XunitException>(() => AwaitAssert(() => Assert.Fail("never"), Ms(20)));
    }

    [Fact]
    public void Probes_stand_for_actors_answer_and_send()
    {
        var probe = CreateTestProbe("probe");
        probe.Tell("question");
        probe.ExpectMsg("question");
        probe.Reply("answer");
        ExpectMsgFrom(probe.Ref, "answer");
        probe.Send(TestActor, "sent");
        ExpectMsgFrom(probe.Ref, "sent");
        probe.SetAutoPilot(new DelegateAutoPilot((sender, message) =>
        {
            sender.Tell("auto " + message);
            return AutoPilot.KeepRunning;
        }));
        probe.Tell("x");
        ExpectMsg("auto x");
        Assert.True(((IActorRef)probe).Equals(probe.Ref));
    }

    [Fact]
    public void A_test_actor_reference_shows_the_instance_and_runs_at_once()
    {
        var actor = ActorOfAsTestActorRef<Adder>();
        actor.Tell(2, TestActor);
        Assert.Equal(2, actor.UnderlyingActor.Sum);
        ExpectMsg(2);
        actor.Receive(3, TestActor);
        ExpectMsg(5);
        Assert.Throws<InvalidOperationException>(() => actor.Receive(new InvalidOperationException("comes out")));
    }

    [Fact]
    public void A_child_of_the_test_actor_has_it_as_its_parent()
    {
        var child = ChildActorOf(Props.Create<Adder>(), "adder");
        Assert.Equal(TestActor.Path, child.Path.Parent);
    }

    [Fact]
    public async Task Expectations_can_be_awaited()
    {
        Sys.Scheduler.ScheduleTellOnce(Ms(20), TestActor, "later", ActorRefs.NoSender);
        await ExpectMsgAsync("later");
        await ExpectNoMsgAsync(Ms(20));
        var seen = new List<object>();
        TestActor.Tell(1);
        TestActor.Tell(2);
        await foreach (var message in ReceiveNAsync(2, TimeSpan.FromSeconds(1))) seen.Add(message);
        Assert.Equal([1, 2], seen);
        await WithinAsync(TimeSpan.FromSeconds(1), () => Task.CompletedTask);
        await AwaitConditionAsync(() => Task.FromResult(true));
    }

    [Fact]
    public void Events_that_were_expected_and_did_not_come_fail_the_test()
    {
        Assert.ThrowsAny<XunitException>(() => EventFilter.Info("never").ExpectOne(Ms(20), () => { }));
        EventFilter.Info(start: "some").ExpectOne(() => Log.Info("something"));
        EventFilter.Warning(contains: "thing").Expect(2, () =>
        {
            Log.Warning("a thing");
            Log.Warning("another thing");
        });
        Assert.ThrowsAny<XunitException>(() => EventFilter.Info("twice").ExpectOne(() =>
        {
            Log.Info("twice");
            Log.Info("twice");
        }));
    }

    [Fact]
    public void The_test_scheduler_does_not_go_back()
    {
        var scheduler = new TestScheduler(Sys.Settings.Config, Sys.Log);
        Assert.Throws<InvalidOperationException>(() => scheduler.AdvanceTo(scheduler.Now - Ms(1)));
        var start = scheduler.Now;
        scheduler.Advance(Ms(5));
        Assert.Equal(Ms(5), scheduler.Now - start);
    }
}
