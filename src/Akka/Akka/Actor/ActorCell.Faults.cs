using System.Runtime.ExceptionServices;
using Akka.Actor.Internal;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Actor;

public partial class ActorCell
{
    private bool _failed;
    private IActorRef _perpetrator;
    private bool _isTerminating;

    private void ClearFailed()
    {
        _failed = false;
        _perpetrator = null;
    }

    private void HandleInvokeFailure(Exception cause, ICollection<IActorRef> childrenNotToSuspend = null)
    {
        try
        {
            if (_failed || _isTerminating) return;
            Mailbox.Suspend();
            _failed = true;
            _perpetrator = _self;
            var spared = childrenNotToSuspend ?? [];
            if (_now.Message is Failed failed)
            {
                _perpetrator = failed.Child;
                spared = [.. spared, failed.Child];
            }
            SuspendChildren(spared);
            Parent.SendSystemMessage(new Failed(_self, cause, _uid));
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), _actor?.GetType() ?? GetType(), $"Emergency stop: exception in failure handling for {cause}"));
            StopChildren();
            FinishTerminate();
        }
    }

    private void FaultSuspend()
    {
        Mailbox.Suspend();
        SuspendChildren();
    }

    private void FaultResume(Exception causedByFailure)
    {
        if (_actor is null)
        {
            Publish(new Debug(_self.Path.ToString(), GetType(), "Changing Resume into Create after " + causedByFailure));
            FaultCreate();
            return;
        }
        var perpetrator = _perpetrator;
        Mailbox.Resume();
        if (causedByFailure is not null) ClearFailed();
        ResumeChildren(causedByFailure, perpetrator);
    }

    private void FaultRecreate(Exception cause)
    {
        if (_actor is null)
        {
            FaultCreate();
            return;
        }
        if (!IsNormal)
        {
            // The suspend counter must be kept balanced while the cell already waits for something else.
            FaultResume(null);
            return;
        }
        var failed = _actor;
        var message = _now.Message;
        try
        {
            failed.AroundPreRestart(cause, message is SystemMessage ? null : message);
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), failed.GetType(), new PreRestartException(_self, e, cause, message).Message));
        }
        finally
        {
            ClearActor(failed);
        }
        if (!_children.WaitFor(new SuspendReason.Recreation(cause))) FinishRecreate(cause);
    }

    private void FinishRecreate(Exception cause)
    {
        var survivors = _children.All.Select(s => (IActorRef)s.Child).ToList();
        try
        {
            Mailbox.Resume();
            ClearFailed();
            _now.Message = null;
            _now.Sender = null;
            _actor = NewActor();
            UseThreadContext(() => _actor.AroundPostRestart(cause, null));
            CheckReceiveTimeout();
            if (_system.Settings.DebugLifecycle) Publish(new Debug(_self.Path.ToString(), _actor.GetType(), "Restarted"));
            foreach (var child in survivors)
            {
                try { ((IInternalActorRef)child).Restart(cause); }
                catch (Exception e) { Publish(new Error(e, _self.Path.ToString(), _actor.GetType(), "Restarting " + child)); }
            }
        }
        catch (Exception e)
        {
            ClearActor(_actor);
            _actor = null;
            var reason = e is global::System.Reflection.TargetInvocationException { InnerException: { } inner } ? inner : e;
            HandleInvokeFailure(new PostRestartException(_self, reason, cause), survivors);
        }
    }

    private void FaultCreate()
    {
        SetReceiveTimeout(null);
        CancelReceiveTimeoutTask();
        StopChildren();
        if (!_children.WaitFor(new SuspendReason.Creation())) FinishCreate();
    }

    private void FinishCreate()
    {
        try
        {
            Mailbox.Resume();
            ClearFailed();
            CreateActor(null);
        }
        catch (Exception e)
        {
            HandleInvokeFailure(e);
        }
    }

    private void Terminate()
    {
        SetReceiveTimeout(null);
        CancelReceiveTimeoutTask();
        UnwatchWatchedActors();
        _children.Close();
        StopChildren();
        var wasTerminating = _isTerminating;
        if (_children.WaitFor(SuspendReason.Termination.Instance))
        {
            if (wasTerminating) return;
            // No user messages while the children stop, and no failure goes to the supervisor any more.
            _isTerminating = true;
            Mailbox.Suspend();
            _failed = true;
            _perpetrator = _self;
        }
        else
        {
            _isTerminating = true;
            FinishTerminate();
        }
    }

    private void FinishTerminate()
    {
        var actor = _actor;
        _isTerminating = true;
        _children.End();
        CancelReceiveTimeoutTask();
        try
        {
            actor?.AroundPostStop();
        }
        catch (Exception e)
        {
            Publish(new Error(e, _self.Path.ToString(), actor.GetType(), e.Message));
        }
        finally
        {
            ClearActor(actor);
            _actor = null;
            _behavior = null;
            _stashedSystemMessages = null;
            Dispatcher.Detach(this);
            TellRemoteWatchersWeDied();
            Parent.SendSystemMessage(new DeathWatchNotification(_self, existenceConfirmed: true, addressTerminated: false));
            TellWatchersWeDied();
            UnwatchWatchedActors();
            if (_remoteWatches > 0) AddressTerminatedTopic.Get(_system).Unsubscribe(_self);
            if (_system.Settings.DebugLifecycle) Publish(new Debug(_self.Path.ToString(), actor?.GetType() ?? GetType(), "Stopped"));
        }
    }

    private void HandleFailed(Failed failed)
    {
        _now.Message = failed;
        _now.Sender = failed.Child;
        // A late failure of an earlier incarnation, or of a stranger, changes nothing.
        if (_actor is null || !TryGetChildStatsByRef(failed.Child, out var stats) || stats.Uid != failed.Uid) return;
        if (!_actor.Strategy.HandleFailure(this, failed.Child, failed.Cause, stats, _children.All)) ExceptionDispatchInfo.Throw(failed.Cause);
        _now.Message = null;
    }

    private void HandleChildTerminated(IActorRef child)
    {
        var reason = _children.Remove(child);
        if (_actor is not null)
        {
            try { _actor.Strategy.HandleChildTerminated(this, child, GetChildren()); }
            catch (Exception e)
            {
                Publish(new Error(e, _self.Path.ToString(), _actor.GetType(), "HandleChildTerminated failed"));
                HandleInvokeFailure(e);
            }
        }
        switch (reason)
        {
            case SuspendReason.Recreation recreation: FinishRecreate(recreation.Cause); break;
            case SuspendReason.Creation: FinishCreate(); break;
            case SuspendReason.Termination: FinishTerminate(); break;
        }
    }
}
