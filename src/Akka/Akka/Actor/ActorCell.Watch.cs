using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public partial class ActorCell
{
    private Dictionary<IActorRef, object> _watching;
    private HashSet<IActorRef> _watchedBy;
    private Dictionary<IActorRef, object> _terminatedQueued;
    private TimerScheduler _timers;
    private TimeSpan? _receiveTimeout;
    private ICancelable _receiveTimeoutTask;

    public IActorRef Watch(IActorRef subject) => WatchFor(subject, null);

    public IActorRef WatchWith(IActorRef subject, object message)
    {
        ArgumentNullException.ThrowIfNull(message);
        return WatchFor(subject, message);
    }

    private IActorRef WatchFor(IActorRef subject, object message)
    {
        if (subject.Equals(_self)) return subject;
        _watching ??= [];
        if (_watching.TryGetValue(subject, out var before))
        {
            if (!Equals(before, message)) throw new InvalidOperationException($"Watch({_self}, {subject}) termination message was not overwritten from [{before ?? "null"}] to [{message ?? "null"}]. If this was intended, unwatch first before using `Watch` / `WatchWith` with another message.");
            return subject;
        }
        ((IInternalActorRef)subject).SendSystemMessage(new Watch((IInternalActorRef)subject, _self));
        _watching.Add(subject, message);
        return subject;
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        if (subject.Equals(_self)) return subject;
        if (_watching is not null && _watching.Remove(subject)) ((IInternalActorRef)subject).SendSystemMessage(new Unwatch((IInternalActorRef)subject, _self));
        _terminatedQueued?.Remove(subject);
        return subject;
    }

    protected void AddWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && !watcher.Equals(_self)) (_watchedBy ??= []).Add(watcher);
        else if (watcher.Equals(_self) && !watchee.Equals(_self)) Watch(watchee);
    }

    protected void RemWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && !watcher.Equals(_self)) _watchedBy?.Remove(watcher);
        else if (watcher.Equals(_self) && !watchee.Equals(_self)) Unwatch(watchee);
    }

    protected void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_watching is not null && _watching.Remove(actor, out var message) && !_isTerminating)
        {
            (_terminatedQueued ??= [])[actor] = message;
            _self.Tell(new Terminated(actor, existenceConfirmed, addressTerminated), actor);
        }
        if (_children.Contains(actor)) HandleChildTerminated(actor);
    }

    protected void ReceivedTerminated(Terminated t)
    {
        // Unwatched in the meantime: then the actor does not hear of it.
        if (_terminatedQueued is null || !_terminatedQueued.Remove(t.ActorRef, out var message)) return;
        if (message is not null) _now.Message = message;
        ReceiveMessage(message ?? t);
    }

    protected void TellWatchersWeDied()
    {
        if (_watchedBy is null) return;
        foreach (var watcher in _watchedBy)
        {
            // The parent has been told already.
            if (!watcher.Equals(Parent)) ((IInternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
        }
        _watchedBy = null;
    }

    private void UnwatchWatchedActors()
    {
        if (_watching is not null)
        {
            foreach (var watchee in _watching.Keys) ((IInternalActorRef)watchee).SendSystemMessage(new Unwatch((IInternalActorRef)watchee, _self));
            _watching = null;
        }
        _terminatedQueued = null;
    }

    public TimeSpan? ReceiveTimeout => _receiveTimeout;

    public void SetReceiveTimeout(TimeSpan? timeout = null)
    {
        if (timeout is { } t && t <= TimeSpan.Zero) throw new ArgumentException("The timeout must be positive", nameof(timeout));
        _receiveTimeout = timeout;
        CancelReceiveTimeoutTask();
    }

    public void CheckReceiveTimeout(bool reschedule = true)
    {
        // An actor that awaits is at work, not silent.
        if (_awaiting) return;
        if (_receiveTimeout is { } timeout && !Mailbox.HasMessages)
        {
            if (_receiveTimeoutTask is not null && !reschedule) return;
            // A message that does not influence the timeout leaves the pending one running.
            if (_receiveTimeoutTask is null) _receiveTimeoutTask = _system.Scheduler.ScheduleTellOnceCancelable(timeout, _self, global::Akka.Actor.ReceiveTimeout.Instance, _self);
        }
        else
        {
            CancelReceiveTimeoutTask();
        }
    }

    private void CancelReceiveTimeoutTask()
    {
        _receiveTimeoutTask?.Cancel();
        _receiveTimeoutTask = null;
    }
}
