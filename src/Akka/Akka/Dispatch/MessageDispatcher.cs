using Akka.Actor;
using Akka.Configuration;
using Akka.Dispatch.SysMsg;
using Akka.Event;

namespace Akka.Dispatch;

/// <summary>What dispatchers are made with.</summary>
public interface IDispatcherPrerequisites
{
    EventStream EventStream { get; }

    IScheduler Scheduler { get; }

    Settings Settings { get; }

    Mailboxes Mailboxes { get; }
}

/// <summary>The parts of one actor system.</summary>
public sealed class DefaultDispatcherPrerequisites(EventStream eventStream, IScheduler scheduler, Settings settings, Mailboxes mailboxes) : IDispatcherPrerequisites
{
    public EventStream EventStream { get; } = eventStream;

    public IScheduler Scheduler { get; } = scheduler;

    public Settings Settings { get; } = settings;

    public Mailboxes Mailboxes { get; } = mailboxes;
}

/// <summary>Makes the dispatcher of one configuration section.</summary>
public abstract class MessageDispatcherConfigurator
{
    protected MessageDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites)
    {
        Config = config;
        Prerequisites = prerequisites;
    }

    public Config Config { get; }

    public IDispatcherPrerequisites Prerequisites { get; }

    public abstract MessageDispatcher Dispatcher();
}

/// <summary>Runs mailboxes.</summary>
public abstract class MessageDispatcher
{
    /// <summary>Messages a mailbox processes before others get their turn, unless configured.</summary>
    public const int DefaultThroughput = 100;

    protected MessageDispatcher(MessageDispatcherConfigurator configurator)
    {
        Configurator = configurator;
        Throughput = DefaultThroughput;
    }

    public MessageDispatcherConfigurator Configurator { get; }

    public string Id { get; protected set; }

    public int Throughput { get; protected set; }

    /// <summary>In ticks; null or 0 for none.</summary>
    public long? ThroughputDeadlineTime { get; protected set; }

    public EventStream EventStream => Configurator.Prerequisites.EventStream;

    public Mailboxes Mailboxes => Configurator.Prerequisites.Mailboxes;

    /// <summary>Whether everything runs on the thread that tells; then nothing may hop to the thread pool.</summary>
    internal virtual bool RunsOnCallingThread => false;

    protected abstract void ExecuteTask(IRunnable run);

    protected abstract void Shutdown();

    internal void ShutdownNow() => Shutdown();

    public void Schedule(IRunnable run) => ExecuteTask(run);

    public void Schedule(Action run) => ExecuteTask(new ActionRunnable(run));

    public virtual void Attach(ActorCell cell) => RegisterForExecution(cell.Mailbox, false, true);

    public virtual void Detach(ActorCell cell)
    {
        var mailbox = cell.SwapMailbox(Mailboxes.DeadLetterMailbox);
        mailbox.BecomeClosed();
        mailbox.CleanUp();
    }

    public virtual void Dispatch(ActorCell cell, Envelope envelope) => cell.Mailbox.Post(envelope.Message, envelope.Sender);

    public virtual void SystemDispatch(ActorCell cell, SystemMessage message)
    {
        var mailbox = cell.Mailbox;
        mailbox.SystemEnqueue(cell.Self, message);
        RegisterForExecution(mailbox, false, true);
    }

    internal bool RegisterForExecution(Mailbox mailbox, bool hasMessageHint, bool hasSystemMessageHint)
    {
        if (!mailbox.CanBeScheduledForExecution(hasMessageHint, hasSystemMessageHint) || !mailbox.SetAsScheduled()) return false;
        try
        {
            ExecuteTask(mailbox);
            return true;
        }
        catch
        {
            mailbox.SetAsIdle();
            throw;
        }
    }

    protected void ReportFailure(Exception ex) => EventStream.Publish(new Error(ex, GetType().FullName, GetType(), "Unhandled exception in dispatcher"));
}

/// <summary>Mailboxes on the .NET thread pool, or on threads of the dispatcher's own.</summary>
public class Dispatcher : MessageDispatcher
{
    private readonly DedicatedThreads _threads;

    internal Dispatcher(MessageDispatcherConfigurator configurator, string id, int throughput, long? throughputDeadlineTime, int dedicatedThreads) : base(configurator)
    {
        Id = id;
        Throughput = throughput;
        ThroughputDeadlineTime = throughputDeadlineTime;
        if (dedicatedThreads > 0) _threads = new DedicatedThreads(id, dedicatedThreads, ReportFailure);
    }

    protected override void ExecuteTask(IRunnable run)
    {
        if (_threads is null) ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: false);
        else _threads.Queue(run);
    }

    protected override void Shutdown() => _threads?.Dispose();
}

/// <summary>Threads that belong to one dispatcher; they end with their actor system.</summary>
internal sealed class DedicatedThreads : IDisposable
{
    private readonly System.Collections.Concurrent.BlockingCollection<IRunnable> _queue = [];

    internal DedicatedThreads(string id, int count, Action<Exception> report)
    {
        for (var i = 1; i <= count; i++)
        {
            new Thread(() => Work(report)) { Name = $"{id}-{i}", IsBackground = true }.Start();
        }
    }

    private void Work(Action<Exception> report)
    {
        foreach (var run in _queue.GetConsumingEnumerable())
        {
            try { run.Run(); }
            catch (Exception e) { report(e); }
        }
    }

    internal void Queue(IRunnable run)
    {
        try { _queue.Add(run); }
        catch (InvalidOperationException) when (_queue.IsAddingCompleted)
        {
            // The system has ended; what a straggler's mailbox would do has no effect any more.
            ThreadPool.UnsafeQueueUserWorkItem(run, preferLocal: false);
        }
    }

    public void Dispose() => _queue.CompleteAdding();
}

internal sealed class ConfiguredDispatcher(Config config, IDispatcherPrerequisites prerequisites, Func<Config, int> threads) : MessageDispatcherConfigurator(config, prerequisites)
{
    private Dispatcher _instance;

    public override MessageDispatcher Dispatcher() => _instance ??= new Dispatcher(this, Config.GetString("id"), Config.GetInt("throughput", MessageDispatcher.DefaultThroughput),
        Config.GetTimeSpan("throughput-deadline-time").Ticks, threads(Config));
}

/// <summary>A dispatcher with a thread of its own for each actor that is given it; the thread ends with the actor.</summary>
internal sealed class PinnedDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : MessageDispatcherConfigurator(config, prerequisites)
{
    private readonly System.Collections.Concurrent.ConcurrentDictionary<Dispatcher, bool> _made = new();

    public override MessageDispatcher Dispatcher()
    {
        var made = new OneActorDispatcher(this, Config.GetString("id"), Config.GetInt("throughput", MessageDispatcher.DefaultThroughput), Config.GetTimeSpan("throughput-deadline-time").Ticks);
        _made.TryAdd(made, true);
        return made;
    }

    internal void Shutdown()
    {
        foreach (var dispatcher in _made.Keys) dispatcher.ShutdownNow();
    }

    private sealed class OneActorDispatcher(PinnedDispatcherConfigurator owner, string id, int throughput, long? deadline) : Dispatcher(owner, id, throughput, deadline, dedicatedThreads: 1)
    {
        public override void Detach(ActorCell cell)
        {
            base.Detach(cell);
            owner._made.TryRemove(this, out _);
            Shutdown();
        }
    }
}
