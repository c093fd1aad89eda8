using System.Globalization;
using Akka.Actor;

namespace Akka.Event;

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
