namespace Actors.Benchmarks;

/// <summary>From the process's start to its ready line on an empty data directory, and its resident memory two seconds later.</summary>
internal static class StartBenchmark
{
    private const int Rounds = 7;

    public static void Run()
    {
        var starts = new List<double>();
        var resident = new List<double>();
        for (var round = 0; round < Rounds; round++)
        {
            using var node = new BenchmarkNode();
            Thread.Sleep(2000);
            starts.Add(node.ReadyAfter.TotalSeconds);
            resident.Add(node.ResidentMegabytes);
        }
        starts.Sort();
        resident.Sort();
        Console.WriteLine($"ready after {starts[Rounds / 2]:F2} s (worst {starts[^1]:F2} s), resident memory at rest {resident[Rounds / 2]:F0} MB");
    }
}
