using System.Globalization;
using Akka.Actor;
using Akka.Configuration;

namespace Akka.Event;

/// <summary>How grave a log event is.</summary>
public enum LogLevel
{
    DebugLevel,
    InfoLevel,
    WarningLevel,
    ErrorLevel,
}

/// <summary>One log entry.</summary>
public abstract class LogEvent : INoSerializationVerificationNeeded
{
    protected LogEvent()
    {
        Timestamp = DateTime.UtcNow;
        Thread = Thread.CurrentThread;
    }

    public Exception Cause { get; protected set; }

    /// <summary>UTC.</summary>
    public DateTime Timestamp { get; }

    public Thread Thread { get; }

    public string LogSource { get; protected set; }

    public Type LogClass { get; protected set; }

    public object Message { get; protected set; }

    public abstract LogLevel LogLevel();

    public override string ToString()
    {
        var level = LogLevel().ToString().Replace("Level", "").ToUpperInvariant();
        var time = Timestamp.ToString("yyyy-MM-dd HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
        var cause = Cause is null ? "" : Environment.NewLine + "Cause: " + Cause;
        return $"[{level}][{time}][Thread {Thread.ManagedThreadId:0000}][{LogSource}] {Message}{cause}";
    }
}

/// <summary>For those who look for a fault.</summary>
public class Debug : LogEvent
{
    public Debug(string logSource, Type logClass, object message) : this(null, logSource, logClass, message) { }

    public Debug(Exception cause, string logSource, Type logClass, object message) => (Cause, LogSource, LogClass, Message) = (cause, logSource, logClass, message);

    public override LogLevel LogLevel() => Event.LogLevel.DebugLevel;
}

/// <summary>What happens in the ordinary course.</summary>
public class Info : LogEvent
{
    public Info(string logSource, Type logClass, object message) : this(null, logSource, logClass, message) { }

    public Info(Exception cause, string logSource, Type logClass, object message) => (Cause, LogSource, LogClass, Message) = (cause, logSource, logClass, message);

    public override LogLevel LogLevel() => Event.LogLevel.InfoLevel;
}

/// <summary>What may need attention.</summary>
public class Warning : LogEvent
{
    public Warning(string logSource, Type logClass, object message) : this(null, logSource, logClass, message) { }

    public Warning(Exception cause, string logSource, Type logClass, object message) => (Cause, LogSource, LogClass, Message) = (cause, logSource, logClass, message);

    public override LogLevel LogLevel() => Event.LogLevel.WarningLevel;
}

/// <summary>What has failed.</summary>
public class Error : LogEvent
{
    public Error(Exception cause, string logSource, Type logClass, object message) => (Cause, LogSource, LogClass, Message) = (cause, logSource, logClass, message);

    public override LogLevel LogLevel() => Event.LogLevel.ErrorLevel;
}

/// <summary>Told to a logger when it has started; it subscribes itself and answers <see cref="LoggerInitialized"/>.</summary>
public class InitializeLogger(LoggingBus loggingBus) : INoSerializationVerificationNeeded
{
    public LoggingBus LoggingBus { get; } = loggingBus;
}

/// <summary>The logger listens.</summary>
public class LoggerInitialized : INoSerializationVerificationNeeded, IDeadLetterSuppression;

/// <summary>Makes text of a format and its arguments.</summary>
public interface ILogMessageFormatter
{
    string Format(string format, params object[] args);

    string Format(string format, IEnumerable<object> args);
}

/// <summary>As <see cref="string.Format(string, object[])"/> does.</summary>
public class DefaultLogMessageFormatter : ILogMessageFormatter
{
    public static readonly DefaultLogMessageFormatter Instance = new();

    private DefaultLogMessageFormatter() { }

    public string Format(string format, params object[] args) => args.Length == 0 ? format : string.Format(CultureInfo.InvariantCulture, format, args);

