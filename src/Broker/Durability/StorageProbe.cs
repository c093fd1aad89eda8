using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace Actors.Broker.Durability;

/// <summary>
/// While the storage is full, writes as much as last found no room, every second at most, until that succeeds, and deletes it again. So partitions need not try themselves,
/// which would cost each of them a start for every write that fails.
/// </summary>
internal sealed class StorageProbe : UntypedActor, IWithTimers
{
    private const int LeastBytes = 64 * 1024, MostBytes = 4 * 1024 * 1024;
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100), LongestPause = TimeSpan.FromSeconds(1);

    private readonly StorageRoom _room;
    private readonly string _persistenceId;
    private readonly ILoggingAdapter _log = Context.GetLogger();
    private IActorRef? _write;
    private TimeSpan _pause = FirstPause;
    private int _bytes = LeastBytes;

    public StorageProbe(StorageRoom room, int nodeId)
    {
        _room = room;
        _persistenceId = PersistenceIdPrefix + nodeId;
    }

    /// <summary>The node's id follows.</summary>
    public const string PersistenceIdPrefix = "storage-probe-";

    public ITimerScheduler Timers { get; set; } = null!;

    public static Props Props(StorageRoom room, int nodeId) => Akka.Actor.Props.Create(() => new StorageProbe(room, nodeId));

    protected override void OnReceive(object message)
    {
        switch (message)
        {
            case StorageFilled filled: Filled(filled.Bytes); break;
            case Try: _write ??= Context.Watch(Context.ActorOf(ProbeWrite.Props(_persistenceId, _bytes))); break;
            case RoomFound: Found(); break;
            case Terminated: Again(); break;
            default: Unhandled(message); break;
        }
    }

    private void Filled(int bytes)
    {
        // Room that was found before this message may be gone again.
        _room.IsFull = true;
        _bytes = Math.Clamp(bytes, LeastBytes, MostBytes);
        if (_write is not null || Timers.IsTimerActive("try"))
            return;
        _log.Error("the storage is full: records are refused with KAFKA_STORAGE_ERROR until there is room, what is there can be read");
        _pause = FirstPause;
        Timers.StartSingleTimer("try", Try.Instance, _pause);
    }

    private void Found()
    {
        _room.IsFull = false;
        _log.Warning("the storage has room again");
    }

    private void Again()
    {
        _write = null;
        if (!_room.IsFull)
            return;
        _pause = TimeSpan.FromMilliseconds(Math.Min(_pause.TotalMilliseconds * 2, LongestPause.TotalMilliseconds));
        Timers.StartSingleTimer("try", Try.Instance, _pause);
    }

    private sealed class Try
    {
        public static readonly Try Instance = new();
    }

    private sealed class RoomFound
    {
        public static readonly RoomFound Instance = new();
    }

    /// <summary>One write. It stops when what it wrote is deleted again, or when there was no room.</summary>
    private sealed class ProbeWrite(string persistenceId, int bytes) : UntypedPersistentActor
    {
        public override string PersistenceId => persistenceId;

        public override Recovery Recovery => Recovery.None;

        public static Props Props(string persistenceId, int bytes) => Akka.Actor.Props.Create(() => new ProbeWrite(persistenceId, bytes));

        protected override void OnRecover(object message)
        {
            if (message is RecoveryCompleted)
                Persist(new byte[bytes], _ =>
                {
                    DeleteMessages(LastSequenceNr);
                    Context.Parent.Tell(RoomFound.Instance, Self);
                });
        }

        protected override void OnCommand(object message)
        {
            if (message is DeleteMessagesSuccess or DeleteMessagesFailure)
                Context.Stop(Self);
        }

        protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) => Log.Debug("no room for {0} bytes yet: {1}", bytes, cause.Message);

        protected override void OnRecoveryFailure(Exception reason, object? message = null) => Log.Debug("the storage cannot be probed: {0}", reason.Message);
    }
}
