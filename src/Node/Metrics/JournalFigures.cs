using System.Diagnostics.Metrics;
using Actors.Broker;

namespace Actors.Node.Metrics;

/// <summary>Adds up what the journal's writer measures of its commits, in the whole process; with Akka.NET's own plugin, which measures nothing, there is nothing to add.</summary>
internal sealed class JournalFigures : IDisposable
{
    private const string MeterName = "Akka.Persistence.Sql";

    private readonly MeterListener _listener = new();
    private long _events, _bytes;

    public JournalFigures()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name == MeterName) listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<double>((_, seconds, _, _) => Commits.Add(TimeSpan.FromSeconds(seconds)));
        _listener.SetMeasurementEventCallback<long>((instrument, value, _, _) =>
        {
            if (instrument.Name.EndsWith(".events", StringComparison.Ordinal)) Interlocked.Add(ref _events, value);
            else Interlocked.Add(ref _bytes, value);
        });
        _listener.Start();
    }

    public LatencyHistogram Commits { get; } = new();

    public long Events => Interlocked.Read(ref _events);

    public long Bytes => Interlocked.Read(ref _bytes);

    public void Dispose() => _listener.Dispose();
}
