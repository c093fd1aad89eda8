using System.Collections.Immutable;
using Akka.Actor;
using Akka.Dispatch;
using Akka.Event;

namespace Akka.Persistence;

/// <summary>What names a persistent actor and its plugins.</summary>
public interface IPersistentIdentity
{
    string PersistenceId { get; }

    /// <summary>Configuration path of the journal; empty for the default one.</summary>
    string JournalPluginId { get; }

    /// <summary>Configuration path of the snapshot store; empty for the default one.</summary>
    string SnapshotPluginId { get; }
}

/// <summary>How a persistent actor recovers.</summary>
public interface IPersistenceRecovery
{
    Recovery Recovery { get; }
}

/// <summary>What a persistent actor does with snapshots.</summary>
public interface ISnapshotter
{
    string SnapshotterId { get; }

    long SnapshotSequenceNr { get; }

    void LoadSnapshot(string persistenceId, SnapshotSelectionCriteria criteria, long toSequenceNr);

    void SaveSnapshot(object snapshot);

    void DeleteSnapshot(long sequenceNr);

    void DeleteSnapshots(SnapshotSelectionCriteria criteria);
}

/// <summary>
/// The heart of every persistent actor: it recovers from snapshot and events, then takes commands and persists events.
/// One <see cref="WriteMessages"/> is in flight; what is persisted meanwhile gathers for the next. A failed write stops the
/// actor, and nothing of that incarnation is sent afterwards.
/// </summary>
public abstract partial class Eventsourced
    : ActorBase, IPersistentIdentity, IPersistenceRecovery, ISnapshotter, IWithUnboundedStash
{
    /// <summary>Keeps the journal's own messages from being put back when a restarting actor unstashes.</summary>
    public static readonly Func<Envelope, bool> UnstashFilterPredicate =
        envelope => envelope.Message is not (WriteMessageSuccess or ReplayedMessage);

    private static int _instances;

    private readonly int _instanceId = Interlocked.Increment(ref _instances);
    private readonly string _writerGuid = Guid.NewGuid().ToString();
    private readonly IStash _internalStash;
    private readonly LinkedList<PendingInvocation> _pendingInvocations = new();
    private readonly List<IPersistentEnvelope> _eventBatch = [];
    private List<IPersistentEnvelope> _journalBatch = [];
    private IActorRef? _journal;
    private IActorRef? _snapshotStore;
    private ILoggingAdapter? _log;
    private long _sequenceNr;
    private int _pendingStashingInvocations;
    private bool _writeInFlight;
    private bool _writeFailed;

    protected Eventsourced()
    {
        Extension = Persistence.Instance.Apply(Context.System);
        _internalStash = Context.CreateStash(GetType());
    }

    protected PersistenceExtension Extension { get; }

    protected virtual ILoggingAdapter Log => _log ??= Context.GetLogger();

    public IStash Stash { get; set; } = null!;

    public abstract string PersistenceId { get; }

    public string JournalPluginId { get; protected set; } = string.Empty;

    public string SnapshotPluginId { get; protected set; } = string.Empty;

    public IActorRef Journal => _journal ??= Extension.JournalFor(JournalPluginId);

    public IActorRef SnapshotStore => _snapshotStore ??= Extension.SnapshotStoreFor(SnapshotPluginId);

    public string SnapshotterId => PersistenceId;

    public virtual Recovery Recovery => Recovery.Default;

    /// <summary>Sequence number of the event that was recovered or stored last; in a handler, that of its event.</summary>
    public long LastSequenceNr { get; private set; }

    /// <summary>Sequence number a snapshot saved now would have.</summary>
    public long SnapshotSequenceNr => LastSequenceNr;

    public bool IsRecovering { get; private set; } = true;

    public bool IsRecoveryFinished => !IsRecovering;

    protected abstract bool ReceiveRecover(object message);

    protected abstract bool ReceiveCommand(object message);

    /// <summary>Stores the event and then calls the handler; commands wait until then.</summary>
    public void Persist<TEvent>(TEvent @event, Action<TEvent> handler)
    {
        RefuseWhileRecovering();
        Add(@event, handler, stashing: true);
        _eventBatch.Add(new AtomicWrite(Representation(@event)));
    }

    /// <summary>Stores the events as one unit and calls the handler for each; commands wait until then.</summary>
    public void PersistAll<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler) => PersistTogether(events, handler, stashing: true);

    /// <summary>Stores the event and then calls the handler; commands go on meanwhile.</summary>
    public void PersistAsync<TEvent>(TEvent @event, Action<TEvent> handler)
    {
        RefuseWhileRecovering();
        Add(@event, handler, stashing: false);
        _eventBatch.Add(new AtomicWrite(Representation(@event)));
    }

    /// <summary>Stores the events as one unit and calls the handler for each; commands go on meanwhile.</summary>
    public void PersistAllAsync<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler) => PersistTogether(events, handler, stashing: false);

    /// <summary>Calls the handler once everything persisted before is stored; the event itself is not stored.</summary>
    public void DeferAsync<TEvent>(TEvent evt, Action<TEvent> handler)
    {
        RefuseWhileRecovering();
        if (_pendingInvocations.Count == 0)
        {
            handler(evt);
            return;
        }
        Add(evt, handler, stashing: false);
        _eventBatch.Add(new NonPersistentMessage(evt!, Sender));
    }

    /// <summary>Deletes the events up to and including the sequence number; answered by DeleteMessagesSuccess or DeleteMessagesFailure.</summary>
    public void DeleteMessages(long toSequenceNr)
    {
        if (toSequenceNr == long.MaxValue || toSequenceNr <= LastSequenceNr) Journal.Tell(new DeleteMessagesTo(PersistenceId, toSequenceNr, Self));
        else Self.Tell(new DeleteMessagesFailure(new InvalidOperationException($"toSequenceNr [{toSequenceNr}] must be less than or equal to LastSequenceNr [{LastSequenceNr}]"), toSequenceNr));
    }

    public void LoadSnapshot(string persistenceId, SnapshotSelectionCriteria criteria, long toSequenceNr) =>
        SnapshotStore.Tell(new LoadSnapshot(persistenceId, criteria, toSequenceNr));

    public void SaveSnapshot(object snapshot) =>
        SnapshotStore.Tell(new SaveSnapshot(new SnapshotMetadata(SnapshotterId, SnapshotSequenceNr), snapshot));

    public void DeleteSnapshot(long sequenceNr) =>
        SnapshotStore.Tell(new DeleteSnapshot(new SnapshotMetadata(SnapshotterId, sequenceNr)));

    public void DeleteSnapshots(SnapshotSelectionCriteria criteria) =>
        SnapshotStore.Tell(new DeleteSnapshots(SnapshotterId, criteria));

    /// <summary>Called when a write failed; the actor stops afterwards, for it cannot know what was stored.</summary>
    protected virtual void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Log.Error(cause, "Failed to persist event type [{0}] with sequence number [{1}] for persistenceId [{2}].", @event.GetType(), sequenceNr, PersistenceId);

    /// <summary>Called when an event was refused before it was stored; the actor goes on unless it is stopped here.</summary>
    protected virtual void OnPersistRejected(Exception cause, object @event, long sequenceNr) =>
        Log.Warning("Rejected to persist event type [{0}] with sequence number [{1}] for persistenceId [{2}] due to [{3}].", @event.GetType(), sequenceNr, PersistenceId, cause.Message);

    /// <summary>Called when a recovery failed; the actor stops afterwards.</summary>
    protected virtual void OnRecoveryFailure(Exception reason, object? message = null) =>
        Log.Error(reason, "Exception in {0} when replaying events for persistenceId [{1}], last known sequence number [{2}].", message is null ? "ReceiveRecover" : message.GetType().Name, PersistenceId, LastSequenceNr);

    /// <summary>Called between the last replayed event and <see cref="RecoveryCompleted"/>.</summary>
    protected virtual void OnReplaySuccess()
    {
    }

    protected override void Unhandled(object message)
    {
        switch (message)
        {
            // It comes with every recovery, and an actor need not care.
            case RecoveryCompleted:
                return;
            case SaveSnapshotFailure failure:
                Log.Warning("Failed to save a snapshot of [{0}] at [{1}]: {2}", PersistenceId, failure.Metadata.SequenceNr, failure.Cause.Message);
                break;
            case DeleteSnapshotFailure failure:
                Log.Warning("Failed to delete the snapshot of [{0}] at [{1}]: {2}", PersistenceId, failure.Metadata.SequenceNr, failure.Cause.Message);
                break;
            case DeleteSnapshotsFailure failure:
                Log.Warning("Failed to delete snapshots of [{0}] with [{1}]: {2}", PersistenceId, failure.Criteria, failure.Cause.Message);
                break;
            case DeleteMessagesFailure failure:
                Log.Warning("Failed to delete messages of [{0}] to [{1}]: {2}", PersistenceId, failure.ToSequenceNr, failure.Cause.Message);
                break;
        }
        base.Unhandled(message);
    }

    private void PersistTogether<TEvent>(IEnumerable<TEvent> events, Action<TEvent> handler, bool stashing)
    {
        RefuseWhileRecovering();
        var representations = ImmutableArray.CreateBuilder<IPersistentRepresentation>();
        foreach (var @event in events)
        {
            Add(@event, handler, stashing);
            representations.Add(Representation(@event));
        }
        if (representations.Count > 0) _eventBatch.Add(new AtomicWrite(representations.DrainToImmutable()));
    }

    private Persistent Representation<TEvent>(TEvent @event) =>
        new(@event!, ++_sequenceNr, PersistenceId, writerGuid: _writerGuid, sender: Sender);

    private void Add<TEvent>(TEvent @event, Action<TEvent> handler, bool stashing)
    {
        if (stashing) _pendingStashingInvocations++;
        _pendingInvocations.AddLast(new PendingInvocation<TEvent>(@event, handler, stashing));
    }

    private void RefuseWhileRecovering()
    {
        if (IsRecovering) throw new InvalidOperationException("Cannot persist during replay. Events can be persisted when receiving RecoveryCompleted or later.");
    }

    private abstract class PendingInvocation(bool stashing)
    {
        public bool Stashing { get; } = stashing;

        public abstract void Invoke();
    }

    private sealed class PendingInvocation<TEvent>(TEvent @event, Action<TEvent> handler, bool stashing) : PendingInvocation(stashing)
    {
        public override void Invoke() => handler(@event);
    }
}
