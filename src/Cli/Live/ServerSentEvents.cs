using System.Runtime.CompilerServices;
using System.Text;

namespace Actors.Cli.Live;

/// <summary>An event of a stream of server-sent events.</summary>
internal sealed record ServerSentEvent(string Name, string Data);

/// <summary>Reads a stream of server-sent events. Source: the HTML standard, "Server-sent events"; ids and retry are not used here.</summary>
internal static class ServerSentEvents
{
    public static async IAsyncEnumerable<ServerSentEvent> ReadAsync(Stream stream, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var lines = new StreamReader(stream, Encoding.UTF8);
        var (name, data) = ("message", new StringBuilder());
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (line.Length == 0)
            {
                if (data.Length > 0)
                    yield return new ServerSentEvent(name, data.ToString());
                name = "message";
                data.Clear();
            }
            else if (Field(line, "event") is { } given)
            {
                name = given;
            }
            else if (Field(line, "data") is { } text)
            {
                if (data.Length > 0) data.Append('\n');
                data.Append(text);
            }
        }
    }

    private static string? Field(string line, string name)
    {
        if (!line.StartsWith(name, StringComparison.Ordinal) || line.Length == name.Length || line[name.Length] != ':') return null;
        var value = line[(name.Length + 1)..];
        return value.StartsWith(' ') ? value[1..] : value;
    }
}
