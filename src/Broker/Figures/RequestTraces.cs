using System.Diagnostics;
using Actors.Protocol;

namespace Actors.Broker;

/// <summary>
/// A span for each request, from its arrival to its response, made when it is answered: while nobody listens this costs one look, and nothing is allocated. Each is a trace of its own,
/// for Kafka's requests do not say whose part they are.
/// </summary>
internal static class RequestTraces
{
    /// <summary>The source of the spans.</summary>
    public const string SourceName = "Actors.Broker";

    private static readonly ActivitySource Source = new(SourceName);

    public static bool IsListenedTo => Source.HasListeners();

    /// <param name="api">The span's name.</param>
    /// <param name="version">The version of the request.</param>
    /// <param name="clientId">What the client calls itself.</param>
    /// <param name="error">The first error in the response.</param>
    /// <param name="startedAt">When the request arrived, by the monotonic clock.</param>
    public static void Answered(ApiKey api, short version, string clientId, ErrorCode error, long startedAt)
    {
        if (!Source.HasListeners()) return;
        var surrounding = Activity.Current;
        Activity.Current = null;
        using (var span = Source.StartActivity(api.ToString(), ActivityKind.Server, default(ActivityContext), startTime: DateTimeOffset.UtcNow - Stopwatch.GetElapsedTime(startedAt)))
        {
            span?.SetTag("messaging.system", "kafka").SetTag("messaging.client.id", clientId).SetTag("kafka.api.key", (int)api).SetTag("kafka.api.version", (int)version);
            if (error != ErrorCode.None) span?.SetTag("error.type", error.WireName()).SetStatus(ActivityStatusCode.Error);
        }
        Activity.Current = surrounding;
    }

    /// <summary>The first error that a response tells; none where nobody listens.</summary>
    public static ErrorCode FirstError(IResponse response)
    {
        if (!Source.HasListeners()) return ErrorCode.None;
        var first = new First();
        response.TellErrors(first);
        return first.Error;
    }

    private sealed class First : IErrorTally
    {
        public ErrorCode Error { get; private set; }

        public void Add(ErrorCode error)
        {
            if (Error == ErrorCode.None) Error = error;
        }
    }
}
