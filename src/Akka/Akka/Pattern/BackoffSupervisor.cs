using Akka.Actor;
using Akka.Event;

namespace Akka.Pattern;

/// <summary>
/// Runs one child and starts it again when it stops, after a pause that doubles from its least to its greatest length. What comes for the child is forwarded while it runs,
/// and goes to dead letters while it does not. What the child tells its parent goes on to the supervisor's parent.
/// </summary>
public sealed class BackoffSupervisor : UntypedActor
{
    private readonly Props _childProps;
    private readonly string _childName;
    private readonly BackoffTimes _times;
    private IActorRef _child;
    private int _restarts;

    internal BackoffSupervisor(Props childProps, string childName, BackoffTimes times)
    {
        _childProps = childProps;
        _childName = childName;
        _times = times;
    }

    /// <summary>The props of a supervisor of these options.</summary>
    public static Props Props(BackoffOptions options) => options.Props;

    protected override void PreStart() => StartChildNow();

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartChild: StartChildNow(); break;
            case ResetRestartCount reset:
                if (reset.Current == _restarts)
                    _restarts = 0;
                break;
            case GetCurrentChild: Sender.Tell(new CurrentChild(_child ?? ActorRefs.Nobody), Self); break;
            case Terminated terminated when terminated.ActorRef.Equals(_child): ChildStopped(); break;
            case var fromChild when _child is not null && Sender.Equals(_child): Context.Parent.Forward(fromChild); break;
            case var forChild when _child is not null: _child.Forward(forChild); break;
            default: Context.System.DeadLetters.Forward(message); break;
        }
    }

    private void StartChildNow()
    {
        if (_child is not null)
            return;
        _child = Context.Watch(Context.ActorOf(_childProps, _childName));
        Context.System.Scheduler.ScheduleTellOnce(_times.Reset, Self, new ResetRestartCount(_restarts), Self);
    }

    private void ChildStopped()
    {
        _child = null;
        var pause = Math.Min(_times.Max.TotalMilliseconds, _times.Min.TotalMilliseconds * Math.Pow(2, Math.Min(_restarts, 30)));
        pause *= 1 + Random.Shared.NextDouble() * _times.RandomFactor;
        _restarts++;
        Context.System.Scheduler.ScheduleTellOnce(TimeSpan.FromMilliseconds(pause), Self, StartChild.Instance, Self);
    }

    /// <summary>Asks for the child; answered by <see cref="CurrentChild"/>.</summary>
    public sealed class GetCurrentChild
    {
        public static readonly GetCurrentChild Instance = new();

        private GetCurrentChild()
        {
        }
    }

    /// <summary>The child, or Nobody during a pause.</summary>
    public sealed class CurrentChild(IActorRef @ref)
    {
        public IActorRef Ref { get; } = @ref;
    }

    /// <summary>The pause is over.</summary>
    public sealed class StartChild : IDeadLetterSuppression
    {
        public static readonly StartChild Instance = new();

        private StartChild()
        {
        }
    }

    /// <summary>The child has run long enough.</summary>
    public sealed class ResetRestartCount(int current) : IDeadLetterSuppression
    {
        public int Current { get; } = current;
    }
}
