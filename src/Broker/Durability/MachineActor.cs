using Actors.Broker.Network;
using Actors.Machines;
using Actors.Ownership;
using Akka.Actor;
using Akka.Event;
using Akka.Persistence;

namespace Actors.Broker.Durability;

/// <summary>
/// The thin actor around a machine: applies its events at once, writes those of one decision as one atomic unit, and lets no reply leave before everything
/// applied up to then is durable, nor while the node's lease does not hold. After a failed or rejected write it stops; its supervisor starts it again and it recovers from the journal.
/// </summary>
internal abstract class MachineActor : UntypedPersistentActor, IWithTimers
{
    private readonly Queue<HeldReply> _held = new();
    private readonly Dictionary<long, Parked> _parked = [];
    private static readonly TimeSpan LeaseCheck = TimeSpan.FromMilliseconds(50);

    private readonly Action<IMachineEvent> _persisted;
    private readonly INodeLease _lease;
    private (long SequenceNr, object State)? _snapshotToSave;
    private long _lastParked;
    private bool _stopping;

    /// <param name="lease">No reply leaves while it does not hold.</param>
    protected MachineActor(INodeLease lease)
    {
        _lease = lease;
        _persisted = _ => Persisted();
    }

    public ITimerScheduler Timers { get; set; } = null!;

    /// <summary>Sequence number of the last event applied.</summary>
    protected long Applied { get; private set; }

    /// <summary>Sequence number up to which the journal has everything.</summary>
    protected long Durable { get; private set; }

    /// <summary>Sequence number of the last snapshot that is saved; 0 without one.</summary>
    protected long SavedSnapshot { get; private set; }

    protected long Now => Context.System.Scheduler.Now.ToUnixTimeMilliseconds();

    protected abstract void Apply(IMachineEvent @event, long sequenceNr);

    protected virtual void ApplyVolatile(IVolatileChange change) => throw new BrokenInvariantException($"{GetType().Name} knows no volatile {change.GetType().Name}");

    protected abstract void Restore(object snapshot);

    /// <summary>The recovery is complete; commands come next.</summary>
    protected abstract void Recovered();

    /// <summary>A command of this actor, or a timer's.</summary>
    protected abstract void Execute(object command);

    /// <summary>More became durable.</summary>
    protected virtual void BecameDurable()
    {
    }

    /// <summary>Null, or the state to save as a snapshot now that all events so far are applied.</summary>
    protected virtual object? SnapshotDue() => null;

    protected virtual void SnapshotSaved()
    {
    }

    protected sealed override void OnRecover(object message)
    {
        switch (message)
        {
            case SnapshotOffer offer:
                Restore(offer.Snapshot);
                Applied = Durable = SavedSnapshot = offer.Metadata.SequenceNr;
                break;
            case IMachineEvent @event:
                if (LastSequenceNr != Applied + 1)
                    throw new BrokenInvariantException($"{PersistenceId}: event {LastSequenceNr} follows event {Applied}: the journal lost what lies between");
                Apply(@event, LastSequenceNr);
                Applied = Durable = LastSequenceNr;
                break;
            case RecoveryCompleted:
                if (LastSequenceNr != Applied)
                    throw new BrokenInvariantException($"{PersistenceId}: the journal knows of event {LastSequenceNr}, recovery ended at {Applied}");
                Recovered();
                break;
        }
    }

    protected sealed override void OnCommand(object message)
    {
        switch (message)
        {
            case SaveSnapshotSuccess saved:
                SavedSnapshot = Math.Max(SavedSnapshot, saved.Metadata.SequenceNr);
                DeleteSnapshots(new SnapshotSelectionCriteria(saved.Metadata.SequenceNr - 1));
                SnapshotSaved();
                break;
            case SaveSnapshotFailure failed:
                Log.Warning("{0}: snapshot at {1} failed: {2}", PersistenceId, failed.Metadata.SequenceNr, failed.Cause.Message);
                break;
            case DeleteMessagesFailure failed:
                Log.Warning("{0}: deleting up to {1} failed: {2}", PersistenceId, failed.ToSequenceNr, failed.Cause.Message);
                Execute(message);
                break;
            case DeleteSnapshotsSuccess or DeleteSnapshotsFailure:
                Execute(message);
                break;
            case LeaseAwaited:
                Release();
                StopOnceDone();
                break;
            default:
                // Who asks one that is about to stop learns it when it has.
                if (!_stopping)
                    Execute(message);
                break;
        }
    }

    /// <summary>Takes nothing more and stops as soon as everything applied is durable and its replies have left.</summary>
    protected void StopOnceDurable()
    {
        _stopping = true;
        StopOnceDone();
    }

    private bool StopOnceDone()
    {
        var done = _stopping && Durable >= Applied && _held.Count == 0;
        if (done)
            Context.Stop(Self);
        return done;
    }

    /// <summary>What waited for the lease alone leaves if that holds now. Who waits for the rest learns of the end.</summary>
    protected override void PostStop()
    {
        SendDurable();
        base.PostStop();
    }

