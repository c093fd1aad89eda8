using Akka.Actor;

namespace Akka.Pattern;

/// <summary>How a <see cref="BackoffSupervisor"/> is made.</summary>
public static class Backoff
{
    /// <summary>Starts the child again, after a growing pause, when it has stopped.</summary>
    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new BackoffOnStopOptions(childProps, childName, minBackoff, maxBackoff, randomFactor);
}

/// <summary>The choices of a backoff supervisor. Each method gives changed options.</summary>
public abstract class BackoffOptions
{
    protected BackoffOptions()
    {
    }

    internal abstract Props Props { get; }

    /// <summary>The pause grows anew after the child has run so long.</summary>
    public abstract BackoffOptions WithAutoReset(TimeSpan resetBackoff);
}

internal sealed record BackoffTimes(TimeSpan Min, TimeSpan Max, double RandomFactor, TimeSpan Reset);

internal sealed class BackoffOnStopOptions(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, TimeSpan? reset = null) : BackoffOptions
{
    internal override Props Props =>
        Props.Create(() => new BackoffSupervisor(childProps, childName, new BackoffTimes(minBackoff, maxBackoff, randomFactor, reset ?? minBackoff)));

    public override BackoffOptions WithAutoReset(TimeSpan resetBackoff) => new BackoffOnStopOptions(childProps, childName, minBackoff, maxBackoff, randomFactor, resetBackoff);
}
