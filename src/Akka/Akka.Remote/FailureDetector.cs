using System.Diagnostics;
using Akka.Actor;
using Akka.Configuration;
using Akka.Event;

namespace Akka.Remote;

/// <summary>A monotonic clock in milliseconds.</summary>
public delegate long Clock();

/// <summary>Says from heartbeats whether something is thought to be alive.</summary>
public abstract class FailureDetector
{
    public static readonly Clock DefaultClock = () => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    /// <summary>Whether it is thought to be alive; also before the first heartbeat.</summary>
    public abstract bool IsAvailable { get; }

    /// <summary>Whether there was a heartbeat.</summary>
    public abstract bool IsMonitoring { get; }

    public abstract void HeartBeat();
}

/// <summary>Available until no heartbeat has come for the interval and the acceptable pause.</summary>
public class DeadlineFailureDetector : FailureDetector
{
    private readonly Clock _clock;
    private readonly long _deadline;
    private long _last;
    private volatile bool _active;

    public DeadlineFailureDetector(TimeSpan acceptableHeartbeatPause, Clock? clock = null) : this(acceptableHeartbeatPause, TimeSpan.Zero, clock) { }

    public DeadlineFailureDetector(TimeSpan acceptableHeartbeatPause, TimeSpan heartbeatInterval, Clock? clock = null)
    {
        if (acceptableHeartbeatPause <= TimeSpan.Zero) throw new ArgumentException("failure-detector.acceptable-heartbeat-pause must be >= 0s", nameof(acceptableHeartbeatPause));
        _clock = clock ?? DefaultClock;
        _deadline = (long)(acceptableHeartbeatPause + heartbeatInterval).TotalMilliseconds;
    }

    public DeadlineFailureDetector(Config config, EventStream eventStream) : this(config.GetTimeSpan("acceptable-heartbeat-pause"), config.GetTimeSpan("heartbeat-interval"))
    {
        _ = eventStream;
    }

    public override bool IsAvailable => !_active || Interlocked.Read(ref _last) + _deadline > _clock();

    public override bool IsMonitoring => _active;

    public override void HeartBeat()
    {
        Interlocked.Exchange(ref _last, _clock());
        _active = true;
    }
}

/// <summary>Makes failure detectors of configured classes.</summary>
public static class FailureDetectorLoader
{
    public static FailureDetector Load(string fqcn, Config config, ActorSystem system)
    {
        var type = Type.GetType(fqcn) ?? throw new ConfigurationException($"Could not create custom FailureDetector {fqcn}: no such type");
        return (FailureDetector)Activator.CreateInstance(type, config, system.EventStream)!;
    }

    public static FailureDetector LoadFailureDetector(this IActorContext context, string fqcn, Config config) => Load(fqcn, config, context.System);
}

/// <summary>Failure detectors by resource.</summary>
public interface IFailureDetectorRegistry<T> where T : notnull
{
    bool IsAvailable(T resource);

    bool IsMonitoring(T resource);

    void Heartbeat(T resource);

    void Remove(T resource);

    void Reset();
}

/// <summary>Makes a resource's failure detector at its first heartbeat.</summary>
public class DefaultFailureDetectorRegistry<T>(Func<FailureDetector> factory) : IFailureDetectorRegistry<T> where T : notnull
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<T, FailureDetector> _detectors = new();

    public bool IsAvailable(T resource) => !_detectors.TryGetValue(resource, out var detector) || detector.IsAvailable;

    public bool IsMonitoring(T resource) => _detectors.TryGetValue(resource, out var detector) && detector.IsMonitoring;

    public void Heartbeat(T resource) => _detectors.GetOrAdd(resource, _ => factory()).HeartBeat();

    public void Remove(T resource) => _detectors.TryRemove(resource, out _);

    public void Reset() => _detectors.Clear();
}
