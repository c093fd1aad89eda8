using Akka.Actor;
using Akka.Event;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

public sealed class SupervisionSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Counter(IActorRef log) : UntypedActor
    {
        private int _count;

        protected override void OnReceive(object message)
        {
            switch (message)
            {
                case Exception e: throw e;
                case "count": Sender.Tell(_count); break;
                default: _count++; break;
            }
        }

        protected override void PostStop() => log.Tell("stopped");
    }

    private sealed class Supervisor(SupervisorStrategy strategy, IActorRef log, int children = 1) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() => strategy;

        protected override void PreStart()
        {
            for (var i = 0; i < children; i++) Context.ActorOf(Props.Create(() => new Counter(log)), "c" + i);
        }

        protected override void PreRestart(Exception reason, object message)
        {
            log.Tell("supervisor restarts");
            base.PreRestart(reason, message);
        }

        protected override void OnReceive(object message)
        {
            if (message is string name) Sender.Tell(Context.Child(name));
        }
    }

    private sealed class Resumable : Exception;

    private sealed class Restartable : Exception;

    private sealed class Stoppable : Exception;

    private static Directive Decide(Exception e) => e switch
    {
        Resumable => Directive.Resume,
        Restartable => Directive.Restart,
        Stoppable => Directive.Stop,
        _ => Directive.Escalate,
    };

    private IActorRef[] Children(SupervisorStrategy strategy, int count = 1)
    {
        var supervisor = Sys.ActorOf(Props.Create(() => new Supervisor(strategy, TestActor, count)));
        var children = new IActorRef[count];
        for (var i = 0; i < count; i++)
        {
            supervisor.Tell("c" + i);
            children[i] = ExpectMsg<IActorRef>();
        }
        return children;
    }

    private int CountOf(IActorRef actor)
    {
        actor.Tell("count");
        return ExpectMsg<int>();
    }

    private void Muted(Action action) => EventFilter.Custom(e => e is Error or Warning).Mute(action);

    [Fact]
    public void Resume_keeps_the_state() => Muted(() =>
    {
        var child = Children(new OneForOneStrategy(Decide))[0];
        child.Tell(1);
        child.Tell(new Resumable());
        child.Tell(1);
        Assert.Equal(2, CountOf(child));
    });

    [Fact]
    public void Restart_loses_the_state_and_keeps_the_reference() => Muted(() =>
    {
        var child = Children(new OneForOneStrategy(Decide))[0];
        child.Tell(1);
        child.Tell(new Restartable());
        child.Tell(1);
        child.Tell("count");
        ExpectMsg("stopped");
        ExpectMsg(1);
    });

    [Fact]
    public void Stop_ends_the_child() => Muted(() =>
    {
        var child = Children(new OneForOneStrategy(Decide))[0];
        Watch(child);
        child.Tell(new Stoppable());
        ExpectMsg("stopped");
        ExpectTerminated(child);
    });

    [Fact]
    public void Escalate_is_the_supervisors_own_failure() => Muted(() =>
    {
        var child = Children(new OneForOneStrategy(Decide))[0];
        Watch(child);
        child.Tell(new InvalidOperationException("up"));
        ExpectMsg("supervisor restarts");
        ExpectMsg("stopped");
        ExpectTerminated(child);
    });

    [Fact]
    public void One_for_one_leaves_the_siblings_alone() => Muted(() =>
    {
        var children = Children(new OneForOneStrategy(Decide), 2);
        children[1].Tell(1);
        Assert.Equal(1, CountOf(children[1]));
        children[0].Tell(new Restartable());
        ExpectMsg("stopped");
        Assert.Equal(1, CountOf(children[1]));
    });

    [Fact]
    public void All_for_one_restarts_the_siblings_too() => Muted(() =>
    {
        var children = Children(new AllForOneStrategy(Decide), 3);
        foreach (var child in children) child.Tell(1);
        Assert.Equal(1, CountOf(children[2]));
        children[0].Tell(new Restartable());
        Assert.Equal(["stopped", "stopped", "stopped"], ReceiveN(3));
        foreach (var child in children) Assert.Equal(0, CountOf(child));
    });

    [Fact]
    public void A_child_that_fails_too_often_is_stopped() => Muted(() =>
    {
        var child = Children(new OneForOneStrategy(2, TimeSpan.FromMinutes(1), Decide))[0];
        Watch(child);
        for (var i = 0; i < 3; i++) child.Tell(new Restartable());
        Assert.Equal(["stopped", "stopped", "stopped"], ReceiveN(3));
        ExpectTerminated(child);
    });

    [Fact]
    public void The_default_strategy_restarts_failures_and_stops_killed_actors() => Muted(() =>
    {
        var child = Children(SupervisorStrategy.DefaultStrategy)[0];
        Watch(child);
        child.Tell(new InvalidOperationException());
        ExpectMsg("stopped");
        Assert.Equal(0, CountOf(child));
        child.Tell(Kill.Instance);
        ExpectMsg("stopped");
        ExpectTerminated(child);
    });

    private sealed class FailsAgain(IActorRef log, int times, int[] made) : UntypedActor
    {
        protected override void PreStart()
        {
            log.Tell("start " + ++made[0]);
            if (made[0] > 1 && made[0] <= times) throw new InvalidOperationException("start");
        }

        protected override void OnReceive(object message) => throw new InvalidOperationException("message");
    }

    [Fact]
    public void A_failure_after_restart_goes_to_the_supervisor_again() => Muted(() =>
    {
        var made = new int[1];
        var supervisor = ActorOfAsTestActorRef<Hatchery>(Props.Create(() => new Hatchery(new OneForOneStrategy(_ => Directive.Restart))));
        var child = supervisor.UnderlyingActor.Hatch(Props.Create(() => new FailsAgain(TestActor, 3, made)));
        child.Tell("x");
        Assert.Equal(["start 1", "start 2", "start 3", "start 4"], ReceiveN(4));
    });

    private sealed class Hatchery(SupervisorStrategy strategy) : UntypedActor
    {
        private readonly IUntypedActorContext _context = Context;

        protected override SupervisorStrategy SupervisorStrategy() => strategy;

        public IActorRef Hatch(Props props) => _context.ActorOf(props);

        protected override void OnReceive(object message) { }
    }

    private sealed class GrandParent(IActorRef log) : UntypedActor
    {
        protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(_ => Directive.Resume);

        protected override void PreStart() => Context.ActorOf(Props.Create(() => new Supervisor(new OneForOneStrategy(_ => Directive.Escalate), log, 1)), "p");

        protected override void OnReceive(object message) => Context.Child("p").Forward(message);
    }

    [Fact]
    public void An_escalated_failure_that_is_resumed_resumes_the_child() => Muted(() =>
    {
        Sys.ActorOf(Props.Create(() => new GrandParent(TestActor))).Tell("c0");
        var child = ExpectMsg<IActorRef>();
        child.Tell(1);
        child.Tell(new InvalidOperationException());
        child.Tell(1);
        Assert.Equal(2, CountOf(child));
    });

    [Fact]
    public void While_an_actor_is_suspended_its_messages_wait() => Muted(() =>
    {
        var gate = new ManualResetEventSlim();
        var child = Children(new OneForOneStrategy(e =>
        {
            gate.Wait(TimeSpan.FromSeconds(5));
            return Directive.Resume;
        }))[0];
        child.Tell(new Resumable());
        child.Tell("count");
        ExpectNoMsg(TimeSpan.FromMilliseconds(100));
        gate.Set();
        ExpectMsg(0);
    });
}
