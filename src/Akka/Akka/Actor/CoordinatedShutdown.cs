using Akka.Configuration;
using Akka.Event;

namespace Akka.Actor;

/// <summary>Ends an actor system in phases; the tasks of a phase run at once, the phases one after the other.</summary>
public sealed class CoordinatedShutdown : IExtension
{
    public const string PhaseBeforeServiceUnbind = "before-service-unbind";
    public const string PhaseServiceUnbind = "service-unbind";
    public const string PhaseServiceRequestsDone = "service-requests-done";
    public const string PhaseServiceStop = "service-stop";
    public const string PhaseBeforeClusterShutdown = "before-cluster-shutdown";
    public const string PhaseClusterShardingShutdownRegion = "cluster-sharding-shutdown-region";
    public const string PhaseClusterLeave = "cluster-leave";
    public const string PhaseClusterExiting = "cluster-exiting";
    public const string PhaseClusterExitingDone = "cluster-exiting-done";
    public const string PhaseClusterShutdown = "cluster-shutdown";
    public const string PhaseBeforeActorSystemTerminate = "before-actor-system-terminate";
    public const string PhaseActorSystemTerminate = "actor-system-terminate";

    private readonly Dictionary<string, Phase> _phases = [];
    private readonly List<string> _order;
    private readonly Dictionary<string, List<(string Name, Func<Task<Done>> Task)>> _tasks = [];
    private readonly object _gate = new();
    private readonly ILoggingAdapter _log;
    private Reason _reason;
    private TaskCompletionSource<Done> _done;

    internal CoordinatedShutdown(ExtendedActorSystem system)
    {
        System = system;
        _log = Logging.GetLogger(system, "CoordinatedShutdown");
        var config = system.Settings.Config.GetConfig("akka.coordinated-shutdown");
        var timeout = config.GetTimeSpan("default-phase-timeout");
        foreach (var (name, value) in config.GetConfig("phases").AsEnumerable())
        {
            var phase = value.ToConfig();
            _phases[name] = new Phase([.. phase.GetStringList("depends-on")], phase.GetTimeSpan("timeout", timeout), phase.GetBoolean("recover", true), phase.GetBoolean("enabled", true));
        }
        _order = Sort(_phases);
    }

    public ExtendedActorSystem System { get; }

    /// <summary>Null until it runs.</summary>
    public Reason ShutdownReason => _reason;

    public TimeSpan TotalTimeout => TimeSpan.FromTicks(_order.Where(p => _tasks.ContainsKey(p)).Sum(p => _phases[p].Timeout.Ticks));

    public static CoordinatedShutdown Get(ActorSystem sys) => sys.WithExtension<CoordinatedShutdown, CoordinatedShutdownExtension>();

    public TimeSpan Timeout(string phase) => _phases.TryGetValue(phase, out var found) ? found.Timeout : throw new ArgumentException($"Unknown phase [{phase}]. All phases must be defined in configuration.", nameof(phase));

    public void AddTask(string phase, string taskName, Func<Task<Done>> task)
    {
        if (!_phases.ContainsKey(phase)) throw new ConfigurationException($"Unknown phase [{phase}], known phases [{string.Join(",", _phases.Keys)}]. All phases (along with their optional dependencies) must be defined in configuration.");
        lock (_gate)
        {
            if (!_tasks.TryGetValue(phase, out var list)) _tasks[phase] = list = [];
            list.Add((taskName, task));
        }
    }

    /// <summary>Runs all phases from <paramref name="fromPhase"/> on; a second call returns the first one's task.</summary>
    public Task<Done> Run(Reason reason, string fromPhase = null)
    {
        lock (_gate)
        {
            if (_done is not null) return _done.Task;
            _done = new TaskCompletionSource<Done>(((Internal.ActorSystemImpl)System).ContinuationOptions);
            _reason = reason;
        }
        _ = RunPhases(fromPhase is null ? _order : [.. _order.SkipWhile(p => p != fromPhase)]);
        return _done.Task;
    }

    private async Task RunPhases(List<string> phases)
    {
        try
        {
            foreach (var phase in phases)
            {
                List<(string Name, Func<Task<Done>> Task)> tasks;
                lock (_gate) tasks = _tasks.TryGetValue(phase, out var list) ? [.. list] : [];
                if (phase == PhaseActorSystemTerminate && System.Settings.CoordinatedShutdownTerminateActorSystem) tasks.Add(("terminate-system", TerminateSystem));
                if (_phases[phase].Enabled && tasks.Count > 0) await RunPhase(phase, tasks).ConfigureAwait(false);
            }
            _done.TrySetResult(Done.Instance);
        }
        catch (Exception e)
        {
            _done.TrySetException(e);
        }
    }

