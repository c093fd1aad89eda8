using System.Diagnostics;
using System.Linq.Expressions;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit.Internal;

namespace Akka.TestKit;

/// <summary>An actor system under test, and an actor whose received messages the test looks at.</summary>
public abstract partial class TestKitBase : IActorRefFactory
{
    private static long s_testActors;
    private static long s_systems;

    private readonly ITestKitAssertions _assertions;
    private readonly MessageInbox _inbox = new();
    private TimeSpan? _end;
    private MessageEnvelope _last = NullMessageEnvelope.Instance;

    protected TestKitBase(ITestKitAssertions assertions, ActorSystem system = null, string testActorName = null)
    {
        _assertions = assertions ?? throw new ArgumentNullException(nameof(assertions));
        (Sys, TestActor) = Initialize(system ?? ActorSystem.Create("test" + Interlocked.Increment(ref s_systems), DefaultConfig), testActorName);
    }

    protected TestKitBase(ITestKitAssertions assertions, Config config, string actorSystemName = null, string testActorName = null)
    {
        _assertions = assertions ?? throw new ArgumentNullException(nameof(assertions));
        (Sys, TestActor) = Initialize(ActorSystem.Create(actorSystemName ?? "test" + Interlocked.Increment(ref s_systems), config.SafeWithFallback(DefaultConfig)), testActorName);
    }

    private (ActorSystem, IActorRef) Initialize(ActorSystem system, string testActorName)
    {
        system.Settings.InjectTopLevelFallback(DefaultConfig);
        Log = Logging.GetLogger(system, GetType());
        TestKitSettings = TestKitExtension.For(system);
        EventFilter = new EventFilterFactory(this, system);
        var name = testActorName ?? "testActor" + Interlocked.Increment(ref s_testActors);
        var actor = ((ExtendedActorSystem)system).SystemActorOf(Props.Create(() => new InternalTestActor(_inbox)).WithDispatcher("akka.test.test-actor.dispatcher"), name);
        if (this is not INoImplicitSender)
        {
            var cell = ((LocalActorRef)actor).Cell;
            ActorCell.SetCurrent(cell);
            SynchronizationContext.SetSynchronizationContext(new ActorCellKeepingSynchronizationContext(cell));
        }
        return (system, actor);
    }

    /// <summary>The test kit's own settings, and loggers that tests can mute.</summary>
    public static Config DefaultConfig { get; } = ConfigurationFactory.ParseString("""
        akka.loggers = ["Akka.TestKit.TestEventListener, Akka.TestKit"]
        akka.suppress-json-serializer-warning = true
        akka.test {
          timefactor = 1.0
          filter-leeway = 3s
          single-expect-default = 3s
          default-timeout = 5s
          test-actor.dispatcher { type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit" }
          calling-thread-dispatcher { type = "Akka.TestKit.CallingThreadDispatcherConfigurator, Akka.TestKit" }
        }
        """);

    /// <summary>As <see cref="DefaultConfig"/>, with everything logged.</summary>
    public static Config FullDebugConfig { get; } = ConfigurationFactory.ParseString("""
        akka.loglevel = DEBUG
        akka.stdout-loglevel = DEBUG
        akka.actor.debug { lifecycle = on, event-stream = on, unhandled = on }
        """);

    public ActorSystem Sys { get; }

    public TestKitSettings TestKitSettings { get; private set; }

    public IActorRef TestActor { get; }

    public ILoggingAdapter Log { get; private set; }

    /// <summary>Expectations about what is logged.</summary>
    public EventFilterFactory EventFilter { get; private set; }

    /// <summary>The last message that was taken.</summary>
    public object LastMessage => _last.Message;

    public IActorRef LastSender => _last.Sender;

    public bool HasMessages => _inbox.HasMessages;

    /// <summary>Monotonic; its zero means nothing.</summary>
    public static TimeSpan Now => Stopwatch.GetElapsedTime(0);

    /// <summary>What is left of the innermost <c>Within</c>.</summary>
    public TimeSpan Remaining => _end is { } end ? Positive(end - Now) : throw new InvalidOperationException(@"Remaining may not be called outside of ""within""");

    public TimeSpan RemainingOrDefault => RemainingOr(Dilated(TestKitSettings.SingleExpectDefault));

    protected TimeSpan RemainingOr(TimeSpan duration) => _end is { } end ? Positive(end - Now) : duration;

    /// <summary>The time asked for, dilated; without one what is left of <c>Within</c> or the default.</summary>
    public TimeSpan RemainingOrDilated(TimeSpan? duration)
    {
        if (duration is not { } asked) return RemainingOrDefault;
        if (asked == Timeout.InfiniteTimeSpan) throw new ArgumentException("max duration cannot be infinite", nameof(duration));
        return Dilated(asked);
    }

    public TimeSpan Dilated(TimeSpan duration) => duration == Timeout.InfiniteTimeSpan ? duration : duration * TestKitSettings.TestTimeFactor;

    public TimeSpan GetTimeoutOrDefault(TimeSpan? timeout) => timeout ?? RemainingOrDefault;

    private static TimeSpan Positive(TimeSpan span) => span < TimeSpan.Zero ? TimeSpan.Zero : span;

    private void Fail(string message) => _assertions.Fail("{0}", message);

    internal void FailUnless(bool condition, string message)
    {
        if (!condition) Fail(message);
    }

