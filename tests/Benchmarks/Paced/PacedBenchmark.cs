using System.Diagnostics;
using Actors.Client;

namespace Actors.Benchmarks;

/// <summary>20,000 records of 100 bytes a second for some seconds, spread evenly, acks=all, idempotent: how long each waited for its acknowledgement.</summary>
internal static class PacedBenchmark
{
    private const int PerMillisecond = 20;
    private const int WarmUpSeconds = 5;

    public static async Task Run(string[] args)
    {
        var seconds = args.Length > 0 ? int.Parse(args[0]) : 20;
        using var node = new BenchmarkNode();
        await using var cluster = new ClusterClient(new ClusterOptions { BootstrapServers = node.Kafka });
        await using var admin = new Admin(cluster);
        await admin.CreateTopicAsync(new NewTopic("paced", 3));
        await using var producer = new Producer(cluster);
        await PacedLoad.SendAsync(producer, PerMillisecond, WarmUpSeconds, _ => "paced");
        var cpu = node.CpuSeconds;
        var waits = await PacedLoad.SendAsync(producer, PerMillisecond, seconds, _ => "paced");
        cpu = node.CpuSeconds - cpu;
        Console.WriteLine($"paced {PerMillisecond * 1000:N0} x 100 B a second for {seconds} s: {waits}, node CPU {cpu / seconds:F2} s a second");
    }
}
