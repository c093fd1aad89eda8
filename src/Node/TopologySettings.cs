using Actors.Hocon;

namespace Actors.Node;

/// <summary>What a node is told about topologies.</summary>
/// <param name="Directory">Deployed at start; null: none.</param>
/// <param name="RetryPause">The pause before what failed is tried again; doubled with each failure in a row.</param>
/// <param name="GreatestRetryPause">The longest such pause.</param>
internal sealed record TopologySettings(string? Directory, TimeSpan RetryPause, TimeSpan GreatestRetryPause)
{
    private static readonly TimeSpan Least = TimeSpan.FromMilliseconds(10);

    public static TopologySettings Read(HoconSection topologies)
    {
        var (first, greatest) = (topologies.Duration("retry-backoff-initial", Least, TimeSpan.FromHours(1)), topologies.Duration("retry-backoff-max", Least, TimeSpan.FromDays(1)));
        if (greatest < first)
            topologies.Error("retry-backoff-max", "is below retry-backoff-initial");
        return new TopologySettings(topologies.Text("directory") is { Length: > 0 } directory ? directory : null, first, greatest);
    }
}
