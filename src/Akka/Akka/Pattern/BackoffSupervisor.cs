using Akka.Actor;
using Akka.Actor.Internal;
using Akka.Event;

namespace Akka.Pattern;

/// <summary>
/// Runs one child. What comes for it is forwarded while it runs; what it tells its parent goes on to the supervisor's parent.
/// </summary>
public abstract class BackoffSupervisorBase : ActorBase
{
    private readonly BackoffChoices _choices;

    internal BackoffSupervisorBase(BackoffChoices choices)
    {
        _choices = choices;
        Reset = choices.Reset;
    }

    protected Props ChildProps => _choices.ChildProps;

    protected string ChildName => _choices.ChildName;

    protected IBackoffReset Reset { get; }

    protected object ReplyWhileStopped => _choices.ReplyWhileStopped;

    protected Func<object, bool> FinalStopMessage => _choices.FinalStopMessage;

    /// <summary>Null during a pause.</summary>
    protected IActorRef Child { get; set; }

    protected int RestartCountN { get; set; }

    protected bool FinalStopMessageReceived { get; private set; }

    internal BackoffChoices Choices => _choices;

    protected override void PreStart()
    {
        StartChild();
        base.PreStart();
    }

    private void StartChild() => Child ??= Context.Watch(Context.ActorOf(ChildProps, ChildName));

    /// <summary>Starts the child after the next pause; false if it has been started too often.</summary>
    internal bool StartChildLater()
    {
        if (_choices.Retries >= 0 && RestartCountN + 1 > _choices.Retries) return false;
        Child = null;
        var pause = BackoffSupervisor.CalculateDelay(RestartCountN, _choices.Min, _choices.Max, _choices.RandomFactor, ((ActorSystemImpl)Context.System).NextRandom());
        Context.System.Scheduler.ScheduleTellOnce(pause, Self, BackoffSupervisor.StartChild.Instance, Self);
        RestartCountN++;
        return true;
    }

    protected bool HandleBackoff(object message)
    {
        switch (message)
        {
            case BackoffSupervisor.StartChild:
                StartChild();
                if (Reset is AutoReset auto) Context.System.Scheduler.ScheduleTellOnce(auto.After, Self, new BackoffSupervisor.ResetRestartCount(RestartCountN), Self);
                return true;
            case BackoffSupervisor.Reset when Reset is ManualReset: RestartCountN = 0; return true;
            case BackoffSupervisor.Reset: Unhandled(message); return true;
            case BackoffSupervisor.ResetRestartCount reset:
                if (reset.Current == RestartCountN) RestartCountN = 0;
                return true;
            case BackoffSupervisor.GetRestartCount: Sender.Tell(new BackoffSupervisor.RestartCount(RestartCountN), Self); return true;
            case BackoffSupervisor.GetCurrentChild: Sender.Tell(new BackoffSupervisor.CurrentChild(Child), Self); return true;
        }
        if (Child is not null && Child.Equals(Sender)) Context.Parent.Forward(message);
        else if (Child is not null) ForwardToChild(message);
        else if (FinalStopMessage?.Invoke(message) == true) Context.Stop(Self);
        else if (ReplyWhileStopped is not null) Sender.Tell(ReplyWhileStopped, Self);
        else Context.System.DeadLetters.Forward(message);
        return true;
    }

    private void ForwardToChild(object message)
    {
        Child.Forward(message);
        FinalStopMessageReceived |= FinalStopMessage?.Invoke(message) == true;
    }
}

/// <summary>
/// Starts its child again when it has stopped, after a pause that doubles from its least to its greatest length and is
/// stretched at random by at most the random factor.
/// </summary>
public class BackoffSupervisor : BackoffSupervisorBase
{
    internal BackoffSupervisor(BackoffChoices choices) : base(choices) { }

    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor) =>
        Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor).Props;

    public static Props Props(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, int maxNrOfRetries) =>
        Backoff.OnStop(childProps, childName, minBackoff, maxBackoff, randomFactor, maxNrOfRetries).Props;

    /// <summary>The props of a supervisor of these options.</summary>
    public static Props Props(BackoffOptions options) => options.Props;

    public static Props PropsWithSupervisorStrategy(Props childProps, string childName, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, SupervisorStrategy strategy) =>
        new BackoffChoices(onFailure: false, childProps, childName, minBackoff, maxBackoff, randomFactor).WithAnyStrategy(strategy).Props;

    protected override SupervisorStrategy SupervisorStrategy() => Choices.Strategy;

    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated || !terminated.ActorRef.Equals(Child)) return HandleBackoff(message);
        if (FinalStopMessageReceived || !StartChildLater()) Context.Stop(Self);
        return true;
    }

    internal static TimeSpan CalculateDelay(int restartCount, TimeSpan minBackoff, TimeSpan maxBackoff, double randomFactor, double random)
    {
        // From the thirtieth doubling on no pause that makes sense is below the greatest one.
        var ticks = restartCount >= 30 ? maxBackoff.Ticks : Math.Min(maxBackoff.Ticks, minBackoff.Ticks * Math.Pow(2, restartCount));
        return TimeSpan.FromTicks((long)Math.Min(ticks * (1 + random * randomFactor), TimeSpan.MaxValue.Ticks));
    }

    /// <summary>Asks for the child; answered by <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        public static readonly GetCurrentChild Instance = new();

        private GetCurrentChild() { }
    }

    /// <summary>The child; null during a pause.</summary>
    public sealed class CurrentChild(IActorRef @ref)
    {
        public IActorRef Ref { get; } = @ref;
    }

    /// <summary>Lets the pause begin at its least length again; only with manual reset.</summary>
    public new sealed class Reset
    {
        public static readonly Reset Instance = new();

        private Reset() { }
    }

    /// <summary>Asks how often the child was started again; answered by <see cref="RestartCount"/>.</summary>
    public sealed class GetRestartCount
    {
        public static readonly GetRestartCount Instance = new();

        private GetRestartCount() { }
    }

    /// <summary>How often the child was started again since the last reset.</summary>
    public sealed class RestartCount(int count)
    {
        public int Count { get; } = count;
    }

    /// <summary>The pause is over.</summary>
    public sealed class StartChild : IDeadLetterSuppression
    {
        public static readonly StartChild Instance = new();

        private StartChild() { }
    }

    /// <summary>The child has run long enough.</summary>
    public sealed class ResetRestartCount(int current) : IDeadLetterSuppression
    {
        public int Current { get; } = current;
    }
}

/// <summary>Stops a child whose failure asks for a restart, and starts it after the pause.</summary>
internal sealed class BackoffOnRestartSupervisor(BackoffChoices choices) : BackoffSupervisorBase(choices)
{
    private bool _startAgain;

    protected override SupervisorStrategy SupervisorStrategy() => new OneForOneStrategy(
        cause =>
        {
            var directive = Choices.Strategy.Decider.Decide(cause);
            if (directive != Directive.Restart) return directive;
            _startAgain = true;
            return Directive.Stop;
        });

    protected override bool Receive(object message)
    {
        if (message is not Terminated terminated || !terminated.ActorRef.Equals(Child)) return HandleBackoff(message);
        var again = _startAgain && !FinalStopMessageReceived;
        _startAgain = false;
        if (!again || !StartChildLater()) Context.Stop(Self);
        return true;
    }
}
