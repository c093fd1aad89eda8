using Akka.Actor;
using Akka.Configuration;

namespace Akka.Event;

/// <summary>A bus of log events with a level and loggers.</summary>
public class LoggingBus : ActorEventBus<object, Type>
{
    internal const LogLevel Off = LogLevel.ErrorLevel + 1;

    private readonly List<IActorRef> _loggers = [];
    private LogLevel _stdoutLevel = LogLevel.WarningLevel;

    public LogLevel LogLevel { get; private set; } = LogLevel.WarningLevel;

    protected override bool IsSubClassification(Type parent, Type child) => parent.IsAssignableFrom(child);

    protected override void Publish(object @event, IActorRef subscriber) => subscriber.Tell(@event, ActorRefs.NoSender);

    protected override bool Classify(object @event, Type classifier) => classifier.IsInstanceOfType(@event);

    protected override Type GetClassifier(object @event) => @event.GetType();

    /// <summary>Loggers hear of events of this level and above.</summary>
    public void SetLogLevel(LogLevel logLevel)
    {
        LogLevel = logLevel;
        foreach (var logger in _loggers) Subscribe(logger, logLevel);
    }

    private void Subscribe(IActorRef logger, LogLevel level)
    {
        foreach (var each in Enum.GetValues<LogLevel>())
        {
            if (each >= level) Subscribe(logger, each.ClassFor());
            else Unsubscribe(logger, each.ClassFor());
        }
    }

    /// <summary>What goes wrong before the loggers run, or after they have ended, goes to standard error.</summary>
    public void StartStdoutLogger(Settings config)
    {
        _stdoutLevel = Logging.LogLevelFor(config.StdoutLogLevel);
        LogLevel = Logging.LogLevelFor(config.LogLevel);
        AddStandardLogger();
    }

    private void AddStandardLogger()
    {
        if (_stdoutLevel == Off) return;
        _loggers.Add(StandardOutLogger.Shared);
        Subscribe(StandardOutLogger.Shared, _stdoutLevel);
    }

    internal void StartDefaultLoggers(Actor.Internal.ActorSystemImpl system)
    {
        Unsubscribe(StandardOutLogger.Shared);
        _loggers.Clear();
        var number = 0;
        foreach (var name in system.Settings.Loggers)
        {
            var type = Type.GetType(name) ?? throw new ConfigurationException($@"Logger specified in config cannot be found: ""{name}""");
            var logger = system.SystemActorOf(new Props(type), $"log{++number}-{Logging.SimpleName(type)}");
            var answer = logger.Ask<LoggerInitialized>(new InitializeLogger(this), Timeout.InfiniteTimeSpan, CancellationToken.None);
            if (!answer.Wait(system.Settings.LoggerStartTimeout)) throw new LoggerInitializationException($"Logger [{name}] did not respond within {system.Settings.LoggerStartTimeout} to InitializeLogger(bus)");
            _loggers.Add(logger);
            Subscribe(logger, LogLevel);
        }
        if (system.Settings.DebugUnhandledMessage) Subscribe(system.SystemActorOf(Props.Create<UnhandledMessageForwarder>(), "UnhandledMessageForwarder"), typeof(UnhandledMessage));
    }

    internal void StopLoggers()
    {
        _loggers.Clear();
        AddStandardLogger();
    }

    private sealed class UnhandledMessageForwarder : UntypedActor
    {
        protected override void OnReceive(object message)
        {
            if (message is UnhandledMessage unhandled) Context.System.EventStream.Publish(new Debug(unhandled.Recipient.Path.ToString(), unhandled.Recipient.GetType(), unhandled.ToString()));
        }
    }
}

/// <summary>A logger that is a reference without an actor.</summary>
public abstract class MinimalLogger : MinimalActorRef
{
    public sealed override ActorPath Path { get; } = new RootActorPath(new Address("akka", "all-systems"), "/StandardOutLogger");

    public sealed override IActorRefProvider Provider => throw new NotSupportedException("This logger does not provide.");

    protected sealed override void TellInternal(object message, IActorRef sender) => Log(message ?? throw new ArgumentNullException(nameof(message)));

    protected abstract void Log(object message);
}

/// <summary>Writes log events. The stand-in writes them to standard error, so that a program's output stays its own.</summary>
public class StandardOutLogger : MinimalLogger
{
    internal static readonly StandardOutLogger Shared = new();

    protected override void Log(object message)
    {
        if (message is LogEvent e) Write(e);
    }

    internal static void Write(LogEvent e) => Console.Error.WriteLine(e.ToString());
}

/// <summary>The default logger: writes as <see cref="StandardOutLogger"/> does.</summary>
public class DefaultLogger : ActorBase
{
    protected override bool Receive(object message)
    {
        switch (message)
        {
            case InitializeLogger: Sender.Tell(new LoggerInitialized(), Self); return true;
            case LogEvent e: Print(e); return true;
            default: return false;
        }
    }

    protected virtual void Print(LogEvent logEvent) => StandardOutLogger.Write(logEvent);
}
