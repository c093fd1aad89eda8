using System.Text.Json;
using System.Text.Json.Serialization;
using Actors.Client;
using Actors.Node.Live;
using Actors.Node.Metrics;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Actors.Node;

/// <summary>The node's HTTP API. Errors are <c>{"error_code":40401,"message":"…"}</c>, as in Kafka's REST APIs.</summary>
internal static class HttpApi
{
    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

    private static readonly TimeSpan ReadPatience = TimeSpan.FromSeconds(5);

    public static void Map(WebApplication app, NodeState node, NodeMetrics metrics)
    {
        app.MapGet("/health", http => HealthAsync(http, node));
        app.MapGet("/metrics", http => MetricsAsync(http, metrics));
        ClusterEndpoints.Map(app, node);
        StorageEndpoint.Map(app, node);
        TopologyEndpoints.Map(app, node);
        EventsEndpoint.Map(app, node);
        PageEndpoint.Map(app, node);
        app.MapFallback(http => ErrorAsync(http, 404, 40401, $"there is no {http.Request.Method} {http.Request.Path}"));
    }

    /// <summary>
    /// Maps a read that asks brokers or the topologies. One that is refused, or has no answer within a few seconds, as while a partition has no leader,
    /// is answered with 503.
    /// </summary>
    public static void MapRead(WebApplication app, string pattern, Func<HttpContext, Task> read) => app.MapGet(pattern, http => ReadAsync(http, read, ReadPatience));

    internal static async Task ReadAsync(HttpContext http, Func<HttpContext, Task> read, TimeSpan patience)
    {
        var caller = http.RequestAborted;
        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(caller);
        deadline.CancelAfter(patience);
        http.RequestAborted = deadline.Token;
        try
        {
            await read(http);
        }
        catch (Exception e) when (!caller.IsCancellationRequested && !http.Response.HasStarted && (e is KafkaException or AskTimeoutException or OperationCanceledException))
        {
            http.RequestAborted = caller;
            http.Response.Clear();
            var (code, message) = e is KafkaException ? (50303, e.Message) : (50302, $"no answer within {patience.TotalSeconds:0.#} s");
            await ErrorAsync(http, 503, code, message);
        }
    }

    public static Task AnswerAsync(HttpContext http, object value, int status = 200)
    {
        http.Response.StatusCode = status;
        return http.Response.WriteAsJsonAsync(value, Json);
    }

    public static Task ErrorAsync(HttpContext http, int status, int code, string message) => AnswerAsync(http, new { ErrorCode = code, Message = message }, status);

    private static async Task MetricsAsync(HttpContext http, NodeMetrics metrics)
    {
        var families = await metrics.ReadAsync(http.RequestAborted);
        http.Response.ContentType = PrometheusText.ContentType;
        await http.Response.WriteAsync(PrometheusText.Write(families));
    }

    private static Task HealthAsync(HttpContext http, NodeState node) =>
        AnswerAsync(http, new { node.Status, Node = node.NodeId, node.Kafka, node.Storage }, node.Status == "up" ? 200 : 503);
}
