using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Actors.Cli.Topics;

namespace Actors.Cli.Topologies;

/// <summary>A topology as the node tells it.</summary>
internal sealed record TopologyStatus(string Name, string State, string? Guarantee, IReadOnlyList<TaskStatus>? Tasks, string? Reason, TopologyFailure? LastError);

/// <summary>A task of a topology: one sub-topology on one partition number.</summary>
internal sealed record TaskStatus(string Id, JsonElement Node, string State, long? Lag, TopologyFailure? LastError);

/// <summary>What a topology or a task last failed with; times in epoch milliseconds.</summary>
internal sealed record TopologyFailure(string Message, long Timestamp, int InARow, long RetryAt);

/// <summary>What became of a deployment.</summary>
internal enum Deployment
{
    New,
    Unchanged,
}

/// <summary>The topologies of a node's HTTP API.</summary>
internal sealed class NodeHttp : IDisposable
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly HttpClient _http;
    private readonly Uri _address;

    /// <exception cref="UsageException">The address is none of HTTP's.</exception>
    public NodeHttp(Terminal terminal, string address)
    {
        if (!Uri.TryCreate(address.Contains("://") ? address : $"http://{address}", UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
            throw new UsageException($"--http {address}: http://HOST:PORT is meant");
        _address = uri;
        _http = new HttpClient(terminal.Http()) { BaseAddress = uri, Timeout = TimeSpan.FromSeconds(30) };
    }

    public async Task<IReadOnlyList<TopologyStatus>> ListAsync(CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, "topologies", null, cancellation);
        await CheckAsync(response, "the topologies", cancellation);
        return JsonSerializer.Deserialize<TopologyStatus[]>(await response.Content.ReadAsStreamAsync(cancellation), Json) ?? [];
    }

    /// <exception cref="CommandFailedException">There is no such topology.</exception>
    public async Task<TopologyStatus> GetAsync(string name, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, $"topologies/{Uri.EscapeDataString(name)}", null, cancellation);
        CheckIsThere(response, name);
        await CheckAsync(response, $"topology {name}", cancellation);
        return JsonSerializer.Deserialize<TopologyStatus>(await response.Content.ReadAsStreamAsync(cancellation), Json)!;
    }

    /// <exception cref="CommandFailedException">There is no such topic.</exception>
    public async Task<TopicStorage> StorageAsync(string topic, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Get, $"topics/{Uri.EscapeDataString(topic)}/storage", null, cancellation);
        await CheckAsync(response, $"topic {topic}", cancellation);
        return JsonSerializer.Deserialize<TopicStorage>(await response.Content.ReadAsStreamAsync(cancellation), Json)!;
    }

    /// <exception cref="CommandFailedException">It is refused, or another text lives under its name.</exception>
    public async Task<Deployment> PutAsync(string name, byte[] text, CancellationToken cancellation)
    {
        using var content = new ByteArrayContent(text) { Headers = { ContentType = new MediaTypeHeaderValue("application/hocon") } };
        using var response = await SendAsync(HttpMethod.Put, $"topologies/{Uri.EscapeDataString(name)}", content, cancellation);
        if (response.StatusCode == HttpStatusCode.Conflict)
            throw new CommandFailedException($"another text is deployed as topology {name}\n'actors topologies delete {name}' ends it; or give this one another name.");
        await CheckAsync(response, $"topology {name}", cancellation);
        return response.StatusCode == HttpStatusCode.Created ? Deployment.New : Deployment.Unchanged;
    }

    /// <exception cref="CommandFailedException">There is no such topology.</exception>
    public async Task DeleteAsync(string name, CancellationToken cancellation)
    {
        using var response = await SendAsync(HttpMethod.Delete, $"topologies/{Uri.EscapeDataString(name)}", null, cancellation);
        CheckIsThere(response, name);
        await CheckAsync(response, $"topology {name}", cancellation);
    }

    private static void CheckIsThere(HttpResponseMessage response, string name)
    {
        if (response.StatusCode == HttpStatusCode.NotFound)
            throw new CommandFailedException($"there is no topology {name}\n'actors topologies list' shows those there are.");
    }

    public void Dispose() => _http.Dispose();

    private async Task<HttpResponseMessage> SendAsync(HttpMethod method, string path, HttpContent? content, CancellationToken cancellation)
    {
        try
        {
            using var request = new HttpRequestMessage(method, path) { Content = content };
            return await _http.SendAsync(request, cancellation);
        }
        catch (Exception error) when (error is HttpRequestException || (error is TaskCanceledException && !cancellation.IsCancellationRequested))
        {
            throw new CommandFailedException($"no answer from {_address} ({error.Message})\nIs a node running there? Name another with --http http://HOST:PORT.");
        }
    }

    private static async Task CheckAsync(HttpResponseMessage response, string what, CancellationToken cancellation)
    {
        if (response.IsSuccessStatusCode) return;
        var body = await response.Content.ReadAsStringAsync(cancellation);
        throw new CommandFailedException(Reasons(body) is { Length: > 0 } reasons ? reasons : $"{what}: the node answered {(int)response.StatusCode} {body}".TrimEnd());
    }

    /// <summary>What an error's body says, a line each: of a refused topology every error with its place.</summary>
    private static string Reasons(string body)
    {
        try
        {
            var error = JsonSerializer.Deserialize<ErrorBody>(body, Json);
            if (error?.Errors is { Count: > 0 } errors)
                return $"the topology is refused\n{string.Join('\n', errors.Select(e => $"{e.File}:{e.Line}:{e.Column}: {(string.IsNullOrEmpty(e.Field) ? "" : $"{e.Field}: ")}{e.Message}"))}";
            return error?.Message ?? "";
        }
        catch (JsonException)
        {
            return "";
        }
    }

    private sealed record ErrorBody([property: JsonPropertyName("error_code")] int? Code, string? Message, IReadOnlyList<FieldError>? Errors);

    private sealed record FieldError(string? File, int Line, int Column, string? Field, string? Message);
}
