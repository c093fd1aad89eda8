using Akka.Configuration;

namespace Akka.Coordination;

/// <summary>
/// A right that at most one owner holds at a time. Implementations name themselves by <c>lease-class</c> and have a constructor with
/// <see cref="LeaseSettings"/> and, if they want it, the actor system after it.
/// </summary>
public abstract class Lease
{
    protected Lease(LeaseSettings settings) => Settings = settings;

    public LeaseSettings Settings { get; }

    /// <summary>True if the lease is now this owner's; false if another holds it.</summary>
    public abstract Task<bool> Acquire();

    /// <summary>As <see cref="Acquire()"/>; the callback hears when an acquired lease is lost, with a cause if there is one.</summary>
    public abstract Task<bool> Acquire(Action<Exception> leaseLostCallback);

    /// <summary>True if the lease was given back.</summary>
    public abstract Task<bool> Release();

    /// <summary>Whether the lease is held, as far as is known here; asks nobody.</summary>
    public abstract bool CheckLease();
}

/// <summary>Whose lease it is, and its implementation's settings.</summary>
public sealed class LeaseSettings
{
    public LeaseSettings(string leaseName, string ownerName, TimeoutSettings timeoutSettings, Config leaseConfig)
    {
        LeaseName = leaseName;
        OwnerName = ownerName;
        TimeoutSettings = timeoutSettings;
        LeaseConfig = leaseConfig;
    }

    public string LeaseName { get; }

    /// <summary>Unique within the cluster.</summary>
    public string OwnerName { get; }

    public TimeoutSettings TimeoutSettings { get; }

    public Config LeaseConfig { get; }

    public static LeaseSettings Create(Config config, string leaseName, string ownerName) =>
        config.IsNullOrEmpty()
            ? throw ConfigurationException.NullOrEmptyConfig<LeaseSettings>()
            : new LeaseSettings(leaseName, ownerName, TimeoutSettings.Create(config), config);

    public LeaseSettings WithTimeoutSettings(TimeoutSettings timeoutSettings) => new(LeaseName, OwnerName, timeoutSettings, LeaseConfig);

    public override string ToString() => $"LeaseSettings({LeaseName}, {OwnerName}, {TimeoutSettings})";
}

/// <summary>How often a lease is renewed, when it counts as lost, and how long one operation may take.</summary>
public sealed class TimeoutSettings
{
    private static readonly TimeSpan LeastInterval = TimeSpan.FromSeconds(5);

    public TimeoutSettings(TimeSpan heartbeatInterval, TimeSpan heartbeatTimeout, TimeSpan operationTimeout)
    {
        HeartbeatInterval = heartbeatInterval;
        HeartbeatTimeout = heartbeatTimeout;
        OperationTimeout = operationTimeout;
    }

    public TimeSpan HeartbeatInterval { get; }

    public TimeSpan HeartbeatTimeout { get; }

    public TimeSpan OperationTimeout { get; }

    /// <summary>Reads <c>heartbeat-interval</c> (empty: a tenth of the timeout, at least 5 s), <c>heartbeat-timeout</c> and <c>lease-operation-timeout</c>.</summary>
    public static TimeoutSettings Create(Config config)
    {
        if (config.IsNullOrEmpty()) throw ConfigurationException.NullOrEmptyConfig<TimeoutSettings>();
        var timeout = config.GetTimeSpan("heartbeat-timeout");
        var interval = string.IsNullOrEmpty(config.GetString("heartbeat-interval"))
            ? TimeSpan.FromTicks(Math.Max(timeout.Ticks / 10, LeastInterval.Ticks))
            : config.GetTimeSpan("heartbeat-interval");
        if (interval.Ticks >= timeout.Ticks / 2) throw new ArgumentException("heartbeat-interval must be less than half heartbeat-timeout");
        return new TimeoutSettings(interval, timeout, config.GetTimeSpan("lease-operation-timeout"));
    }

    public TimeoutSettings WithHeartbeatInterval(TimeSpan heartbeatInterval) => new(heartbeatInterval, HeartbeatTimeout, OperationTimeout);

    public TimeoutSettings WithHeartbeatTimeout(TimeSpan heartbeatTimeout) => new(HeartbeatInterval, heartbeatTimeout, OperationTimeout);

    /// <summary>Spelt as Akka.NET spells it.</summary>
    public TimeoutSettings withOperationTimeout(TimeSpan operationTimeout) => new(HeartbeatInterval, HeartbeatTimeout, operationTimeout);

    public override string ToString() => $"TimeoutSettings({HeartbeatInterval}, {HeartbeatTimeout}, {OperationTimeout})";
}

/// <summary>What a user of leases (sharding, a singleton) is told of them.</summary>
public sealed class LeaseUsageSettings
{
    public LeaseUsageSettings(string leaseImplementation, TimeSpan leaseRetryInterval)
    {
        LeaseImplementation = leaseImplementation;
        LeaseRetryInterval = leaseRetryInterval;
    }

    /// <summary>The configuration path of the implementation.</summary>
    public string LeaseImplementation { get; }

    public TimeSpan LeaseRetryInterval { get; }

    public override string ToString() => $"LeaseUsageSettings({LeaseImplementation}, {LeaseRetryInterval})";
}

/// <summary>A lease could not be acquired or released.</summary>
public class LeaseException : Exception
{
    public LeaseException(string message) : base(message) { }

    public LeaseException(string message, Exception innerEx) : base(message, innerEx) { }
}

/// <summary>An operation on a lease took longer than allowed; whether it took effect is not known.</summary>
public sealed class LeaseTimeoutException : LeaseException
{
    public LeaseTimeoutException(string message) : base(message) { }

    public LeaseTimeoutException(string message, Exception innerEx) : base(message, innerEx) { }
}
