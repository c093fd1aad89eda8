using System.CommandLine;
using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Actors.Cli.Live;

/// <summary>A node's HTTP API as far as watching needs it. Of several addresses, the next is taken when one does not answer.</summary>
internal sealed class NodeEvents : IDisposable
{
    /// <summary>A node that says nothing for so long, heartbeats included, is gone.</summary>
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(15);

    private readonly HttpClient _http;
    private readonly Uri[] _addresses;
    private int _at;

    /// <exception cref="UsageException">An address is none of HTTP's.</exception>
    public NodeEvents(Terminal terminal, string addresses)
    {
        _addresses = [.. addresses.Split(',').Select(Parse)];
        _http = new HttpClient(terminal.Http()) { Timeout = Silence };

        static Uri Parse(string text) => Uri.TryCreate(text.Contains("://") ? text : $"http://{text}", UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            ? uri
            : throw new UsageException($"--http {text}: http://HOST:PORT is meant");
    }

    public Uri Address => _addresses[_at];

    public static Option<string> Http() => new("--http")
    {
        Description = "Nodes' HTTP addresses; the first that answers is asked.", HelpName = "http://host:port,…", DefaultValueFactory = _ => "http://127.0.0.1:8080",
    };

    public void Next() => _at = (_at + 1) % _addresses.Length;

    /// <exception cref="CommandFailedException">No address answers, or the answer is an error.</exception>
    public async Task<T> GetAsync<T>(string path, JsonSerializerOptions json, CancellationToken cancellation)
    {
        for (var tried = 1; ; tried++)
        {
            try
            {
                using var response = await SendAsync(path, cancellation);
                await using var body = await response.Content.ReadAsStreamAsync(cancellation);
                return (await JsonSerializer.DeserializeAsync<T>(body, json, cancellation))!;
            }
            catch (CommandFailedException) when (tried < _addresses.Length)
            {
                Next();
            }
        }
    }

    /// <summary>The node's events until it ends the stream.</summary>
    /// <exception cref="CommandFailedException">It does not answer, or went away.</exception>
    public async IAsyncEnumerable<ServerSentEvent> ListenAsync([EnumeratorCancellation] CancellationToken cancellation)
    {
        using var response = await SendAsync("events", cancellation);
        await using var body = await response.Content.ReadAsStreamAsync(cancellation);
        await using var events = ServerSentEvents.ReadAsync(body, cancellation).GetAsyncEnumerator(cancellation);
        while (true)
        {
            try
            {
                if (!await events.MoveNextAsync()) yield break;
            }
            catch (Exception error) when (error is IOException or HttpRequestException)
            {
                throw Unanswered(error);
            }
            yield return events.Current;
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(string path, CancellationToken cancellation)
    {
        HttpResponseMessage response;
        try
        {
            response = await _http.GetAsync(new Uri(Address, path), HttpCompletionOption.ResponseHeadersRead, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw Unanswered(error);
        }
        if (response.IsSuccessStatusCode) return response;
        using (response) throw new CommandFailedException($"{Address} answered {(int)response.StatusCode} {await response.Content.ReadAsStringAsync(cancellation)}".TrimEnd());
    }

    private CommandFailedException Unanswered(Exception error) =>
        new($"no answer from {Address} ({error.Message})\nIs a node running there? Name another with --http http://HOST:PORT.");
}
