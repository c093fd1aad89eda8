using Akka.Actor;

namespace Akka.Pattern;

/// <summary>How a <see cref="BackoffSupervisor"/> is made.</summary>
public static class Backoff
{
    /// <summary>Starts the child again, after a growing pause, when its failure asks for a restart; when it stops, so does the supervisor.</summary>
    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new BackoffChoices(onFailure: true, childProps, childName, minBackoff, maxBackoff, randomFactor);

    public static BackoffOptions OnFailure(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        OnFailure(childProps, childName, minBackoff, maxBackoff, randomFactor).WithMaxNrOfRetries(maxNrOfRetries);

    /// <summary>Starts the child again, after a growing pause, when it has stopped.</summary>
    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        new BackoffChoices(onFailure: false, childProps, childName, minBackoff, maxBackoff, randomFactor);

    public static BackoffOptions OnStop(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor).WithMaxNrOfRetries(maxNrOfRetries);
}

/// <summary>When the pause begins at its least length again.</summary>
public interface IBackoffReset;

internal sealed record AutoReset(TimeSpan After) : IBackoffReset;

internal sealed record ManualReset : IBackoffReset;

/// <summary>The choices of a backoff supervisor. Each method gives changed options.</summary>
public abstract class BackoffOptions
{
    protected BackoffOptions() { }

    internal abstract Props Props { get; }

    /// <summary>The pause grows anew after the child has run so long; by default the least pause.</summary>
    public abstract BackoffOptions WithAutoReset(TimeSpan resetBackoff);

    /// <summary>The pause grows anew only when the child tells <see cref="BackoffSupervisor.Reset"/>.</summary>
    public abstract BackoffOptions WithManualReset();

    /// <summary>Decides about the child's failures; its number of retries is the supervisor's.</summary>
    public abstract BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy);

    /// <summary>Every failure stops the child, so that it starts again after a pause.</summary>
    public abstract BackoffOptions WithDefaultStoppingStrategy();

    /// <summary>The supervisor stops when the child has been started again so often; -1 for never.</summary>
    public abstract BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries);

    /// <summary>Answers what comes during a pause, instead of dead letters taking it.</summary>
    public abstract BackoffOptions WithReplyWhileStopped(object replyWhileStopped);

    /// <summary>When the child stops after such a message, the supervisor stops too.</summary>
    public abstract BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage);
}

internal sealed class BackoffChoices : BackoffOptions
{
    internal BackoffChoices(bool onFailure, Props childProps, string childName, TimeSpan min, TimeSpan max, double randomFactor)
    {
        if (min <= TimeSpan.Zero) throw new ArgumentException("MinBackoff must be greater than 0", nameof(min));
        if (max < min) throw new ArgumentException("MaxBackoff must be greater than MinBackoff", nameof(max));
        if (randomFactor is < 0 or > 1) throw new ArgumentException("RandomFactor must be between 0.0 and 1.0", nameof(randomFactor));
        (OnFailure, ChildProps, ChildName, Min, Max, RandomFactor) = (onFailure, childProps, childName, min, max, randomFactor);
        Reset = new AutoReset(min);
        Strategy = new OneForOneStrategy(SupervisorStrategy.DefaultDecider);
    }

    internal bool OnFailure { get; }

    internal Props ChildProps { get; }

    internal string ChildName { get; }

    internal TimeSpan Min { get; }

    internal TimeSpan Max { get; }

    internal double RandomFactor { get; }

    internal IBackoffReset Reset { get; private set; }

    internal SupervisorStrategy Strategy { get; private set; }

    internal object ReplyWhileStopped { get; private set; }

    internal Func<object, bool> FinalStopMessage { get; private set; }

    internal override Props Props => OnFailure ? Props.Create(() => new BackoffOnRestartSupervisor(this)) : Props.Create(() => new BackoffSupervisor(this));

    private BackoffChoices With(Action<BackoffChoices> change)
    {
        var copy = (BackoffChoices)MemberwiseClone();
        change(copy);
        return copy;
    }

    public override BackoffOptions WithAutoReset(TimeSpan resetBackoff) => With(c => c.Reset = new AutoReset(resetBackoff));

    public override BackoffOptions WithManualReset() => With(c => c.Reset = new ManualReset());

    public override BackoffOptions WithSupervisorStrategy(OneForOneStrategy supervisorStrategy) => With(c => c.Strategy = supervisorStrategy);

    internal BackoffChoices WithAnyStrategy(SupervisorStrategy strategy) => With(c => c.Strategy = strategy);

    public override BackoffOptions WithDefaultStoppingStrategy() =>
        With(c => c.Strategy = new OneForOneStrategy(c.Retries, -1, SupervisorStrategy.StoppingStrategy.Decider));

    public override BackoffOptions WithMaxNrOfRetries(int maxNrOfRetries) => With(c => c.Strategy = ((OneForOneStrategy)c.Strategy).WithMaxNrOfRetries(maxNrOfRetries));

    public override BackoffOptions WithReplyWhileStopped(object replyWhileStopped) => With(c => c.ReplyWhileStopped = replyWhileStopped);

    public override BackoffOptions WithFinalStopMessage(Func<object, bool> isFinalStopMessage) => With(c => c.FinalStopMessage = isFinalStopMessage);

    internal int Retries => Strategy is OneForOneStrategy strategy ? strategy.MaxNumberOfRetries : -1;
}
