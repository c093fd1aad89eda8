using Akka.Dispatch.SysMsg;

namespace Akka.Actor;

/// <summary>The reference behind an ask: the first message told to it is the answer.</summary>
public class FutureActorRef<T> : MinimalActorRef
{
    private readonly TaskCompletionSource<T> _result;

    public FutureActorRef(TaskCompletionSource<T> result, ActorPath path, IActorRefProvider provider)
    {
        _result = result;
        Path = path;
        Provider = provider;
    }

    public override ActorPath Path { get; }

    public override IActorRefProvider Provider { get; }

    public override bool IsTerminated => _result.Task.IsCompleted;

    protected override void TellInternal(object message, IActorRef sender)
    {
        var handled = message switch
        {
            T answer => _result.TrySetResult(answer),
            Status.Failure failure => _result.TrySetException(failure.Cause ?? new TaskCanceledException("Task cancelled by actor via Failure message.")),
            _ => _result.TrySetException(new ArgumentException($"Received message of type [{message.GetType()}] - Ask expected message of type [{typeof(T)}]")),
        };
        // An answer that comes too late is a dead letter, unless the asker gave up itself.
        if (!handled && !_result.Task.IsCanceled) Provider.DeadLetters.Tell(message, this);
    }

    public override void SendSystemMessage(ISystemMessage message)
    {
        switch (message)
        {
            case Terminate: Stop(); break;
            case DeathWatchNotification notification: Tell(new Terminated(notification.Actor, notification.ExistenceConfirmed, notification.AddressTerminated), notification.Actor); break;
            case Watch watch when watch.Watchee.Equals(this): watch.Watcher.SendSystemMessage(new DeathWatchNotification(this, _result.Task.IsCompleted, addressTerminated: false)); break;
        }
    }
}

/// <summary>Asking: telling with a reference of its own for the answer.</summary>
public static class Futures
{
    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<object>(message, timeout, CancellationToken.None);

