using Akka.Event;
using Microsoft.Extensions.Logging;
using Level = Microsoft.Extensions.Logging.LogLevel;

namespace Actors.Node.Logs;

/// <summary>The actors' log as lines of JSON; in the place of <see cref="DefaultLogger"/> under <c>akka.loggers</c>.</summary>
internal sealed class JsonLogger : DefaultLogger
{
    protected override void Print(LogEvent logEvent) =>
        Console.Error.WriteLine(NodeLog.Line(logEvent.Timestamp, logEvent.LogLevel().StringFor(), logEvent.LogSource, logEvent.Message?.ToString() ?? "", logEvent.Cause));
}

/// <summary>The web server's log as lines of the same form.</summary>
internal sealed class JsonLoggerProvider : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new Logger(categoryName);

    public void Dispose()
    {
    }

    private sealed class Logger(string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(Level logLevel) => logLevel != Level.None;

        public void Log<TState>(Level logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Console.Error.WriteLine(NodeLog.Line(DateTime.UtcNow, Name(logLevel), category, formatter(state, exception), exception));

        private static string Name(Level level) => level switch
        {
            Level.Trace or Level.Debug => "DEBUG",
            Level.Information => "INFO",
            Level.Warning => "WARNING",
            _ => "ERROR",
        };
    }
}