    public IActorRef ActorOf(Props props, string name) => Sys.ActorOf(props, name);

    public IActorRef ActorOf(Props props) => Sys.ActorOf(props);

    public IActorRef ActorOf<TActor>() where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>());

    public IActorRef ActorOf<TActor>(string name) where TActor : ActorBase, new() => Sys.ActorOf(Props.Create<TActor>(), name);

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory) where TActor : ActorBase => Sys.ActorOf(Props.Create(factory));

    public IActorRef ActorOf<TActor>(Expression<Func<TActor>> factory, string name) where TActor : ActorBase => Sys.ActorOf(Props.Create(factory), name);

    public ActorSelection ActorSelection(ActorPath actorPath) => Sys.ActorSelection(actorPath);

    public ActorSelection ActorSelection(string actorPath) => Sys.ActorSelection(actorPath);

    public ActorSelection ActorSelection(IActorRef anchorRef, string actorPath) => new(anchorRef, actorPath);

    /// <summary>An actor on the calling thread whose instance the test can look at.</summary>
    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Props props, IActorRef supervisor, string name = null) where TActor : ActorBase => new(Sys, props, supervisor, name);

    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Props props, string name = null) where TActor : ActorBase => new(Sys, props, null, name);

    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Expression<Func<TActor>> factory, string name = null) where TActor : ActorBase => new(Sys, Props.Create(factory), null, name);

    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(Expression<Func<TActor>> factory, IActorRef supervisor, string name = null) where TActor : ActorBase =>
        new(Sys, Props.Create(factory), supervisor, name);

    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(string name = null) where TActor : ActorBase, new() => new(Sys, Props.Create<TActor>(), null, name);

    public TestActorRef<TActor> ActorOfAsTestActorRef<TActor>(IActorRef supervisor, string name = null) where TActor : ActorBase, new() => new(Sys, Props.Create<TActor>(), supervisor, name);

    public virtual TestProbe CreateTestProbe(string name = null) => CreateTestProbe(Sys, name);

    public virtual TestProbe CreateTestProbe(ActorSystem system, string name = null) => new(system, _assertions, name);

    /// <summary>A child of the test actor.</summary>
    public IActorRef ChildActorOf(Props props, string name, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default)
    {
        TestActor.Tell(new TestKit.TestActor.Spawn(props, name, supervisorStrategy), TestActor);
        return ExpectMsg<IActorRef>(cancellationToken: cancellationToken);
    }

    public IActorRef ChildActorOf(Props props, SupervisorStrategy supervisorStrategy, CancellationToken cancellationToken = default) => ChildActorOf(props, null, supervisorStrategy, cancellationToken);

    public IActorRef ChildActorOf(Props props, string name, CancellationToken cancellationToken = default) => ChildActorOf(props, name, null, cancellationToken);

    public IActorRef ChildActorOf(Props props, CancellationToken cancellationToken = default) => ChildActorOf(props, null, null, cancellationToken);

    /// <summary>What the predicate picks is not put into the queue.</summary>
    public void IgnoreMessages(Func<object, bool> shouldIgnoreMessage) => TestActor.Tell(new TestKit.TestActor.SetIgnore(m => shouldIgnoreMessage(m)), TestActor);

    public void IgnoreMessages<TMsg>(Func<TMsg, bool> shouldIgnoreMessage) => IgnoreMessages(m => m is TMsg typed && shouldIgnoreMessage(typed));

    public void IgnoreMessages<TMsg>() => IgnoreMessages(m => m is TMsg);

    public void IgnoreNoMessages() => TestActor.Tell(new TestKit.TestActor.SetIgnore(null), TestActor);

    /// <summary>The test actor receives <see cref="Terminated"/> when the actor has ended.</summary>
    public IActorRef Watch(IActorRef actorToWatch)
    {
        TestActor.Tell(new TestKit.TestActor.Watch(actorToWatch), TestActor);
        return actorToWatch;
    }

    public Task<IActorRef> WatchAsync(IActorRef actorToWatch) => Task.FromResult(Watch(actorToWatch));

    public IActorRef Unwatch(IActorRef actorToUnwatch)
    {
        TestActor.Tell(new TestKit.TestActor.Unwatch(actorToUnwatch), TestActor);
        return actorToUnwatch;
    }

    public Task<IActorRef> UnwatchAsync(IActorRef actorToUnwatch) => Task.FromResult(Unwatch(actorToUnwatch));

    public void SetAutoPilot(AutoPilot pilot) => TestActor.Tell(new TestKit.TestActor.SetAutoPilot(pilot), TestActor);

    /// <summary>Ends the system.</summary>
    public virtual void Shutdown(TimeSpan? duration = null, bool verifySystemShutdown = false) => Shutdown(Sys, duration, verifySystemShutdown);

    protected virtual void Shutdown(ActorSystem system, TimeSpan? duration = null, bool verifySystemShutdown = false)
    {
        var limit = duration ?? Dilated(TimeSpan.FromSeconds(5));
        if (ActorCell.Current is { } cell && ReferenceEquals(cell.System, system)) ActorCell.SetCurrent(null);
        if (system.Terminate().Wait(limit)) return;
        var message = $"Failed to stop [{system.Name}] within [{limit}]\n{((ExtendedActorSystem)system).PrintTree()}";
        if (verifySystemShutdown) throw new TimeoutException(message);
        system.Log.Warning("{0}", message);
    }
}