    private async Task<Done> TerminateSystem()
    {
        await ((Internal.ActorSystemImpl)System).FinalTerminate().ConfigureAwait(false);
        return Done.Instance;
    }

    private async Task RunPhase(string name, List<(string Name, Func<Task<Done>> Task)> tasks)
    {
        var phase = _phases[name];
        var all = Task.WhenAll(tasks.Select(t => RunTask(name, t.Name, t.Task, phase.Recover)).ToList());
        if (all.IsCompleted)
        {
            await all.ConfigureAwait(false);
            return;
        }
        using var timer = new Cancelable(System.Scheduler.Advanced);
        var expired = new TaskCompletionSource(((Internal.ActorSystemImpl)System).ContinuationOptions);
        System.Scheduler.Advanced.ScheduleOnce(phase.Timeout, () => expired.TrySetResult(), timer);
        var first = await Task.WhenAny(all, expired.Task).ConfigureAwait(false);
        timer.Cancel();
        if (ReferenceEquals(first, all)) await all.ConfigureAwait(false);
        else if (name == PhaseActorSystemTerminate && System.WhenTerminated.IsCompleted) return;
        else if (phase.Recover) _log.Log(LogLevel.WarningLevel, null, $"Coordinated shutdown phase [{name}] timed out after {phase.Timeout}");
        else throw new TimeoutException($"Coordinated shutdown phase [{name}] timed out after {phase.Timeout}");
    }

    private async Task RunTask(string phase, string name, Func<Task<Done>> task, bool recover)
    {
        try
        {
            await task().ConfigureAwait(false);
        }
        catch (Exception e) when (recover)
        {
            _log.Log(LogLevel.WarningLevel, e, $"Task [{name}] failed in phase [{phase}]: {e.Message}");
        }
    }

    private static List<string> Sort(Dictionary<string, Phase> phases)
    {
        var result = new List<string>();
        var open = new HashSet<string>();
        void Visit(string name)
        {
            if (result.Contains(name)) return;
            if (!open.Add(name)) throw new ArgumentException($"Cycle detected in graph of phases. It must be a DAG. phase [{name}] depends transitively on itself.");
            if (phases.TryGetValue(name, out var phase))
            {
                foreach (var before in phase.DependsOn) Visit(before);
                result.Add(name);
            }
            open.Remove(name);
        }
        foreach (var name in phases.Keys) Visit(name);
        return result;
    }

    private sealed record Phase(string[] DependsOn, TimeSpan Timeout, bool Recover, bool Enabled);

    /// <summary>Why a system ends.</summary>
    public class Reason
    {
        protected Reason() { }
    }

    /// <summary>It was not said.</summary>
    public class UnknownReason : Reason
    {
        public static readonly Reason Instance = new UnknownReason();

        private UnknownReason() { }
    }

    /// <summary>Terminate was called.</summary>
    public class ActorSystemTerminateReason : Reason
    {
        public static readonly Reason Instance = new ActorSystemTerminateReason();

        private ActorSystemTerminateReason() { }
    }

    /// <summary>The process ends.</summary>
    public class ClrExitReason : Reason
    {
        public static readonly Reason Instance = new ClrExitReason();

        private ClrExitReason() { }
    }

    /// <summary>This node was declared down.</summary>
    public class ClusterDowningReason : Reason
    {
        public static readonly Reason Instance = new ClusterDowningReason();

        private ClusterDowningReason() { }
    }

    /// <summary>This node leaves the cluster.</summary>
    public class ClusterLeavingReason : Reason
    {
        public static readonly Reason Instance = new ClusterLeavingReason();

        private ClusterLeavingReason() { }
    }

    /// <summary>This node could not join a cluster.</summary>
    public class ClusterJoinUnsuccessfulReason : Reason
    {
        public static readonly Reason Instance = new ClusterJoinUnsuccessfulReason();

        private ClusterJoinUnsuccessfulReason() { }
    }
}

/// <summary>The extension's id.</summary>
public sealed class CoordinatedShutdownExtension : ExtensionIdProvider<CoordinatedShutdown>
{
    public override CoordinatedShutdown CreateExtension(ExtendedActorSystem system) => new(system);
}
