namespace Akka.Persistence.Tests;

/// <summary>Where the runner finds <see cref="SpecDiscoverer"/> here.</summary>
internal static class SpecAssembly
{
    public const string Name = "Actors.Ownership.Tests";
}
