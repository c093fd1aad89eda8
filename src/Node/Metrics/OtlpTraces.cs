using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Actors.Node.Metrics;

/// <summary>
/// Sends spans to an OpenTelemetry collector, as protobuf over HTTP: of a share of the requests that Kafka's clients make and of the commits that topologies' tasks make.
/// What does not fit the exporter's queue of 2048 spans is left out.
/// </summary>
internal sealed class OtlpTraces : IDisposable
{
    private static readonly string[] Sources = ["Actors.Broker", "Actors.Topology"];

    /// <summary>Milliseconds; the last export holds the node's end up.</summary>
    private const int ExportWithin = 2000;

    private static readonly TimeSpan MostBetweenExports = TimeSpan.FromSeconds(5);

    private readonly TracerProvider _provider;

    public OtlpTraces(int nodeId, string endpoint, TimeSpan interval, double share) => _provider = Sdk.CreateTracerProviderBuilder()
        .ConfigureResource(resource => resource.AddService("actors", serviceInstanceId: nodeId.ToString(CultureInfo.InvariantCulture)))
        .AddSource(Sources)
        .SetSampler(new TraceIdRatioBasedSampler(share))
        .AddOtlpExporter(exporter =>
        {
            exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
            exporter.TimeoutMilliseconds = ExportWithin;
            exporter.Endpoint = new Uri($"{endpoint.TrimEnd('/')}/v1/traces");
            exporter.BatchExportProcessorOptions.ScheduledDelayMilliseconds = (int)(interval < MostBetweenExports ? interval : MostBetweenExports).TotalMilliseconds;
            exporter.BatchExportProcessorOptions.ExporterTimeoutMilliseconds = ExportWithin;
        })
        .Build();

    public void Dispose() => _provider.Dispose();
}
