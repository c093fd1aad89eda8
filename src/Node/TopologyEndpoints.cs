using System.Text;
using Actors.Client;
using Actors.Topology;
using Actors.Topology.Runtime;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace Actors.Node;

/// <summary><c>/topologies</c> and <c>/topologies/{name}</c>: the deployed topologies, seen, deployed and ended.</summary>
internal static class TopologyEndpoints
{
    /// <summary>A text must stay below what a record may hold.</summary>
    private const int MaxTextBytes = 512 << 10;

    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    private delegate Task Handler(HttpContext http, TopologyDeployments topologies);

    public static void Map(WebApplication app, NodeState node)
    {
        app.MapGet("/topologies", http => ServeAsync(http, node, ListAsync));
        app.MapGet("/topologies/{name}", http => ServeAsync(http, node, GetAsync));
        app.MapPut("/topologies/{name}", http => ServeAsync(http, node, PutAsync));
        app.MapDelete("/topologies/{name}", http => ServeAsync(http, node, DeleteAsync));
    }

    private static async Task ServeAsync(HttpContext http, NodeState node, Handler handler)
    {
        if (node.Topologies is not { } topologies || node.Status != "up")
        {
            await HttpApi.ErrorAsync(http, 503, 50301, $"the node is {node.Status}");
            return;
        }
        try
        {
            await handler(http, topologies);
        }
        catch (AskTimeoutException)
        {
            await HttpApi.ErrorAsync(http, 503, 50302, "the topologies' actor did not answer in time");
        }
        catch (KafkaException e)
        {
            await HttpApi.ErrorAsync(http, 503, 50303, e.Message);
        }
    }

    private static async Task ListAsync(HttpContext http, TopologyDeployments topologies) =>
        await HttpApi.AnswerAsync(http, (await topologies.ListAsync(http.RequestAborted)).Select(Shown));

    private static async Task GetAsync(HttpContext http, TopologyDeployments topologies)
    {
        if (await topologies.GetAsync(Name(http), http.RequestAborted) is { } status)
            await HttpApi.AnswerAsync(http, Shown(status));
        else
            await NotFoundAsync(http);
    }

    private static async Task PutAsync(HttpContext http, TopologyDeployments topologies)
    {
        if (await ReadTextAsync(http) is not { } text)
            return;
        var name = Name(http);
        var result = await topologies.PutAsync(name, text, $"{name}.conf", http.RequestAborted);
        switch (result.Outcome)
        {
            case PutOutcome.Invalid:
                await HttpApi.AnswerAsync(http, new { result.Errors }, 400);
                break;
            case PutOutcome.Conflict:
                await HttpApi.ErrorAsync(http, 409, 40901, $"another text is deployed as topology {name}; delete it first, or take another name");
                break;
            default:
                var status = await topologies.GetAsync(name, http.RequestAborted);
                await HttpApi.AnswerAsync(http, status is null ? new { Name = name } : Shown(status), result.Outcome == PutOutcome.Created ? 201 : 200);
                break;
        }
    }

    private static async Task DeleteAsync(HttpContext http, TopologyDeployments topologies)
    {
        if (await topologies.DeleteAsync(Name(http), http.RequestAborted))
            http.Response.StatusCode = 204;
        else
            await NotFoundAsync(http);
    }

    /// <summary>Null once it was answered that the body is none.</summary>
    private static async Task<string?> ReadTextAsync(HttpContext http)
    {
        var body = new byte[MaxTextBytes + 1];
        var length = await http.Request.Body.ReadAtLeastAsync(body, body.Length, throwOnEndOfStream: false, http.RequestAborted);
        if (length > MaxTextBytes)
        {
            await HttpApi.ErrorAsync(http, 413, 41301, $"a topology's text has at most {MaxTextBytes} bytes");
            return null;
        }
        try
        {
            return StrictUtf8.GetString(body, 0, length);
        }
        catch (DecoderFallbackException e)
        {
            await HttpApi.AnswerAsync(http, new { Errors = new[] { new TopologyError($"{Name(http)}.conf", 1, 1, "", $"is no UTF-8: {e.Message}") } }, 400);
            return null;
        }
    }

    private static Task NotFoundAsync(HttpContext http) => HttpApi.ErrorAsync(http, 404, 40401, $"there is no topology {Name(http)}");

    private static string Name(HttpContext http) => (string)http.Request.RouteValues["name"]!;

    internal static object Shown(TopologyStatus status) => new
    {
        status.Name,
        status.State,
        status.Reason,
        Guarantee = status.Guarantee == Guarantee.ExactlyOnce ? "exactly-once" : "at-least-once",
        LastError = Shown(status.LastError),
        Tasks = status.Tasks.Select(task => new { Id = task.Id.ToString(), task.Node, task.State, task.Lag, LastError = Shown(task.LastError) }),
    };

    /// <summary>Times in epoch milliseconds.</summary>
    private static object? Shown(TopologyFailure? failure) => failure is null ? null : new
    {
        failure.Message,
        Timestamp = failure.At.ToUnixTimeMilliseconds(),
        failure.InARow,
        RetryAt = failure.RetryAt.ToUnixTimeMilliseconds(),
    };
}
