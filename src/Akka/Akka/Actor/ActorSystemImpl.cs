using System.Collections.Concurrent;
using System.Text;
using System.Text.RegularExpressions;
using Akka.Configuration;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Actor.Internal;

/// <summary>The actor system of one process.</summary>
public class ActorSystemImpl : ExtendedActorSystem
{
    private static readonly Regex ValidName = new("^[a-zA-Z0-9][a-zA-Z0-9-]*$", RegexOptions.CultureInvariant);

    private readonly ConcurrentDictionary<Type, Lazy<object>> _extensions = new();
    private readonly TaskCompletionSource _terminated;
    private readonly IActorRefProvider _provider;
    private readonly List<Func<Task>> _transports = [];
    private readonly List<Action> _onTermination = [];
    private readonly Lazy<Serialization.Serialization> _serialization;
    private readonly Random _random = new(0);
    private long _nextUid;
    private bool _ended;

    public ActorSystemImpl(string name) : this(name, Config.Empty) { }

    internal ActorSystemImpl(string name, Config config)
    {
        if (!ValidName.IsMatch(name)) throw new ArgumentException($"Invalid ActorSystem name [{name}], must contain only word characters (i.e. [a-zA-Z0-9] plus non-leading '-')", nameof(name));
        ArgumentNullException.ThrowIfNull(config);
        Name = name;
        Settings = new Settings(this, config);
        EventStream = new EventStream(Settings.DebugEventStream);
        EventStream.StartStdoutLogger(Settings);
        Log = new BusLogging(EventStream, $"ActorSystem({name})", typeof(ActorSystemImpl), DefaultLogMessageFormatter.Instance);
        var scheduler = Type.GetType(Settings.SchedulerClass) ?? throw new ConfigurationException($"akka.scheduler.implementation: no type [{Settings.SchedulerClass}]");
        Scheduler = (IScheduler)Activator.CreateInstance(scheduler, Settings.Config, Log);
        _provider = CreateProvider(name);
        DeadLetters = _provider.DeadLetters;
        Mailboxes = new Mailboxes(this);
        Dispatchers = new Dispatchers(this, new DefaultDispatcherPrerequisites(EventStream, Scheduler, Settings, Mailboxes), Log);
        RunsOnCallingThread = Dispatchers.DefaultGlobalDispatcher.RunsOnCallingThread;
        _nextUid = RunsOnCallingThread ? 0 : Random.Shared.NextInt64(int.MaxValue);
        _terminated = new TaskCompletionSource(ContinuationOptions);
        // Where other nodes hold references, a restarted node must not give the same uids again.
        _nextUid = _provider is LocalActorRefProvider ? 0 : Random.Shared.NextInt64(1L << 40);
        _serialization = new Lazy<Serialization.Serialization>(() => new Serialization.Serialization(this));
    }

    private IActorRefProvider CreateProvider(string name)
    {
        var typeName = Settings.ProviderClass switch
        {
            "local" => typeof(LocalActorRefProvider).AssemblyQualifiedName,
            "remote" => "Akka.Remote.RemoteActorRefProvider, Akka.Remote",
            "cluster" => "Akka.Cluster.ClusterActorRefProvider, Akka.Cluster",
            var own => own,
        };
        var type = Type.GetType(typeName) ?? throw new ConfigurationException($"akka.actor.provider = {Settings.ProviderClass}: no type [{typeName}]");
        return (IActorRefProvider)Activator.CreateInstance(type, name, Settings, EventStream);
    }

    /// <summary>Adds what is to be closed between the end of the users' actors and that of the system's own.</summary>
    internal void CloseBeforeSystemActors(Func<Task> close) => _transports.Add(close);

    internal Task CloseTransports() => _transports.Count == 0 ? Task.CompletedTask : Task.WhenAll(_transports.Select(close => close()));

    /// <summary>Then nothing of the system may hop to the thread pool, and timers are virtual.</summary>
    internal bool RunsOnCallingThread { get; }

    internal TaskCreationOptions ContinuationOptions => RunsOnCallingThread ? TaskCreationOptions.None : TaskCreationOptions.RunContinuationsAsynchronously;

    public override Settings Settings { get; }

    public override string Name { get; }

    public override Serialization.Serialization Serialization => _serialization.Value;

    public override EventStream EventStream { get; }

    public override IActorRef DeadLetters { get; }

    public override IActorRef IgnoreRef => _provider.IgnoreRef;

    public override Dispatchers Dispatchers { get; }

    public override Mailboxes Mailboxes { get; }

    public override IScheduler Scheduler { get; }

    public override ILoggingAdapter Log { get; }

    public override Task WhenTerminated => _terminated.Task;

    public override IActorRefProvider Provider => _provider;

    public override IInternalActorRef Guardian => _provider.Guardian;

    public override IInternalActorRef LookupRoot => _provider.RootGuardian;

    public override IInternalActorRef SystemGuardian => _provider.SystemGuardian;

    /// <summary>
    /// Uids of one system are a sequence. On one thread it begins at one, so that a run repeats itself; else anywhere, so that an actor of
    /// a node that was started again is not taken for the one that had its path before.
    /// </summary>
    internal long NextUid() => Interlocked.Increment(ref _nextUid);

