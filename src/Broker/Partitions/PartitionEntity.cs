using Actors.Machines;
using Akka.Actor;
using Akka.Pattern;

namespace Actors.Broker.Partitions;

/// <summary>
/// What stands for a partition on its node: runs its actor under a supervisor that starts it again with growing pauses, or deletes its events once its topic is
/// gone. It waits until this node's image knows the topic, for a partition's configuration and its purpose stand there.
/// </summary>
internal sealed class PartitionEntity : UntypedActor, IWithTimers
{
    private static readonly TimeSpan ImageCheck = TimeSpan.FromMilliseconds(10), ImageWithin = TimeSpan.FromSeconds(10), PurgeRetry = TimeSpan.FromSeconds(1);

    private readonly BrokerContext _broker;
    private readonly PartitionId _id;
    private IActorRef? _supervisor;
    private IActorRef? _purge;
    private IActorRef? _purgedFor;
    private long _waitsUntil;

    public PartitionEntity(BrokerContext broker, PartitionId id)
    {
        _broker = broker;
        _id = id;
    }

    public ITimerScheduler Timers { get; set; } = null!;

    private long Now => Context.System.Scheduler.Now.ToUnixTimeMilliseconds();

    public static Props Props(BrokerContext broker, PartitionId id) => Akka.Actor.Props.Create(() => new PartitionEntity(broker, id));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StartPartition: Start(); break;
            case ImageAwaited: AwaitImage(); break;
            case PurgePartition: Purge(); break;
            case PurgeAgain: DeleteEvents(); break;
            case PartitionPurgeDone: Purged(); break;
            case HandOff: End(); break;
            case Terminated terminated: Ended(terminated.ActorRef); break;
            default: Unhandled(message); break;
        }
    }

    private void Start()
    {
        if (_supervisor is not null || _purgedFor is not null || Timers.IsTimerActive("image"))
            return;
        _waitsUntil = Now + (long)ImageWithin.TotalMilliseconds;
        AwaitImage();
    }

    private void AwaitImage()
    {
        if (_broker.Metadata.Current.Find(_id.TopicId) is not null)
        {
            var backoff = Backoff.OnStop(PartitionActor.Props(_broker, _id), "partition", TimeSpan.FromMilliseconds(50), TimeSpan.FromSeconds(1), 0)
                .WithFinalStopMessage(message => message is HandOff).WithDefaultStoppingStrategy();
            _supervisor = Context.Watch(Context.ActorOf(BackoffSupervisor.Props(backoff), "supervisor"));
        }
        else if (Now < _waitsUntil)
            Timers.StartSingleTimer("image", ImageAwaited.Instance, ImageCheck);
        else
            Context.Stop(Self);
    }

    private void Purge()
    {
        _purgedFor = Sender;
        Timers.Cancel("image");
        if (_supervisor is { } running)
            Context.Stop(running);
        else if (_purge is null)
            DeleteEvents();
    }

    private void DeleteEvents() => _purge ??= Context.Watch(Context.ActorOf(PartitionPurge.Props(_id)));

    private void Purged()
    {
        _purgedFor!.Tell(new PartitionPurged(_id), Self);
        Context.Stop(Self);
    }

    private void End()
    {
        if (_supervisor is { } running && _purgedFor is null)
            running.Tell(HandOff.Instance, Self);
        else
            Context.Stop(Self);
    }

    /// <summary>The partition stopped for good, or so that its events may go; or a purge stopped without having finished, and is tried again.</summary>
    private void Ended(IActorRef actor)
    {
        if (actor.Equals(_supervisor))
        {
            _supervisor = null;
            if (_purgedFor is null)
                Context.Stop(Self);
            else
                DeleteEvents();
        }
        else if (actor.Equals(_purge))
        {
            _purge = null;
            Timers.StartSingleTimer("purge", PurgeAgain.Instance, PurgeRetry);
        }
    }

    private sealed class ImageAwaited
    {
        public static readonly ImageAwaited Instance = new();
    }

    private sealed class PurgeAgain
    {
        public static readonly PurgeAgain Instance = new();
    }
}
