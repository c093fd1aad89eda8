using Akka.Actor;

namespace Akka.Persistence;

public abstract partial class Eventsourced
{
    private State _state;
    private bool _eventSeenInInterval;
    private ICancelable? _recoveryTicks;
    private Receive? _recoveryBehavior;

    private enum State
    {
        AwaitingPermit,
        LoadingSnapshot,
        Replaying,
        ProcessingCommands,
        PersistingEvents,
    }

    public override void AroundPreStart()
    {
        if (string.IsNullOrEmpty(PersistenceId))
            throw new ArgumentException($"PersistenceId is [null] or empty for PersistentActor [{Self.Path}].");
        // A missing plugin is to fail here, not at the first write.
        _ = Journal;
        _ = SnapshotStore;
        RequestPermit();
        base.AroundPreStart();
    }

    public override void AroundPreRestart(Exception cause, object message)
    {
        try
        {
            _internalStash.UnstashAll();
            Stash?.UnstashAll(UnstashFilterPredicate);
        }
        finally
        {
            FlushJournalBatch();
            _recoveryTicks?.Cancel();
            if (IsRecovering) ReturnPermit();
            base.AroundPreRestart(cause, message is WriteMessageSuccess success ? success.Persistent.Payload : message);
        }
    }

    public override void AroundPostRestart(Exception reason, object message)
    {
        RequestPermit();
        base.AroundPostRestart(reason, message);
    }

    public override void AroundPostStop()
    {
        try
        {
            _recoveryTicks?.Cancel();
            _internalStash.UnstashAll();
            Stash?.UnstashAll(UnstashFilterPredicate);
        }
        finally
        {
            base.AroundPostStop();
        }
    }

    private void RequestPermit()
    {
        _state = State.AwaitingPermit;
        Extension.RecoveryPermitter.Tell(RecoveryPermitter.RequestRecoveryPermit.Instance, Self);
    }

    private void ReturnPermit() => Extension.RecoveryPermitter.Tell(RecoveryPermitter.ReturnRecoveryPermit.Instance, Self);

    private void AwaitingPermit(object message)
    {
        if (message is not RecoveryPermitter.RecoveryPermitGranted)
        {
            StashCommand(message);
            return;
        }
        _state = State.LoadingSnapshot;
        _recoveryBehavior = ReceiveWhileRecovering;
        var recovery = Recovery;
        var timeout = Extension.ConfigFor(Journal).GetTimeSpan("recovery-event-timeout", TimeSpan.FromSeconds(30));
        _recoveryTicks = Context.System.Scheduler.ScheduleTellOnceCancelable(timeout, Self, new RecoveryTick(_instanceId, snapshot: true), Self);
        LoadSnapshot(SnapshotterId, recovery.FromSnapshot, recovery.ToSequenceNr);
    }

    private void LoadingSnapshot(object message)
    {
        switch (message)
        {
            case LoadSnapshotResult result:
                _recoveryTicks?.Cancel();
                Offer(result.Snapshot);
                StartReplay(result.ToSequenceNr);
                break;
            case LoadSnapshotFailed failed:
                FailRecovery(failed.Cause);
                break;
            case RecoveryTick tick:
                if (tick.InstanceId == _instanceId && tick.Snapshot)
                    FailRecovery(new RecoveryTimedOutException($"Recovery timed out, didn't get snapshot of [{PersistenceId}] in time."));
                break;
            default:
                StashCommand(message);
                break;
        }
    }

    private void Offer(SelectedSnapshot? snapshot)
    {
        if (snapshot is null) return;
        var before = LastSequenceNr;
        LastSequenceNr = snapshot.Metadata.SequenceNr;
        var offer = new SnapshotOffer(snapshot.Metadata, snapshot.Snapshot);
        // Refused: the actor then recovers from all of its events.
        if (ReceiveRecover(offer)) return;
        LastSequenceNr = before;
        Unhandled(offer);
    }

    private void StartReplay(long toSequenceNr)
    {
        _state = State.Replaying;
        var timeout = Extension.ConfigFor(Journal).GetTimeSpan("recovery-event-timeout", TimeSpan.FromSeconds(30));
        _recoveryTicks = Context.System.Scheduler.ScheduleTellRepeatedlyCancelable(timeout, timeout, Self, new RecoveryTick(_instanceId, snapshot: false), Self);
        Journal.Tell(new ReplayMessages(LastSequenceNr + 1, toSequenceNr, Recovery.ReplayMax, PersistenceId, Self));
    }

    private void Replaying(object message)
    {
        switch (message)
        {
            case ReplayedMessage replayed:
                Replay(replayed.Persistent);
                break;
            case RecoverySuccess success:
                CompleteRecovery(success.HighestSequenceNr);
                break;
            case ReplayMessagesFailure failure:
                FailRecovery(failure.Cause);
                break;
            case RecoveryTick tick:
                if (tick.InstanceId != _instanceId || tick.Snapshot) break;
                if (!_eventSeenInInterval)
                    FailRecovery(new RecoveryTimedOutException($"Recovery timed out, didn't get event of [{PersistenceId}] in time, highest sequence number seen [{LastSequenceNr}]."));
                _eventSeenInInterval = false;
                break;
            default:
                StashCommand(message);
                break;
        }
    }

    private void Replay(IPersistentRepresentation persistent)
    {
        _eventSeenInInterval = true;
        try
        {
            if (persistent.SequenceNr > LastSequenceNr) LastSequenceNr = persistent.SequenceNr;
            base.AroundReceive(_recoveryBehavior!, persistent);
        }
        catch (Exception cause)
        {
            FailRecovery(cause, persistent.Payload);
        }
    }

    private void CompleteRecovery(long highestSequenceNr)
    {
        _recoveryTicks?.Cancel();
        OnReplaySuccess();
        LastSequenceNr = _sequenceNr = Math.Max(highestSequenceNr, LastSequenceNr);
        IsRecovering = false;
        try
        {
            base.AroundReceive(_recoveryBehavior!, RecoveryCompleted.Instance);
        }
        finally
        {
            ReturnPermit();
            FlushBatch();
            _state = _pendingStashingInvocations > 0 ? State.PersistingEvents : State.ProcessingCommands;
            if (_state == State.ProcessingCommands) _internalStash.UnstashAll();
        }
    }

    private void FailRecovery(Exception cause, object? message = null)
    {
        _recoveryTicks?.Cancel();
        try
        {
            OnRecoveryFailure(cause, message);
        }
        finally
        {
            Context.Stop(Self);
            ReturnPermit();
        }
    }

    private void StashCommand(object message)
    {
        // Answers to writes of the incarnation before this one; nobody waits for them.
        if (message is WriteMessagesSuccessful or WriteMessagesFailed or WriteMessageSuccess or WriteMessageFailure or WriteMessageRejected or LoopMessageSuccess) return;
        _internalStash.Stash();
    }

    private bool ReceiveWhileRecovering(object message) => ReceiveRecover(message is IPersistentRepresentation persistent ? persistent.Payload : message);
}
