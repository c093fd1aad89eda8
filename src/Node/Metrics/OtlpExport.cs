using System.Diagnostics.Metrics;
using System.Globalization;
using OpenTelemetry;
using OpenTelemetry.Exporter;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Actors.Node.Metrics;

/// <summary>
/// Sends the node's metrics to an OpenTelemetry collector, as protobuf over HTTP: those of <c>/metrics</c> without the ending <c>_total</c>, the histograms of requests
/// and commits, and .NET's own of its runtime.
/// </summary>
internal sealed class OtlpExport : IDisposable
{
    private const string MeterName = "Actors.Node";

    /// <summary>Figures that .NET's own meter has.</summary>
    private static readonly string[] OfTheRuntime = ["process_", "dotnet_"];

    /// <summary>Milliseconds; the last export holds the node's end up.</summary>
    private const int ExportWithin = 2000;

    private readonly NodeMetrics _metrics;
    private readonly Meter _meter = new(MeterName);
    private readonly MeterProvider _provider;
    private readonly Lock _gate = new();
    private IReadOnlyDictionary<string, MetricFamily> _families = new Dictionary<string, MetricFamily>();
    private long _readAt;

    public OtlpExport(NodeMetrics metrics, int nodeId, string endpoint, TimeSpan interval)
    {
        _metrics = metrics;
        foreach (var family in metrics.Read(Lags.None).Where(f => f.Type != MetricType.Histogram && !OfTheRuntime.Any(f.Name.StartsWith))) Publish(family);
        _provider = Sdk.CreateMeterProviderBuilder()
            .ConfigureResource(resource => resource.AddService("actors", serviceInstanceId: nodeId.ToString(CultureInfo.InvariantCulture)))
            .AddMeter(MeterName, "Actors.Broker", "Akka.Persistence.Sql", "System.Runtime")
            .AddOtlpExporter((exporter, reader) =>
            {
                exporter.Protocol = OtlpExportProtocol.HttpProtobuf;
                exporter.TimeoutMilliseconds = ExportWithin;
                exporter.Endpoint = new Uri($"{endpoint.TrimEnd('/')}/v1/metrics");
                reader.PeriodicExportingMetricReaderOptions.ExportIntervalMilliseconds = (int)interval.TotalMilliseconds;
            })
            .Build();
    }

    public void Dispose()
    {
        _provider.Dispose();
        _meter.Dispose();
    }

    private void Publish(MetricFamily family)
    {
        var name = family.Name;
        if (family.Type == MetricType.Counter)
            _meter.CreateObservableCounter(name.EndsWith("_total", StringComparison.Ordinal) ? name[..^"_total".Length] : name, () => Read(name), description: family.Help);
        else
            _meter.CreateObservableGauge(name, () => Read(name), description: family.Help);
    }

    /// <summary>Called by the exporter's own thread, for one instrument after the other: all of them are of one look.</summary>
    private IEnumerable<Measurement<double>> Read(string name)
    {
        lock (_gate)
        {
            if (_readAt == 0 || TimeProvider.System.GetElapsedTime(_readAt) > TimeSpan.FromSeconds(1))
            {
                _families = _metrics.ReadAsync().GetAwaiter().GetResult().ToDictionary(f => f.Name);
                _readAt = TimeProvider.System.GetTimestamp();
            }
            return [.. _families[name].Samples.Select(s => new Measurement<double>(s.Value, s.Labels.Select(l => KeyValuePair.Create(l.Name, (object?)l.Value))))];
        }
    }
}
