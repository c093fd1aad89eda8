using System.Diagnostics;
using Akka.Actor;
using Akka.Streams;
using Akka.Streams.Dsl;

namespace Actors.Benchmarks.Streams;

/// <summary>Elements a CPU second through a fused Source-Select-Where-Sink. Goal: 11 million.</summary>
internal static class StreamsBenchmark
{
    internal static void Run(string[] args)
    {
        var elements = args.Length > 0 ? int.Parse(args[0]) : 5_000_000;
        using var system = ActorSystem.Create("streams");
        using var materializer = system.Materializer();
        var stream = Source.From(Enumerable.Range(1, elements)).Select(x => x + 1).Where(x => (x & 1) == 0);
        Console.WriteLine($"{"sink",-10} {"million/cpu s",14} {"million/s",10} {"bytes/element",14}");
        for (var round = 0; round < 3; round++)
        {
            Measure("aggregate", elements, () => stream.RunWith(Sink.Aggregate<int, long>(0L, (sum, x) => sum + x), materializer).Wait());
            Measure("ignore", elements, () => stream.RunWith(Sink.Ignore<int>(), materializer).Wait());
        }
    }

    private static void Measure(string name, int elements, Action run)
    {
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var allocated = GC.GetTotalAllocatedBytes();
        var clock = Stopwatch.StartNew();
        run();
        clock.Stop();
        process.Refresh();
        var perCpu = elements / (process.TotalProcessorTime - cpu).TotalSeconds / 1e6;
        var bytes = (GC.GetTotalAllocatedBytes() - allocated) / (double)elements;
        Console.WriteLine($"{name,-10} {perCpu,14:F1} {elements / clock.Elapsed.TotalSeconds / 1e6,10:F1} {bytes,14:F3}");
    }
}
