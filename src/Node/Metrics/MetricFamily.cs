namespace Actors.Node.Metrics;

internal enum MetricType
{
    Counter,
    Gauge,
    Histogram,
}

/// <summary>One figure: its labels, and for a histogram's parts the suffix.</summary>
internal readonly record struct Sample(double Value, IReadOnlyList<(string Name, string Value)> Labels, string Suffix = "");

/// <summary>Figures of one name, as Prometheus groups them.</summary>
internal sealed record MetricFamily(string Name, string Help, MetricType Type, IReadOnlyList<Sample> Samples);

/// <summary>Families in the making.</summary>
internal sealed class MetricFamilies
{
    private readonly List<MetricFamily> _families = [];

    public IReadOnlyList<MetricFamily> All => _families;

    public void Gauge(string name, string help, double value) => _families.Add(new MetricFamily(name, help, MetricType.Gauge, [new Sample(value, [])]));

    public void Counter(string name, string help, double value) => _families.Add(new MetricFamily(name, help, MetricType.Counter, [new Sample(value, [])]));

    public void Gauges(string name, string help, IEnumerable<Sample> samples) => _families.Add(new MetricFamily(name, help, MetricType.Gauge, [.. samples]));

    public void Counters(string name, string help, IEnumerable<Sample> samples) => _families.Add(new MetricFamily(name, help, MetricType.Counter, [.. samples]));

    public void Histograms(string name, string help, IEnumerable<Sample> samples) => _families.Add(new MetricFamily(name, help, MetricType.Histogram, [.. samples]));
}
