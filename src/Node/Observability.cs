using Actors.Hocon;
using Actors.Node.Logs;

namespace Actors.Node;

/// <summary>What a node tells of itself, to whom and how.</summary>
/// <param name="LagInterval">How old the lags in <c>/metrics</c> may be.</param>
/// <param name="OtlpEndpoint">The OpenTelemetry collector that metrics and spans are sent to; empty: none.</param>
/// <param name="OtlpInterval">How often.</param>
/// <param name="TracedShare">The share of spans that are sent there, 0 to 1; 0: no span is made.</param>
/// <param name="LogFormat">Text or JSON.</param>
internal sealed record Observability(TimeSpan LagInterval, string OtlpEndpoint, TimeSpan OtlpInterval, double TracedShare, LogFormat LogFormat)
{
    public static Observability Read(HoconSection actors)
    {
        var (metrics, otlp) = (actors.Section("metrics"), actors.Section("telemetry").Section("otlp"));
        var endpoint = otlp.Text("endpoint");
        if (endpoint.Length > 0 && !(Uri.TryCreate(endpoint, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"))
            otlp.Error("endpoint", $"\"{endpoint}\" is no http or https address");
        return new Observability(
            metrics.Duration("lag-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)), endpoint,
            otlp.Duration("interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)), otlp.Double("traces", 0, 1), actors.Section("log").Enum<LogFormat>("format"));
    }
}
