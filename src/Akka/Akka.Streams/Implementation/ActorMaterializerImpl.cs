using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Streams.Implementation;

internal sealed class ActorMaterializerImpl : ActorMaterializer
{
    private static long _names;

    private readonly StreamSupervisor.Registry _registry;
    private readonly string _namePrefix;
    private readonly Attributes _defaults;
    private long _flows;

    private ActorMaterializerImpl(ActorSystem system, ActorMaterializerSettings settings, IActorRef supervisor, StreamSupervisor.Registry registry,
        string namePrefix)
    {
        System = system;
        Settings = settings;
        Supervisor = supervisor;
        _registry = registry;
        _namePrefix = namePrefix;
        Logger = Logging.GetLogger(system, this);
        _defaults = new Attributes(
            new Attributes.InputBuffer(settings.InitialInputBufferSize, settings.MaxInputBufferSize),
            new ActorAttributes.Dispatcher(settings.Dispatcher),
            new ActorAttributes.SupervisionStrategy(settings.SupervisionDecider));
        if (system is ActorSystemImpl { RunsOnCallingThread: true })
            _defaults = _defaults.And(Attributes.CallingThread.Instance);
    }

    internal static ActorMaterializerImpl For(IActorRefFactory context, ActorMaterializerSettings? settings, string namePrefix)
    {
        ArgumentNullException.ThrowIfNull(context);
        var system = context switch
        {
            ActorSystem s => s,
            IActorContext c => c.System,
            _ => throw new ArgumentException($"ActorRefFactory context must be a ActorSystem or ActorContext, got [{context.GetType()}]")
        };
        settings ??= ActorMaterializerSettings.Create(system);
        var registry = new StreamSupervisor.Registry();
        var props = Props.Create(() => new StreamSupervisor(registry));
        if (settings.Dispatcher.Length > 0)
            props = props.WithDispatcher(settings.Dispatcher);
        var name = $"StreamSupervisor-{Interlocked.Increment(ref _names)}";
        var supervisor = context is ExtendedActorSystem extended ? extended.SystemActorOf(props, name) : context.ActorOf(props, name);
        return new ActorMaterializerImpl(system, settings, supervisor, registry, namePrefix);
    }

    public override ActorMaterializerSettings Settings { get; }
    public override bool IsShutdown => _registry.IsClosed;
    public override MessageDispatcher ExecutionContext =>
        System.Dispatchers.Lookup(Settings.Dispatcher.Length == 0 ? Dispatchers.DefaultDispatcherId : Settings.Dispatcher);
    public override ActorSystem System { get; }
    public override ILoggingAdapter Logger { get; }
    public override IActorRef Supervisor { get; }

    public override TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable) => Materialize(runnable, Attributes.None);

    public override TMat Materialize<TMat>(IGraph<ClosedShape, TMat> runnable, Attributes initialAttributes)
    {
        if (IsShutdown)
            throw new Pattern.IllegalStateException("Trying to materialize stream after materializer has been shutdown");
        var attributes = _defaults.And(initialAttributes);
        var run = new Materialization();
        var built = Blueprint.Of(runnable).Build(run, attributes, run.NewIsland());
        var dispatcher = attributes.GetMandatoryAttribute<ActorAttributes.Dispatcher>().Name;
        var name = $"{_namePrefix}-{Interlocked.Increment(ref _flows)}";
        var islands = run.Islands.Where(plan => plan.Logics.Count > 0).Select(plan => new Island(this, plan, Settings.SyncProcessingLimit)).ToList();
        islands.ForEach(island => island.Attach());
        for (var i = 0; i < islands.Count; i++)
        {
            if (_registry.Add(islands[i]))
                Supervisor.Tell(new StreamSupervisor.Run(islands[i], $"{name}-{i}", dispatcher), ActorRefs.NoSender);
            else
                islands[i].AbortUnstarted();
        }
        return (TMat)built.Value!;
    }

    internal void Ended(Island island) => _registry.Remove(island);

    internal IActorRef ActorOf(Props props, string? name) => ((ExtendedActorSystem)System).SystemActorOf(props, name);

    public override ICancelable ScheduleOnce(TimeSpan delay, Action action) =>
        System.Scheduler.Advanced.ScheduleOnceCancelable(delay, action);

    public override ICancelable ScheduleRepeatedly(TimeSpan initialDelay, TimeSpan interval, Action action) =>
        System.Scheduler.Advanced.ScheduleRepeatedlyCancelable(initialDelay, interval, action);

    public override IMaterializer WithNamePrefix(string namePrefix) => new ActorMaterializerImpl(System, Settings, Supervisor, _registry, namePrefix);

    public override ILoggingAdapter MakeLogger(object logSource) => Logging.GetLogger(System, logSource);

    public override void Shutdown()
    {
        // Those that have not started are ended here; the others when their actor stops.
        foreach (var island in _registry.Close())
            island.AbortUnstarted();
        Supervisor.Tell(PoisonPill.Instance, ActorRefs.NoSender);
    }
}
