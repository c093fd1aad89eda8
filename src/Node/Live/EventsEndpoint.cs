using System.Threading.Channels;
using Akka.Actor;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Actors.Node.Live;

/// <summary><c>GET /events</c>: server-sent events. How things stand (cluster, topic, group, topology, then ready), then what changes, and a heartbeat in silence.</summary>
internal static class EventsEndpoint
{
    /// <summary>Events that may wait for a listener; one that is further behind is dropped.</summary>
    private const int MostWaiting = 4096;

    private static readonly TimeSpan HeartbeatEvery = TimeSpan.FromSeconds(5);
    private static readonly byte[] Heartbeat = ": heartbeat\n\n"u8.ToArray();
    private static readonly byte[] ComeAgain = "retry: 1000\n\n"u8.ToArray();

    public static void Map(WebApplication app, NodeState node) => app.MapGet("/events", http => ListenAsync(http, node, app.Lifetime.ApplicationStopping));

    private static async Task ListenAsync(HttpContext http, NodeState node, CancellationToken stopping)
    {
        if (node.Status != "up")
        {
            await HttpApi.ErrorAsync(http, 503, 50301, $"the node is {node.Status}");
            return;
        }
        var feed = node.Live;
        using var over = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        var events = Channel.CreateBounded<LiveEvent>(new BoundedChannelOptions(MostWaiting) { SingleReader = true });
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
        feed.Tell(new LiveFeedActor.Listen(events.Writer));
        try
        {
            await http.Response.Body.WriteAsync(ComeAgain, over.Token);
            await WriteAsync(http.Response.Body, events.Reader, over.Token);
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            // The listener went away, or the node stops.
        }
        finally
        {
            feed.Tell(new LiveFeedActor.Unlisten(events.Writer));
        }
    }

    private static async Task WriteAsync(Stream body, ChannelReader<LiveEvent> events, CancellationToken over)
    {
        while (true)
        {
            var more = events.WaitToReadAsync(over).AsTask();
            while (await Task.WhenAny(more, Task.Delay(HeartbeatEvery, over)) != more)
            {
                over.ThrowIfCancellationRequested();
                await body.WriteAsync(Heartbeat, over);
                await body.FlushAsync(over);
            }
            if (!await more)
                return;
            while (events.TryRead(out var happened))
                await body.WriteAsync(happened.Bytes, over);
            await body.FlushAsync(over);
        }
    }
}