    protected override void OnPersistRejected(Exception cause, object @event, long sequenceNr)
    {
        Log.Error(cause, "{0}: the journal rejected event {1}", PersistenceId, sequenceNr);
        Context.Stop(Self);
    }

    protected override void OnPersistFailure(Exception cause, object @event, long sequenceNr) =>
        Log.Error("{0}: writing event {1} failed, recovering: {2}", PersistenceId, sequenceNr, cause.Message);

    /// <summary>Carries out a decision. Its reply goes to <paramref name="replyTo"/>.</summary>
    protected void Carry(Decision decision, IActorRef replyTo, Func<object, IAnswer> answer)
    {
        Carry(decision);
        if (decision.Reply is { } reply)
            Reply(replyTo, answer(reply));
    }

    /// <summary>Carries out a decision whose reply, if any, nobody waits for.</summary>
    protected void Carry(Decision decision)
    {
        if (decision.Events.Count > 0)
        {
            foreach (var @event in decision.Events)
                Apply(@event, ++Applied);
            PersistAllAsync(decision.Events, _persisted);
            if (SnapshotDue() is { } snapshot)
                _snapshotToSave = (Applied, snapshot);
        }
        if (decision.Change is { } change)
            ApplyVolatile(change);
        foreach (var timer in decision.Timers)
            Set(timer);
        foreach (var (token, reply) in decision.Released)
            if (_parked.Remove(token, out var parked))
                Reply(parked.ReplyTo, parked.Answer(reply));
    }

    /// <summary>A token for the machine to park a command under; its reply will go to <paramref name="replyTo"/>.</summary>
    protected long Park(IActorRef replyTo, Func<object, IAnswer> answer)
    {
        _parked.Add(++_lastParked, new Parked(replyTo, answer));
        return _lastParked;
    }

    /// <summary>The actor stops: who is parked learns it now.</summary>
    protected void AnswerParked(IReadOnlyList<ReleasedReply> replies)
    {
        foreach (var (token, reply) in replies)
            if (_parked.Remove(token, out var parked))
                parked.ReplyTo.Tell(parked.Answer(reply), Self);
    }

    /// <summary>What they rest on will not become durable, and the actor stops: who waits gets another answer, or, for null, none.</summary>
    protected void AnswerUndurable(Func<IAnswer, IAnswer?> instead)
    {
        for (var left = _held.Count; left > 0; left--)
        {
            var held = _held.Dequeue();
            if (held.SequenceNr <= Durable)
                _held.Enqueue(held);
            else if (instead(held.Answer) is { } answer)
                held.ReplyTo.Tell(answer, Self);
        }
    }

    /// <summary>Sends the answer once all that is applied now is durable.</summary>
    protected void Reply(IActorRef replyTo, IAnswer answer)
    {
        if (Durable >= Applied)
            ReplyNow(replyTo, answer);
        else
            _held.Enqueue(new HeldReply(Applied, replyTo, answer));
    }

    /// <summary>Sends the answer although not all that is applied may be durable, as soon as the node's lease holds.</summary>
    protected void ReplyNow(IActorRef replyTo, IAnswer answer)
    {
        if (_lease.Holds)
            replyTo.Tell(answer, Self);
        else
        {
            _held.Enqueue(new HeldReply(Durable, replyTo, answer));
            AwaitLease();
        }
    }

    private void Release()
    {
        if (!SendDurable())
            AwaitLease();
    }

    /// <summary>Sends what rests on nothing that is not durable; false when the lease that it takes does not hold.</summary>
    private bool SendDurable()
    {
        while (_held.TryPeek(out var held) && held.SequenceNr <= Durable)
        {
            if (!_lease.Holds)
                return false;
            _held.Dequeue();
            held.ReplyTo.Tell(held.Answer, Self);
        }
        return true;
    }

    private void AwaitLease() => Timers.StartSingleTimer(nameof(LeaseAwaited), LeaseAwaited.Instance, LeaseCheck);

    private void Persisted()
    {
        Durable++;
        BecameDurable();
        Release();
        if (StopOnceDone())
            return;
        if (_snapshotToSave is var (sequenceNr, state) && Durable >= sequenceNr)
        {
            _snapshotToSave = null;
            // SaveSnapshot() would name the last event applied, which may not be durable yet.
            var metadata = new SnapshotMetadata(PersistenceId, sequenceNr, Context.System.Scheduler.Now.UtcDateTime);
            SnapshotStore.Tell(new SaveSnapshot(metadata, state), Self);
        }
    }

    private void Set(TimerChange timer)
    {
        if (timer.IsCancel)
            Timers.Cancel(timer.Key);
        else
            Timers.StartSingleTimer(timer.Key, timer.Command!, TimeSpan.FromMilliseconds(Math.Max(0, timer.DelayMs)));
    }

    private readonly record struct HeldReply(long SequenceNr, IActorRef ReplyTo, IAnswer Answer);

    private sealed class LeaseAwaited
    {
        public static readonly LeaseAwaited Instance = new();
    }

    private readonly record struct Parked(IActorRef ReplyTo, Func<object, IAnswer> Answer);
}