    public string Format(string format, IEnumerable<object> args) => Format(format, args.ToArray());
}

/// <summary>A format and its arguments; text is made only when a logger asks for it.</summary>
public abstract class LogMessage
{
    protected readonly ILogMessageFormatter Formatter;

    public LogMessage(ILogMessageFormatter formatter, string format)
    {
        Formatter = formatter;
        Format = format;
    }

    public string Format { get; }

    public abstract string Unformatted();

    public abstract IEnumerable<object> Parameters();
}

internal sealed class ArgumentsLogMessage(ILogMessageFormatter formatter, string format, object[] args) : LogMessage(formatter, format)
{
    public override string Unformatted() => Format + " <- " + string.Join(", ", args);

    public override IEnumerable<object> Parameters() => args;

    public override string ToString()
    {
        try { return Formatter.Format(Format, args); }
        // A wrong format string must not end whoever logs.
        catch (FormatException e) { return $"{Unformatted()} ({e.Message})"; }
    }
}

/// <summary>What actors log with; see <see cref="LoggingExtensions"/> for Debug, Info, Warning and Error.</summary>
public interface ILoggingAdapter
{
    ILogMessageFormatter Formatter { get; }

    bool IsDebugEnabled { get; }

    bool IsInfoEnabled { get; }

    bool IsWarningEnabled { get; }

    bool IsErrorEnabled { get; }

    bool IsEnabled(LogLevel logLevel);

    void Log(LogLevel logLevel, Exception cause, LogMessage message);

    void Log(LogLevel logLevel, Exception cause, string format);
}

/// <summary>Checks the level and leaves the rest to the adapter that derives from it.</summary>
public abstract class LoggingAdapterBase : ILoggingAdapter
{
    protected LoggingAdapterBase(ILogMessageFormatter logMessageFormatter) => Formatter = logMessageFormatter ?? throw new ArgumentNullException(nameof(logMessageFormatter));

    public ILogMessageFormatter Formatter { get; }

    public abstract bool IsDebugEnabled { get; }

    public abstract bool IsErrorEnabled { get; }

    public abstract bool IsInfoEnabled { get; }

    public abstract bool IsWarningEnabled { get; }

    protected abstract void NotifyLog(LogLevel logLevel, object message, Exception cause = null);

    public bool IsEnabled(LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => IsDebugEnabled,
        LogLevel.InfoLevel => IsInfoEnabled,
        LogLevel.WarningLevel => IsWarningEnabled,
        LogLevel.ErrorLevel => IsErrorEnabled,
        _ => throw new NotSupportedException($"Unknown LogLevel {logLevel}"),
    };

    public void Log(LogLevel logLevel, Exception cause, LogMessage message)
    {
        if (IsEnabled(logLevel)) NotifyLog(logLevel, message, cause);
    }

    public void Log(LogLevel logLevel, Exception cause, string format)
    {
        if (IsEnabled(logLevel)) NotifyLog(logLevel, format, cause);
    }
}

/// <summary>Logs nothing.</summary>
public sealed class NoLogger : ILoggingAdapter
{
    public static readonly ILoggingAdapter Instance = new NoLogger();

    private NoLogger() { }

    public ILogMessageFormatter Formatter => DefaultLogMessageFormatter.Instance;

    public bool IsDebugEnabled => false;

    public bool IsErrorEnabled => false;

    public bool IsInfoEnabled => false;

    public bool IsWarningEnabled => false;

    public bool IsEnabled(LogLevel logLevel) => false;

    public void Log(LogLevel logLevel, Exception cause, LogMessage message) { }

    public void Log(LogLevel logLevel, Exception cause, string format) { }
}

/// <summary>Publishes log events on a bus.</summary>
public sealed class BusLogging : LoggingAdapterBase
{
    public BusLogging(LoggingBus bus, string logSource, Type logClass, ILogMessageFormatter logMessageFormatter) : base(logMessageFormatter)
    {
        Bus = bus;
        LogSource = logSource;
        LogClass = logClass;
    }

