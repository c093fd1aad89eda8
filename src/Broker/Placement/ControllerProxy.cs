using Actors.Broker.Network;
using Actors.Broker.Topics;
using Actors.Machines;
using Akka.Actor;

namespace Actors.Broker.Placement;

/// <summary>
/// Stands on every node for the topics actor, the cluster's or its own. What it has sent and is not answered is sent again to each new incarnation, so that a controller's death costs
/// its clients time and no error; what may be done twice every second, for a link between nodes may have been cut.
/// </summary>
internal sealed class ControllerProxy : UntypedActor, IWithTimers
{
    private readonly BrokerContext _broker;
    private readonly IActorRef _singleton;
    private readonly Dictionary<long, Pending> _pending = [];
    private readonly Action<TopicsImage, TopicsImage, IMachineEvent?> _topicsChanged;
    private long _lastToken;

    public ControllerProxy(BrokerContext broker, IActorRef singleton)
    {
        _broker = broker;
        _singleton = singleton;
        var self = Self;
        _topicsChanged = (before, after, _) =>
        {
            if (before.Epoch != after.Epoch)
                self.Tell(ControllerChanged.Instance, ActorRefs.NoSender);
        };
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Now => Context.System.Scheduler.Now.ToUnixTimeMilliseconds();

    public static Props Props(BrokerContext broker, IActorRef singleton) => Akka.Actor.Props.Create(() => new ControllerProxy(broker, singleton));

    protected override void PreStart()
    {
        _broker.Metadata.TopicsChanged += _topicsChanged;
        Timers.StartPeriodicTimer("tick", Tick.Instance, TimeSpan.FromSeconds(1));
    }

    protected override void PostStop() => _broker.Metadata.TopicsChanged -= _topicsChanged;

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case IControllerRequest request:
                var sent = request.With(++_lastToken);
                _pending.Add(_lastToken, new Pending(Sender, request.Token, sent, Now + (long)_broker.Settings.RequestTimeout.TotalMilliseconds));
                _singleton.Tell(sent, Self);
                break;
            case IControllerAnswer answer:
                if (_pending.Remove(answer.Token, out var asked))
                    asked.Asker.Tell(answer.With(asked.Token), Self);
                break;
            case ControllerChanged:
                foreach (var pending in _pending.Values)
                    _singleton.Tell(pending.Request, Self);
                break;
            case Tick:
                var now = Now;
                foreach (var late in _pending.Where(each => each.Value.Deadline < now).Select(each => each.Key).ToList())
                    _pending.Remove(late);
                // Lost on the way, perhaps: those that may be done twice are asked again. A topic created twice would exist already.
                foreach (var pending in _pending.Values.Where(each => each.Request is TakeProducerId or CreateMissingTopics))
                    _singleton.Tell(pending.Request, Self);
                break;
            default: Unhandled(message); break;
        }
    }

    private sealed record Pending(IActorRef Asker, long Token, object Request, long Deadline);

    private sealed class ControllerChanged
    {
        public static readonly ControllerChanged Instance = new();
    }

    private sealed class Tick
    {
        public static readonly Tick Instance = new();
    }
}