    public static Task<object> Ask(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<object>(message, null, cancellationToken);

    public static Task<object> Ask(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) => self.Ask<object>(message, timeout, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout = null) => self.Ask<T>(message, timeout, CancellationToken.None);

    public static Task<T> Ask<T>(this ICanTell self, object message, CancellationToken cancellationToken) => self.Ask<T>(message, null, cancellationToken);

    public static Task<T> Ask<T>(this ICanTell self, object message, TimeSpan? timeout, CancellationToken cancellationToken) => self.Ask<T>(_ => message, timeout, cancellationToken);

    /// <summary>
    /// Fails with <see cref="AskTimeoutException"/> after <paramref name="timeout"/> (by default <c>akka.actor.ask-timeout</c>) on the
    /// scheduler's clock, and with the cause of a <see cref="Status.Failure"/> unless that is what was asked for.
    /// </summary>
    public static Task<T> Ask<T>(this ICanTell self, Func<IActorRef, object> messageFactory, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var provider = ProviderOf(self) ?? throw new ArgumentException("Unable to resolve the target Provider", nameof(self));
        var system = provider.Guardian.Cell.SystemImpl;
        var result = new TaskCompletionSource<T>(system.ContinuationOptions);
        if (cancellationToken.IsCancellationRequested)
        {
            result.TrySetCanceled(cancellationToken);
            return result.Task;
        }
        var future = provider.CreateFutureRef(result);
        // Only another node finds the asker by its path.
        var byPath = provider is not LocalActorRefProvider;
        if (byPath) provider.RegisterTempActor(future, future.Path);
        var limit = timeout ?? system.Settings.AskTimeout;
        ICancelable timer = null;
        CancellationTokenRegistration registration = default;
        if (limit != Timeout.InfiniteTimeSpan && limit > TimeSpan.Zero)
        {
            timer = system.Scheduler.Advanced.ScheduleOnceCancelable(limit, () => result.TrySetException(new AskTimeoutException($"Timeout after {limit} seconds")));
        }
        if (cancellationToken.CanBeCanceled) registration = cancellationToken.Register(() => result.TrySetCanceled(cancellationToken));
        if (timer is not null || byPath || cancellationToken.CanBeCanceled)
        {
            result.Task.ContinueWith(
                _ =>
                {
                    timer?.Cancel();
                    if (byPath) provider.UnregisterTempActor(future.Path);
                    registration.Dispose();
                },
                CancellationToken.None,
                TaskContinuationOptions.ExecuteSynchronously,
                TaskScheduler.Default);
        }
        self.Tell(messageFactory(future), future);
        return result.Task;
    }

    private static IActorRefProvider ProviderOf(ICanTell self) => self switch
    {
        Nobody => ActorCell.Current?.SystemImpl.Provider,
        IInternalActorRef reference => reference.Provider,
        ActorSelection selection => ProviderOf(selection.Anchor),
        _ => ActorCell.Current?.SystemImpl.Provider,
    };
}

/// <summary>Sending a task's outcome as a message.</summary>
public static class PipeToSupport
{
    public static Task PipeTo<T>(this Task<T> taskToPipe, ICanTell recipient, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.PipeTo(recipient, false, sender, success, failure);

    /// <summary>The result, or a <see cref="Status.Failure"/> with the exception, goes to the recipient.</summary>
    public static Task PipeTo<T>(this Task<T> taskToPipe, ICanTell recipient, bool useConfigureAwait, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null)
    {
        _ = useConfigureAwait;
        return Pipe(taskToPipe, recipient, sender, task => success is null ? ((Task<T>)task).Result : success(((Task<T>)task).Result), failure);
    }

    public static Task PipeTo(this Task taskToPipe, ICanTell recipient, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.PipeTo(recipient, false, sender, success, failure);

    /// <summary>What <paramref name="success"/> makes (nothing without it), or the failure, goes to the recipient.</summary>
    public static Task PipeTo(this Task taskToPipe, ICanTell recipient, bool useConfigureAwait, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null)
    {
        _ = useConfigureAwait;
        return Pipe(taskToPipe, recipient, sender, success is null ? null : _ => success(), failure);
    }

    // A synchronous continuation runs on the thread that completes the task whatever its synchronisation context;
    // an await would leave it for the thread pool in a test, and a simulation would no longer be on one thread.
    private static Task Pipe(Task task, ICanTell recipient, IActorRef sender, Func<Task, object> success, Func<Exception, object> failure) => task.ContinueWith(
        done =>
        {
            Exception cause;
            try
            {
                if (done.IsCompletedSuccessfully)
                {
                    if (success is not null) recipient.Tell(success(done), sender);
                    return;
                }
                cause = done.Exception?.InnerException ?? new TaskCanceledException(done);
            }
            catch (Exception e)
            {
                cause = e;
            }
            recipient.Tell(failure is null ? new Status.Failure(cause) : failure(cause), sender);
        },
        CancellationToken.None,
        TaskContinuationOptions.ExecuteSynchronously,
        TaskScheduler.Default);

    public static Task PipeTo<T>(this ValueTask<T> taskToPipe, ICanTell recipient, IActorRef sender = null, Func<T, object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, false, sender, success, failure);

    public static Task PipeTo(this ValueTask taskToPipe, ICanTell recipient, IActorRef sender = null, Func<object> success = null, Func<Exception, object> failure = null) =>
        taskToPipe.AsTask().PipeTo(recipient, false, sender, success, failure);
}

/// <summary>Stopping an actor and waiting for its end.</summary>
public static class GracefulStopSupport
{
    public static Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout) => target.GracefulStop(timeout, PoisonPill.Instance);

    /// <summary>True once the target has stopped; fails with <see cref="TaskCanceledException"/> after the time-out.</summary>
    public static async Task<bool> GracefulStop(this IActorRef target, TimeSpan timeout, object stopMessage)
    {
        var internalTarget = (IInternalActorRef)target;
        var system = internalTarget.Provider.Guardian.Cell.SystemImpl;
        var done = new TaskCompletionSource<Terminated>(system.ContinuationOptions);
        var future = internalTarget.Provider.CreateFutureRef(done);
        internalTarget.SendSystemMessage(new Watch(internalTarget, future));
        using var timer = new Cancelable(system.Scheduler.Advanced);
        system.Scheduler.Advanced.ScheduleOnce(timeout, () => done.TrySetException(new TaskCanceledException($"{target} did not stop within {timeout}")), timer);
        target.Tell(stopMessage, ActorRefs.NoSender);
        try
        {
            return (await done.Task.ConfigureAwait(false)).ActorRef.Equals(target);
        }
        finally
        {
            timer.Cancel();
            internalTarget.SendSystemMessage(new Unwatch(internalTarget, future));
        }
    }
}
