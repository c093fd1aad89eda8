using System.IO.Pipelines;
using System.Text;
using System.Text.Json;
using Actors.Client;

namespace Actors.Cli;

/// <summary>What a command reads from and writes to. Records are bytes and pass untouched; what the program says itself is text.</summary>
internal sealed class Terminal(
    Stream input, Stream output, TextWriter error, bool isInteractive,
    Func<string, int, CancellationToken, ValueTask<IDuplexPipe>>? connect = null, Func<HttpMessageHandler>? http = null, bool isScreen = false,
    bool showsProgress = false)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false);

    private static readonly JsonSerializerOptions Snake = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, WriteIndented = true };

    public Stream Input => input;

    public Stream Output => output;

    public TextWriter Error => error;

    /// <summary>A person types the input.</summary>
    public bool IsInteractive => isInteractive;

    /// <summary>The output is a terminal, which can be drawn on.</summary>
    public bool IsScreen => isScreen;

    /// <summary>Standard error is a terminal, on which a long command may tell how far it is.</summary>
    public bool ShowsProgress => showsProgress;

    /// <summary>How brokers are reached.</summary>
    public Func<string, int, CancellationToken, ValueTask<IDuplexPipe>> Connect { get; } = connect ?? TcpTransport.ConnectAsync;

    /// <summary>How a node's HTTP API is reached.</summary>
    public HttpMessageHandler Http() => http?.Invoke() ?? new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5) };

    public static Terminal OfProcess() =>
        new(Console.OpenStandardInput(), Console.OpenStandardOutput(), Console.Error, !Console.IsInputRedirected, isScreen: !Console.IsOutputRedirected,
            showsProgress: !Console.IsErrorRedirected);

    public void Line(string text) => output.Write(Utf8.GetBytes(text + "\n"));

    /// <summary>One JSON document, its members named as the node's HTTP API names them.</summary>
    public void Json<T>(T value) => Line(JsonSerializer.Serialize(value, Snake));
}
