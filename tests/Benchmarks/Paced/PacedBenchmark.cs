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
        await SendAsync(producer, WarmUpSeconds);
        var cpu = node.CpuSeconds;
        var waits = await SendAsync(producer, seconds);
        cpu = node.CpuSeconds - cpu;
        Array.Sort(waits);
        Console.WriteLine($"paced {PerMillisecond * 1000:N0} x 100 B a second for {seconds} s: p50 {At(0.5):F2} ms, p99 {At(0.99):F2} ms, p99.9 {At(0.999):F2} ms, node CPU {cpu / seconds:F2} s a second");

        double At(double share) => waits[(int)(share * (waits.Length - 1))];
    }

    /// <summary>A timer that slept too long sends what it missed at once, so that no record's wait is hidden.</summary>
    private static async Task<double[]> SendAsync(Producer producer, int seconds)
    {
        var total = seconds * 1000 * PerMillisecond;
        var waits = new double[total];
        var value = new byte[100];
        var open = new Task[total];
        var watch = Stopwatch.StartNew();
        for (var sent = 0; sent < total;)
        {
            var due = Math.Min(total, (int)(watch.Elapsed.TotalMilliseconds * PerMillisecond));
            for (; sent < due; sent++)
                open[sent] = OneAsync(producer, value, waits, sent);
            await Task.Delay(1);
        }
        await Task.WhenAll(open);
        return waits;
    }

    private static async Task OneAsync(Producer producer, byte[] value, double[] waits, int index)
    {
        var start = Stopwatch.GetTimestamp();
        await producer.SendAsync(new ProducerRecord("paced", null, value));
        waits[index] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}