    // A run on one thread repeats itself, so its randomness is a fixed sequence.
    internal double NextRandom() => RunsOnCallingThread ? _random.NextDouble() : Random.Shared.NextDouble();

    public void Start()
    {
        try
        {
            _provider.Init(this);
        }
        catch
        {
            // Without its provider (a port in use) there is no system; its threads must go too.
            if (_provider.SystemGuardian is not null) FinalTerminate();
            throw;
        }
        if (Settings.LogDeadLetters > 0) SystemActorOf(Props.Create<DeadLetterListener>(), "deadLetterListener");
        EventStream.StartDefaultLoggers(this);
        CoordinatedShutdown.Get(this);
        foreach (var name in Settings.Config.GetStringList("akka.extensions"))
        {
            var type = Type.GetType(name) ?? throw new ConfigurationException($"akka.extensions: no type [{name}]");
            RegisterExtension((IExtensionId)Activator.CreateInstance(type));
        }
    }

    public override IActorRef ActorOf(Props props, string name = null) => _provider.Guardian.Cell.AttachChild(props, isSystemService: false, name);

    public override IActorRef SystemActorOf(Props props, string name = null) => _provider.SystemGuardian.Cell.AttachChild(props, isSystemService: true, name);

    public override IActorRef SystemActorOf<TActor>(string name = null) => SystemActorOf(Props.Create<TActor>(), name);

    public override ActorSelection ActorSelection(ActorPath actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, this);

    public override ActorSelection ActorSelection(string actorPath) => ActorRefFactoryShared.ActorSelection(actorPath, this, _provider.RootGuardian);

    public override void Stop(IActorRef actor)
    {
        // The parent must know, so that it waits for the child when it stops itself.
        if (actor is LocalActorRef { Parent: LocalActorRef parent }) parent.Cell.Stop(actor);
        else ((IInternalActorRef)actor).Stop();
    }

    public override object RegisterExtension(IExtensionId extension) =>
        _extensions.GetOrAdd(extension.ExtensionType, _ => new Lazy<object>(() => extension.CreateExtension(this) ?? throw new InvalidOperationException($"Extension instance created as 'null' for extension [{extension.ExtensionType}]"))).Value;

    public override object GetExtension(IExtensionId extensionId) => TryGetExtension(extensionId.ExtensionType, out var extension) ? extension : RegisterExtension(extensionId);

    public override T GetExtension<T>() => TryGetExtension<T>(out var extension) ? extension : throw new KeyNotFoundException($"Trying to get non-registered extension [{typeof(T)}]");

    public override bool HasExtension(Type type) => _extensions.ContainsKey(type);

    public override bool HasExtension<T>() => HasExtension(typeof(T));

    public override bool TryGetExtension(Type extensionType, out object extension)
    {
        extension = _extensions.TryGetValue(extensionType, out var lazy) ? lazy.Value : null;
        return extension is not null;
    }

    public override bool TryGetExtension<T>(out T extension)
    {
        var found = TryGetExtension(typeof(T), out var value);
        extension = (T)value;
        return found;
    }

    public override void RegisterOnTermination(Action code)
    {
        lock (_onTermination)
        {
            if (_ended) throw new InvalidOperationException("ActorSystem already terminated.");
            _onTermination.Add(code);
        }
    }

    public override Task Terminate()
    {
        if (Settings.CoordinatedShutdownRunByActorSystemTerminate) CoordinatedShutdown.Get(this).Run(CoordinatedShutdown.ActorSystemTerminateReason.Instance);
        else FinalTerminate();
        return WhenTerminated;
    }

    internal Task FinalTerminate()
    {
        if (!Settings.LogDeadLettersDuringShutdown && _provider.SystemGuardian.Cell.GetChildByName("deadLetterListener") is { } listener) Stop(listener);
        _provider.Guardian.Stop();
        return WhenTerminated;
    }

    public override void Abort() => FinalTerminate();

    /// <summary>Called when the root guardian has stopped.</summary>
    internal void Ended()
    {
        List<Action> codes;
        lock (_onTermination)
        {
            if (_ended) return;
            _ended = true;
            codes = [.. _onTermination];
        }
        for (var i = codes.Count - 1; i >= 0; i--)
        {
            try { codes[i](); }
            catch (Exception e) { Log.Log(LogLevel.ErrorLevel, e, "A termination callback failed"); }
        }
        EventStream.StopLoggers();
        (Scheduler as IDisposable)?.Dispose();
        Dispatchers.Shutdown();
        _terminated.TrySetResult();
    }

    public override string PrintTree()
    {
        var result = new StringBuilder();
        Print(_provider.RootGuardian, "", result);
        return result.ToString();
    }

    private static void Print(IActorRef actor, string indent, StringBuilder to)
    {
        to.Append(indent).Append(actor.Path.Depth == 0 ? "/" : actor.Path.Name).Append('\n');
        if (actor is not LocalActorRef local) return;
        foreach (var child in local.Children) Print(child, indent + "  ", to);
    }

    public override string ToString() => $"akka://{Name}";
}
