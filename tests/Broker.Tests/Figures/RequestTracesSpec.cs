using System.Diagnostics;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Broker.Tests.Figures;

public class RequestTracesSpec
{
    private static readonly HeartbeatResponse Refused = new() { ErrorCode = (short)ErrorCode.UnknownMemberId };

    [Fact]
    public void A_span_is_of_the_request_alone_with_its_time_client_and_first_error()
    {
        var spans = new List<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == RequestTraces.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            // Other specs' requests are seen here too.
            ActivityStopped = span => { if (span.GetTagItem("messaging.client.id") is "traced-client") spans.Add(span); },
        };
        ActivitySource.AddActivityListener(listener);
        using var surrounding = new Activity("surrounding").Start();
        var startedAt = Stopwatch.GetTimestamp() - Stopwatch.Frequency;
        RequestTraces.Answered(ApiKey.Heartbeat, 4, "traced-client", RequestTraces.FirstError(Refused), startedAt);
        RequestTraces.Answered(ApiKey.Fetch, 11, "traced-client", RequestTraces.FirstError(new FetchResponse()), startedAt);
        Assert.Same(surrounding, Activity.Current);
        Assert.Equal(
            [("Heartbeat", ActivityKind.Server, (object?)"UNKNOWN_MEMBER_ID", ActivityStatusCode.Error), ("Fetch", ActivityKind.Server, null, ActivityStatusCode.Unset)],
            spans.Select(span => (span.DisplayName, span.Kind, span.GetTagItem("error.type"), span.Status)));
        Assert.All(spans, span => Assert.True(span.ParentId is null && span.Duration >= TimeSpan.FromSeconds(1), $"{span.ParentId} {span.Duration}"));
        Assert.Equal((12, 4), (spans[0].GetTagItem("kafka.api.key"), spans[0].GetTagItem("kafka.api.version")));
    }

    [Fact]
    public void While_nobody_listens_a_request_costs_no_allocation()
    {
        for (var i = 0; i < 10; i++) Answer();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++) Answer();
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.True(allocated < 1000, $"{allocated} bytes for 10,000 requests");

        static void Answer() => RequestTraces.Answered(ApiKey.Heartbeat, 4, "client", RequestTraces.FirstError(Refused), Stopwatch.GetTimestamp());
    }
}
