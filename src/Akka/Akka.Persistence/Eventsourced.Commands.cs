using Akka.Actor;

namespace Akka.Persistence;

public abstract partial class Eventsourced
{
    protected internal override bool AroundReceive(Receive receive, object message)
    {
        switch (_state)
        {
            case State.ProcessingCommands:
                if (!ReceivedFromJournal(message)) ProcessCommand(receive, message);
                break;
            case State.PersistingEvents:
                if (!ReceivedFromJournal(message)) _internalStash.Stash();
                break;
            case State.Replaying:
                Replaying(message);
                break;
            case State.LoadingSnapshot:
                LoadingSnapshot(message);
                break;
            default:
                AwaitingPermit(message);
                break;
        }
        return true;
    }

    private void ProcessCommand(Receive receive, object message)
    {
        try
        {
            base.AroundReceive(receive, message);
        }
        catch
        {
            AfterCommand(failed: true);
            throw;
        }
        AfterCommand(failed: false);
    }

    private void AfterCommand(bool failed)
    {
        if (_eventBatch.Count > 0) FlushBatch();
        if (_pendingStashingInvocations > 0) _state = State.PersistingEvents;
        else if (failed) _internalStash.UnstashAll();
        // One at a time: what arrives while it is handled stays behind the rest of the stash.
        else _internalStash.Unstash();
    }

    private bool ReceivedFromJournal(object message)
    {
        switch (message)
        {
            case WriteMessageSuccess success:
                if (success.ActorInstanceId == _instanceId)
                {
                    if (success.Persistent.SequenceNr > LastSequenceNr) LastSequenceNr = success.Persistent.SequenceNr;
                    InvokeFirstPending();
                }
                return true;
            case LoopMessageSuccess loop:
                if (loop.ActorInstanceId == _instanceId) InvokeFirstPending();
                return true;
            case WriteMessagesSuccessful successful:
                if (successful.ActorInstanceId != _instanceId) return true;
                _writeInFlight = false;
                FlushJournalBatch();
                return true;
            case WriteMessagesFailed failed:
                // The first WriteMessageFailure stops the actor; until then no further write may leave.
                if (failed.ActorInstanceId == _instanceId) _writeFailed = true;
                return true;
            case WriteMessageFailure failure:
                if (failure.ActorInstanceId == _instanceId) WriteFailed(failure);
                return true;
            case WriteMessageRejected rejected:
                if (rejected.ActorInstanceId == _instanceId) WriteRejected(rejected);
                return true;
            case RecoveryTick or RecoveryPermitter.RecoveryPermitGranted:
                return true;
            default:
                return false;
        }
    }

    private void InvokeFirstPending()
    {
        try
        {
            _pendingInvocations.First!.Value.Invoke();
        }
        catch
        {
            FirstPendingDone(failed: true);
            throw;
        }
        FirstPendingDone(failed: false);
    }

    private void FirstPendingDone(bool failed)
    {
        var stashing = _pendingInvocations.First!.Value.Stashing;
        _pendingInvocations.RemoveFirst();
        if (stashing) _pendingStashingInvocations--;
        if (_eventBatch.Count > 0) FlushBatch();
        if (_pendingStashingInvocations > 0)
        {
            _state = State.PersistingEvents;
            return;
        }
        _state = State.ProcessingCommands;
        if (failed) _internalStash.UnstashAll();
        else _internalStash.Unstash();
    }

    private void WriteFailed(WriteMessageFailure failure)
    {
        _writeFailed = true;
        try
        {
            OnPersistFailure(failure.Cause, failure.Persistent.Payload, failure.Persistent.SequenceNr);
        }
        finally
        {
            Context.Stop(Self);
        }
    }

    private void WriteRejected(WriteMessageRejected rejected)
    {
        if (rejected.Persistent.SequenceNr > LastSequenceNr) LastSequenceNr = rejected.Persistent.SequenceNr;
        try
        {
            OnPersistRejected(rejected.Cause, rejected.Persistent.Payload, rejected.Persistent.SequenceNr);
        }
        finally
        {
            FirstPendingDone(failed: false);
        }
    }

    private void FlushBatch()
    {
        _journalBatch.AddRange(_eventBatch);
        _eventBatch.Clear();
        FlushJournalBatch();
    }

    private void FlushJournalBatch()
    {
        if (_writeInFlight || _writeFailed || _journalBatch.Count == 0) return;
        Journal.Tell(new WriteMessages(_journalBatch, Self, _instanceId));
        _journalBatch = [];
        _writeInFlight = true;
    }
}
