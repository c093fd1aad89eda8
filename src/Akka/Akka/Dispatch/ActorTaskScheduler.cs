using Akka.Actor;
using Akka.Dispatch.SysMsg;

namespace Akka.Dispatch;

/// <summary>Runs the continuations of an actor's asynchronous handler as system messages of that actor.</summary>
public class ActorTaskScheduler : TaskScheduler
{
    private readonly ActorCell _cell;

    internal ActorTaskScheduler(ActorCell cell) => _cell = cell;

    /// <summary>The message whose handler is being awaited.</summary>
    public object CurrentMessage { get; internal set; }

    internal IActorRef CurrentSender { get; set; }

    public override int MaximumConcurrencyLevel => 1;

    protected override IEnumerable<Task> GetScheduledTasks() => null;

    protected override void QueueTask(Task task) => _cell.SendSystemMessage(new ActorTaskMessage(this, task, CurrentMessage, CurrentSender));

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(Current, this) && ReferenceEquals(ActorCell.Current, _cell) && TryExecuteTask(task);

    internal void Run(Task task) => TryExecuteTask(task);

    public static void RunTask(Action action) => RunTask(() =>
    {
        action();
        return Task.CompletedTask;
    });

    /// <summary>Runs the handler now; if it is not done at once, the actor takes no user message until it is.</summary>
    public static void RunTask(Func<Task> asyncAction)
    {
        var cell = ActorCell.Current ?? throw new InvalidOperationException("RunTask must be called from within an actor context.");
        var scheduler = cell.TaskScheduler;
        var message = cell.CurrentMessage;
        cell.SuspendForTask();
        scheduler.CurrentMessage = message;
        scheduler.CurrentSender = cell.CurrentSender;
        Task<Task>.Factory.StartNew(asyncAction, CancellationToken.None, TaskCreationOptions.None, scheduler)
            .Unwrap()
            .ContinueWith(done => scheduler.Complete(done, message), CancellationToken.None, TaskContinuationOptions.None, scheduler);
    }

    private void Complete(Task done, object message)
    {
        CurrentMessage = null;
        CurrentSender = null;
        _cell.ResumeAfterTask();
        if (done.IsFaulted) _cell.FailAfterTask(done.Exception.InnerExceptions.Count == 1 ? done.Exception.InnerException : done.Exception, message);
        else if (done.IsCanceled) _cell.FailAfterTask(new TaskCanceledException(done), message);
        else _cell.CheckReceiveTimeout();
    }
}
