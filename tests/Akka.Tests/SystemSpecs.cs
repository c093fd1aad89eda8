using Akka.Actor;
using Akka.Configuration;
using Akka.Event;
using Akka.TestKit;
using Xunit;

namespace Akka.Tests;

public sealed class SystemSpecs : Akka.TestKit.Xunit2.TestKit
{
    private sealed class Idle : UntypedActor
    {
        protected override void OnReceive(object message) { }
    }

    private sealed class Family : ReceiveActor
    {
        public Family()
        {
            Context.ActorOf<Idle>("son");
            Context.ActorOf<Idle>("daughter");
            Receive<string>(path => Context.ActorSelection(path).Tell(new Identify(path), Sender));
        }
    }

    // The children are there once the parent has handled its first message.
    private void Settled()
    {
        Sys.ActorOf<Family>("family").Tell(new Identify("family"));
        ExpectMsg<ActorIdentity>();
    }

    [Theory]
    [InlineData("/user/family/son", "son")]
    [InlineData("/user/family", "family")]
    [InlineData("/user/*/daughter", "daughter")]
    [InlineData("/user/family/s*n", "son")]
    [InlineData("/user/family/son/../daughter", "daughter")]
    public void Selections_find_actors_by_path(string path, string name)
    {
        Settled();
        Sys.ActorSelection(path).Tell(new Identify(1));
        ExpectMsg<ActorIdentity>(i => i.MessageId is 1 && i.Subject.Path.Name == name);
    }

    [Theory]
    [InlineData("son", "son")]
    [InlineData("../family/daughter", "daughter")]
    public void Selections_may_be_relative_to_an_actor(string path, string name)
    {
        Sys.ActorOf<Family>("family").Tell(path);
        ExpectMsg<ActorIdentity>(i => i.Subject.Path.Name == name);
    }

