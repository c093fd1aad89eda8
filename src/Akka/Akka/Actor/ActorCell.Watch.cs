using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public partial class ActorCell
{
    private Dictionary<IActorRef, object> _watching;
    private HashSet<IActorRef> _watchedBy;
    private Dictionary<IActorRef, object> _terminatedQueued;
    private int _remoteWatches;
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
        RemoteWatchAdded(subject);
        ((IInternalActorRef)subject).SendSystemMessage(new Watch((IInternalActorRef)subject, _self));
        _watching.Add(subject, message);
        return subject;
    }

    public IActorRef Unwatch(IActorRef subject)
    {
        if (subject.Equals(_self)) return subject;
        if (_watching is not null && _watching.Remove(subject))
        {
            ((IInternalActorRef)subject).SendSystemMessage(new Unwatch((IInternalActorRef)subject, _self));
            RemoteWatchRemoved(subject);
        }
        _terminatedQueued?.Remove(subject);
        return subject;
    }

    protected void AddWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && !watcher.Equals(_self)) AddWatchedBy(watcher);
        else if (watcher.Equals(_self) && !watchee.Equals(_self)) Watch(watchee);
    }

    protected void RemWatcher(IActorRef watchee, IActorRef watcher)
    {
        if (watchee.Equals(_self) && !watcher.Equals(_self))
        {
            if (_watchedBy is not null && _watchedBy.Remove(watcher)) RemoteWatchRemoved(watcher);
        }
        else if (watcher.Equals(_self) && !watchee.Equals(_self)) Unwatch(watchee);
    }

    protected void WatchedActorTerminated(IActorRef actor, bool existenceConfirmed, bool addressTerminated)
    {
        if (_watching is not null)
        {
            var watched = AsWatched(actor);
            if (watched is not null && _watching.Remove(watched, out var message))
            {
                RemoteWatchRemoved(watched);
                if (!_isTerminating)
                {
                    (_terminatedQueued ??= [])[watched] = message;
                    _self.Tell(new Terminated(watched, existenceConfirmed, addressTerminated), watched);
                }
            }
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

    // Watchers on other nodes first: when the parent has heard, remoting may shut down.
    private void TellRemoteWatchersWeDied()
    {
        if (_watchedBy is null || _remoteWatches == 0) return;
        foreach (var watcher in _watchedBy)
        {
            if (IsRemote(watcher)) ((IInternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
        }
    }

    protected void TellWatchersWeDied()
    {
        if (_watchedBy is null) return;
        foreach (var watcher in _watchedBy)
        {
            // The parent has been told already, and so have other nodes.
            if (!watcher.Equals(Parent) && !IsRemote(watcher)) ((IInternalActorRef)watcher).SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
        }
        _watchedBy = null;
    }

    private void UnwatchWatchedActors()
    {
        if (_watching is not null)
        {
            foreach (var watchee in _watching.Keys)
            {
                ((IInternalActorRef)watchee).SendSystemMessage(new Unwatch((IInternalActorRef)watchee, _self));
                RemoteWatchRemoved(watchee);
            }
            _watching = null;
        }
        _terminatedQueued = null;
    }

    private static bool IsRemote(IActorRef actor) => actor is IInternalActorRef { IsLocal: false };

    private void AddWatchedBy(IActorRef watcher)
    {
        if ((_watchedBy ??= []).Add(watcher)) RemoteWatchAdded(watcher);
    }

    private void RemoteWatchAdded(IActorRef actor)
    {
        if (IsRemote(actor) && _remoteWatches++ == 0) AddressTerminatedTopic.Get(_system).Subscribe(_self);
    }

    private void RemoteWatchRemoved(IActorRef actor)
    {
        if (IsRemote(actor) && --_remoteWatches == 0) AddressTerminatedTopic.Get(_system).Unsubscribe(_self);
    }

    // Another node answers with the incarnation's uid, also where the watch was by a path without one.
    private IActorRef AsWatched(IActorRef actor)
    {
        if (_watching.ContainsKey(actor) || !IsRemote(actor)) return actor;
        return _watching.Keys.FirstOrDefault(watched => watched.Path.Uid == UndefinedUid && watched.Path.Equals(actor.Path));
    }

    /// <summary>The node at the address is lost: so are its watchers of this actor, and what this actor watches there has ended.</summary>
    protected void AddressTerminated(Address address)
    {
        foreach (var watcher in _watchedBy?.Where(watcher => IsRemote(watcher) && watcher.Path.Address.Equals(address)).ToList() ?? [])
        {
            _watchedBy.Remove(watcher);
            RemoteWatchRemoved(watcher);
        }
        foreach (var watchee in _watching?.Keys.Where(watchee => IsRemote(watchee) && watchee.Path.Address.Equals(address)).ToList() ?? [])
        {
            _self.SendSystemMessage(new DeathWatchNotification(watchee, existenceConfirmed: false, addressTerminated: true));
        }
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
