using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Actors.Node.Logs;

/// <summary>How log lines look.</summary>
internal enum LogFormat
{
    /// <summary>For people.</summary>
    Text,

    /// <summary>A JSON object a line, for machines: timestamp, level, logger, message and, where there is one, exception.</summary>
    Json,
}

/// <summary>Standard error, where everything that a node logs goes: the actors', the web server's and its own. It is the process's, and so is the format.</summary>
internal static class NodeLog
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static LogFormat Format { get; set; }

    /// <summary>What its user should know.</summary>
    public static Task WarningAsync(string message) =>
        Console.Error.WriteLineAsync(Format == LogFormat.Json ? Line(DateTime.UtcNow, "WARNING", "node", message, null) : $"warning: {message}");

    /// <summary>One log entry as a line of JSON, without its end.</summary>
    public static string Line(DateTime timestamp, string level, string logger, string message, Exception? exception)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", timestamp);
            json.WriteString("level", level);
            json.WriteString("logger", logger);
            json.WriteString("message", message);
            if (exception is not null) json.WriteString("exception", exception.ToString());
            json.WriteEndObject();
        }
        return Encoding.UTF8.GetString(bytes.GetBuffer(), 0, (int)bytes.Length);
    }
}
