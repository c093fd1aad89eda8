using Akka.Configuration;
using Akka.Dispatch;

namespace Akka.TestKit;

/// <summary>
/// Runs mailboxes on the thread that tells. A message told while the thread runs another mailbox waits until that one's turn
/// is over, first told first run, so that one thread gives one order and no chain of actors grows the stack.
/// </summary>
public class CallingThreadDispatcher : MessageDispatcher
{
    [ThreadStatic] private static Queue<IRunnable> t_waiting;

    public CallingThreadDispatcher(MessageDispatcherConfigurator configurator) : base(configurator)
    {
        base.Id = Id;
        Throughput = int.MaxValue;
    }

    /// <summary>The name that the test kit configures it under.</summary>
    public static new string Id => "akka.test.calling-thread-dispatcher";

    internal override bool RunsOnCallingThread => true;

    protected override void ExecuteTask(IRunnable run)
    {
        if (t_waiting is { } outer)
        {
            outer.Enqueue(run);
            return;
        }
        var waiting = t_waiting = new Queue<IRunnable>();
        using var _ = Internal.OnThisThread.Begin();
        try
        {
            run.Run();
            while (waiting.TryDequeue(out var next)) next.Run();
        }
        finally
        {
            t_waiting = null;
        }
    }

    protected override void Shutdown() { }
}

/// <summary>Makes the one calling-thread dispatcher of a configuration section.</summary>
public class CallingThreadDispatcherConfigurator : MessageDispatcherConfigurator
{
    private CallingThreadDispatcher _instance;

    public CallingThreadDispatcherConfigurator(Config config, IDispatcherPrerequisites prerequisites) : base(config, prerequisites) { }

    public override MessageDispatcher Dispatcher() => _instance ??= new CallingThreadDispatcher(this);
}
