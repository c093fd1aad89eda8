using System.Diagnostics;
using Akka.Actor;

namespace Actors.Benchmarks;

/// <summary>One thread tells one actor; the actor counts. The teller waits when too far ahead, as a bounded producer would.</summary>
internal static class TellBenchmark
{
    private const int Messages = 10_000_000;
    private const int Ahead = 50_000;
    private const int Rounds = 5;

    public static void Run(string[] args)
    {
        _ = args;
        var system = ActorSystem.Create("tell");
        var progress = new Progress();
        var actor = system.ActorOf(Props.Create(() => new Counter(progress)));
        Round(actor, progress);
        var rates = new List<(double PerSecond, double PerCpuSecond)>();
        for (var i = 0; i < Rounds; i++) rates.Add(Round(actor, progress));
        Print("messages/s", rates.Select(r => r.PerSecond));
        Print("messages/CPU-s", rates.Select(r => r.PerCpuSecond));
        system.Terminate().Wait();
    }

    private static void Print(string what, IEnumerable<double> rates)
    {
        var sorted = rates.Order().ToList();
        Console.WriteLine($"{what}: best {sorted[^1] / 1e6:F1} M, median {sorted[sorted.Count / 2] / 1e6:F1} M");
    }

    private static (double PerSecond, double PerCpuSecond) Round(IActorRef actor, Progress progress)
    {
        var message = new object();
        progress.Count = 0;
        var process = Process.GetCurrentProcess();
        var cpu = process.TotalProcessorTime;
        var clock = Stopwatch.StartNew();
        for (var sent = 0; sent < Messages; sent++)
        {
            if ((sent & 1023) == 0)
            {
                while (sent - Volatile.Read(ref progress.Count) > Ahead) Thread.Sleep(0);
            }
            actor.Tell(message, ActorRefs.NoSender);
        }
        while (Volatile.Read(ref progress.Count) < Messages) Thread.Sleep(0);
        var seconds = clock.Elapsed.TotalSeconds;
        process.Refresh();
        return (Messages / seconds, Messages / (process.TotalProcessorTime - cpu).TotalSeconds);
    }

    private sealed class Progress
    {
        internal int Count;
    }

    private sealed class Counter(Progress progress) : UntypedActor
    {
        protected override void OnReceive(object message) => Volatile.Write(ref progress.Count, progress.Count + 1);
    }
}
