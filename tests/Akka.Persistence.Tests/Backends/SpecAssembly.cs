namespace Akka.Persistence.Tests;

/// <summary>Where the runner finds <see cref="SpecDiscoverer"/>: each project that links it names its own assembly.</summary>
internal static class SpecAssembly
{
    public const string Name = "Akka.Persistence.Tests";
}
