using System.Text.Json;

namespace Actors.Node.Demo;

/// <summary>A brand's commercials since the beginning.</summary>
internal sealed record BrandRow(string Brand, long Count, double DurationMean, double RatingMean);

/// <summary>A brand's commercials of one window.</summary>
internal sealed record WindowRow(DateTimeOffset Start, string Brand, long Count);

/// <summary>What the topology has written so far: the latest row of each brand, and of each brand in each of the last windows. One writer, any number of readers.</summary>
internal sealed class CommercialsResults
{
    public const string PerBrand = "metrics_per_brand";
    public const string PerBrandWindowed = "metrics_per_brand_windowed";

    private const int MostWindowRows = 12;
    private const int MostBrands = 20;

    private static readonly long LastMillisecond = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    private readonly SortedDictionary<string, BrandRow> _brands = new(StringComparer.Ordinal);
    private readonly SortedDictionary<(DateTimeOffset Start, string Brand), WindowRow> _windows = [];
    private readonly Lock _gate = new();
    private long _version;

    /// <summary>Grows with each row that is taken.</summary>
    public long Version => Volatile.Read(ref _version);

    public IReadOnlyList<BrandRow> Brands
    {
        get
        {
            lock (_gate) return [.. _brands.Values];
        }
    }

    /// <summary>The last windows, oldest first.</summary>
    public IReadOnlyList<WindowRow> Windows
    {
        get
        {
            lock (_gate) return [.. _windows.Values];
        }
    }

    /// <summary>Takes a record of one of the two topics; what somebody else wrote there and is no such row is passed over.</summary>
    public void Take(string topic, ReadOnlyMemory<byte> value)
    {
        Row? row;
        try
        {
            row = JsonSerializer.Deserialize<Row>(value.Span, Json);
        }
        catch (JsonException)
        {
            return;
        }
        if (row is not { Brand: { } brand })
            return;
        lock (_gate)
        {
            if (topic == PerBrand)
            {
                _brands[brand] = new BrandRow(brand, row.Cnt, row.DurationMean, row.RatingMean);
            }
            else
            {
                var start = DateTimeOffset.UnixEpoch.AddMilliseconds(Math.Clamp(row.WindowStart, 0, LastMillisecond));
                _windows[(start, brand)] = new WindowRow(start, brand, row.Cnt);
                if (_windows.Count > MostWindowRows) _windows.Remove(_windows.Keys.First());
            }
            if (_brands.Count > MostBrands) _brands.Remove(_brands.Keys.Last());
        }
        Interlocked.Increment(ref _version);
    }

    /// <summary>A row of either topic as it stands there.</summary>
    private sealed record Row(string? Brand, long Cnt, double DurationMean, double RatingMean, long WindowStart);
}
