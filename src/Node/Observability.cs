using Actors.Hocon;

namespace Actors.Node;

/// <summary>What a node tells of itself, to whom and how.</summary>
/// <param name="LagInterval">How old the lags in <c>/metrics</c> may be.</param>
internal sealed record Observability(TimeSpan LagInterval)
{
    public static Observability Read(HoconSection actors) =>
        new(actors.Section("metrics").Duration("lag-interval", TimeSpan.FromMilliseconds(100), TimeSpan.FromHours(1)));
}
