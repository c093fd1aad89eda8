using System.Globalization;
using Akka.Actor;

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
