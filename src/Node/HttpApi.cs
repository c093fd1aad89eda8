using System.Text.Json;
using System.Text.Json.Serialization;
using Actors.Node.Live;
using Actors.Node.Metrics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Actors.Node;

/// <summary>The node's HTTP API. Errors are <c>{"error_code":40401,"message":"…"}</c>, as in Kafka's REST APIs.</summary>
internal static class HttpApi
{
    internal static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.Never };

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