    public LoggingBus Bus { get; }

    public Type LogClass { get; }

    public string LogSource { get; }

    public override bool IsDebugEnabled => Bus.LogLevel <= LogLevel.DebugLevel;

    public override bool IsErrorEnabled => Bus.LogLevel <= LogLevel.ErrorLevel;

    public override bool IsInfoEnabled => Bus.LogLevel <= LogLevel.InfoLevel;

    public override bool IsWarningEnabled => Bus.LogLevel <= LogLevel.WarningLevel;

    protected override void NotifyLog(LogLevel logLevel, object message, Exception cause = null) => Bus.Publish(logLevel switch
    {
        LogLevel.DebugLevel => new Debug(cause, LogSource, LogClass, message),
        LogLevel.InfoLevel => new Info(cause, LogSource, LogClass, message),
        LogLevel.WarningLevel => new Warning(cause, LogSource, LogClass, message),
        _ => (LogEvent)new Error(cause, LogSource, LogClass, message),
    });
}

/// <summary>Makes logging adapters.</summary>
public static class Logging
{
    public static ILoggingAdapter GetLogger(this IActorContext context, ILogMessageFormatter logMessageFormatter = null) =>
        new BusLogging(context.System.EventStream, context.Self.Path.ToString(), ((ActorCell)context).Props.Type, logMessageFormatter ?? DefaultLogMessageFormatter.Instance);

    public static ILoggingAdapter GetLogger(ActorSystem system, object logSourceObj, ILogMessageFormatter logMessageFormatter = null)
    {
        var (source, type) = SourceOf(logSourceObj);
        return new BusLogging(system.EventStream, logSourceObj is IActorContext or IActorRef ? source : $"{source}({system})", type, logMessageFormatter ?? DefaultLogMessageFormatter.Instance);
    }

    public static ILoggingAdapter GetLogger(LoggingBus loggingBus, object logSourceObj, ILogMessageFormatter logMessageFormatter = null)
    {
        var (source, type) = SourceOf(logSourceObj);
        return new BusLogging(loggingBus, source, type, logMessageFormatter ?? DefaultLogMessageFormatter.Instance);
    }

    private static (string Source, Type Type) SourceOf(object source) => source switch
    {
        string text => (text, typeof(string)),
        Type type => (SimpleName(type), type),
        IActorContext context => (context.Self.Path.ToString(), typeof(ActorBase)),
        IActorRef reference => (reference.Path.ToString(), reference.GetType()),
        _ => (SimpleName(source), source.GetType()),
    };

    public static string SimpleName(object o) => SimpleName(o.GetType());

    public static string SimpleName(Type t) => t.Name.Split('`')[0];

    public static LogLevel LogLevelFor(string logLevel) => logLevel.ToUpperInvariant() switch
    {
        "DEBUG" => LogLevel.DebugLevel,
        "INFO" => LogLevel.InfoLevel,
        "WARNING" => LogLevel.WarningLevel,
        "ERROR" => LogLevel.ErrorLevel,
        "OFF" => LoggingBus.Off,
        _ => throw new ArgumentException($"Unknown LogLevel: \"{logLevel}\". Valid values are: \"OFF\", \"DEBUG\", \"INFO\", \"WARNING\", \"ERROR\""),
    };

    public static string StringFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => "DEBUG",
        LogLevel.InfoLevel => "INFO",
        LogLevel.WarningLevel => "WARNING",
        LogLevel.ErrorLevel => "ERROR",
        _ => "OFF",
    };

    public static Type ClassFor(this LogLevel logLevel) => logLevel switch
    {
        LogLevel.DebugLevel => typeof(Debug),
        LogLevel.InfoLevel => typeof(Info),
        LogLevel.WarningLevel => typeof(Warning),
        LogLevel.ErrorLevel => typeof(Error),
        _ => throw new ArgumentException($"Unknown LogLevel: {logLevel}"),
    };
}

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