    [Fact]
    public void Extensions_that_start_at_the_same_time_lose_none_of_their_defaults()
    {
        Parallel.For(0, 200, i => Sys.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString($"at-the-same-time.key{i} = {i}")));
        Assert.All(Enumerable.Range(0, 200), i => Assert.Equal(i, Sys.Settings.Config.GetInt($"at-the-same-time.key{i}")));
    }

    [Fact]
    public void A_wildcard_reaches_all()
    {
        Settled();
        Sys.ActorSelection("/user/family/*").Tell(new Identify(1));
        Assert.Equal(["daughter", "son"], ReceiveN(2).Select(i => ((ActorIdentity)i).Subject.Path.Name).Order());
    }

    [Fact]
    public async Task Who_is_not_there_has_no_identity()
    {
        Sys.ActorSelection("/user/nobody").Tell(new Identify("who"));
        ExpectMsg<ActorIdentity>(i => i.MessageId is "who" && i.Subject is null);
        await Assert.ThrowsAsync<ActorNotFoundException>(() => Sys.ActorSelection("/user/nobody").ResolveOne(TimeSpan.FromSeconds(3)));
        var found = Sys.ActorOf<Idle>("somebody");
        Assert.Equal(found, await Sys.ActorSelection("/user/somebody").ResolveOne(TimeSpan.FromSeconds(3)));
    }

    [Fact]
    public void Paths_are_written_and_read_back()
    {
        var actor = Sys.ActorOf<Idle>("me");
        Assert.Equal($"akka://{Sys.Name}/user/me", actor.Path.ToString());
        Assert.Equal("/user/me", actor.Path.ToStringWithoutAddress());
        Assert.Equal(actor.Path, ActorPath.Parse(actor.Path.ToString()));
        Assert.Equal(actor, ((ExtendedActorSystem)Sys).Provider.ResolveActorRef(actor.Path.ToSerializationFormat()));
        Assert.Equal("akka.tcp://sys@host:1/user/me", actor.Path.ToStringWithAddress(Address.Parse("akka.tcp://sys@host:1")));
        Assert.False(ActorPath.TryParse("nonsense", out _));
        Assert.False(Address.TryParse("akka://sys@host", out _));
    }

    private abstract record Animal;

    private sealed record Dog : Animal;

    private sealed record Cat : Animal;

    [Fact]
    public void Subscribers_hear_of_a_type_and_its_subtypes()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(Animal));
        Sys.EventStream.Publish(new Dog());
        Sys.EventStream.Publish("text");
        Sys.EventStream.Publish(new Cat());
        ExpectMsg(new Dog());
        ExpectMsg(new Cat());
        Assert.False(Sys.EventStream.Subscribe(TestActor, typeof(Dog)));
        Assert.True(Sys.EventStream.Unsubscribe(TestActor, typeof(Animal)));
        Sys.EventStream.Publish(new Dog());
        ExpectNoMsg(TimeSpan.FromMilliseconds(30));
    }

    private sealed class Talking : ReceiveActor
    {
        private readonly ILoggingAdapter _log = Context.GetLogger();

        public Talking() => ReceiveAny(m =>
        {
            _log.Debug("not shown {0}", m);
            _log.Info("info {0} {1}", m, 2);
            _log.Warning("warning {0}", m);
            _log.Error(new InvalidOperationException("why"), "error {0}", m);
            _log.Info("braces { are text when there is no argument");
        });
    }

    [Fact]
    public void Actors_log_with_their_path_at_the_levels_configured()
    {
        Sys.EventStream.Subscribe(TestActor, typeof(LogEvent));
        var actor = Sys.ActorOf<Talking>("talking");
        EventFilter.Custom(e => e.LogSource.EndsWith("talking")).Mute(() =>
        {
            actor.Tell("x");
            ExpectMsg<Info>(e => e.Message.ToString() == "info x 2" && e.LogSource == actor.Path.ToString() && e.LogClass == typeof(Talking));
            ExpectMsg<Warning>(e => e.Message.ToString() == "warning x");
            ExpectMsg<Error>(e => e.Message.ToString() == "error x" && e.Cause is InvalidOperationException);
            ExpectMsg<Info>(e => e.Message.ToString()!.StartsWith("braces {"));
        });
    }

    private sealed class Clock(ExtendedActorSystem system) : IExtension
    {
        public ExtendedActorSystem System { get; } = system;
    }

    private sealed class ClockId : ExtensionIdProvider<Clock>
    {
        public static int Made;

        public override Clock CreateExtension(ExtendedActorSystem system)
        {
            Interlocked.Increment(ref Made);
            return new Clock(system);
        }
    }

    [Fact]
    public void A_system_has_one_instance_of_an_extension()
    {
        Assert.False(Sys.HasExtension<Clock>());
        var instances = Enumerable.Range(0, 8).AsParallel().Select(_ => new ClockId().Apply(Sys)).Distinct().ToList();
        Assert.Single(instances);
        Assert.Equal(1, ClockId.Made);
        Assert.Same(instances[0], Sys.GetExtension<Clock>());
        Assert.Same(Sys, instances[0].System);
    }

    [Fact]
    public void Defaults_of_an_extension_stand_below_what_is_configured()
    {
        Sys.Settings.InjectTopLevelFallback(ConfigurationFactory.ParseString("akka.loglevel = DEBUG\nmine = 1"));
        Assert.Equal("INFO", Sys.Settings.Config.GetString("akka.loglevel"));
        Assert.Equal(1, Sys.Settings.Config.GetInt("mine"));
    }

    [Fact]
    public async Task The_phases_of_a_shutdown_run_one_after_the_other_and_the_system_ends_last()
    {
        var system = ActorSystem.Create("phases", DefaultConfig);
        var shutdown = CoordinatedShutdown.Get(system);
        var order = new List<string>();
        Task<Done> Note(string name)
        {
            lock (order) order.Add(name + (system.WhenTerminated.IsCompleted ? " late" : ""));
            return Task.FromResult(Done.Instance);
        }
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceStop, "c", () => Note("stop"));
        shutdown.AddTask(CoordinatedShutdown.PhaseBeforeServiceUnbind, "a", async () =>
        {
            await Task.Delay(20);
            return await Note("before");
        });
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "b", () => Note("unbind"));
        shutdown.AddTask(CoordinatedShutdown.PhaseServiceUnbind, "fails", () => throw new InvalidOperationException("no"));
        var first = shutdown.Run(CoordinatedShutdown.UnknownReason.Instance);
        Assert.Same(first, shutdown.Run(CoordinatedShutdown.ClrExitReason.Instance));
        await first.WaitAsync(TimeSpan.FromSeconds(5));
        Assert.Equal(["before", "unbind", "stop"], order);
        Assert.True(system.WhenTerminated.IsCompleted);
        Assert.Same(CoordinatedShutdown.UnknownReason.Instance, shutdown.ShutdownReason);
    }

    [Fact]
    public async Task A_phase_that_hangs_is_left_behind()
    {
        var config = ConfigurationFactory.ParseString("akka.coordinated-shutdown.phases.service-stop.timeout = 50ms").WithFallback(DefaultConfig);
        var system = ActorSystem.Create("hangs", config);
        CoordinatedShutdown.Get(system).AddTask(CoordinatedShutdown.PhaseServiceStop, "hangs", () => new TaskCompletionSource<Done>().Task);
        await system.Terminate().WaitAsync(TimeSpan.FromSeconds(5));
    }

    [Fact]
    public void An_unknown_phase_is_refused() => Assert.Throws<ConfigurationException>(() => CoordinatedShutdown.Get(Sys).AddTask("no-such-phase", "x", () => Task.FromResult(Done.Instance)));

    [Theory]
    [InlineData("")]
    [InlineData("-a")]
    [InlineData("a b")]
    public void A_systems_name_must_be_plain(string name) => Assert.Throws<ArgumentException>(() => ActorSystem.Create(name));
}
