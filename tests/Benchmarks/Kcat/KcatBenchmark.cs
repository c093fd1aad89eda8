using System.Diagnostics;
using System.Globalization;
using Actors.Benchmarks.Journal;

namespace Actors.Benchmarks;

/// <summary>
/// kcat in a process of its own produces a million records of 99 bytes (acks=all) and reads them back: records a second, the node's CPU seconds, and those less what raw inserts
/// of the same blobs into SQLite cost in the same run. With the argument <c>header</c> the node does not walk the records (<c>actors.broker.check-records</c>).
/// </summary>
internal static class KcatBenchmark
{
    private const int Records = 1_000_000;
    private const int Rounds = 3;
    private const int TransactionBytes = 4 * 1024 * 1024;

    public static void Run(string[] args)
    {
        var file = Path.GetTempFileName();
        File.WriteAllLines(file, Enumerable.Range(0, Records).Select(i => i.ToString(CultureInfo.InvariantCulture).PadLeft(99, 'x')));
        var config = Path.GetTempFileName();
        File.WriteAllText(config, $"actors.broker.check-records = {(args.Contains("header") ? "header" : "full")}");
        Console.WriteLine($"{"kcat, 1 million x 99 B, acks=all",-44} {"records/s",10} {"node CPU s",10} {"raw CPU s",10} {"less raw",10}");
        foreach (var (name, settings) in ((string, string[])[])[("batch.size=131072", ["-X", "batch.size=131072"]), ("default batch", [])])
        {
            var produced = new List<(double Rate, double Cpu, double Raw)>();
            var consumed = new List<(double Rate, double Cpu)>();
            for (var round = 0; round < Rounds; round++)
            {
                using var node = new BenchmarkNode("--config", config);
                WarmUp(node, settings, file);
                var (batchesBefore, bytesBefore) = (node.Metric("actors_appended_batches_total"), node.Metric("actors_appended_bytes_total"));
                var (wrote, writeCpu) = Measure(node, () => Kcat(node, ["-P", "-t", "bench", "-p", "0", "-X", "acks=all", .. settings, "-l", file]));
                var (blobs, bytes) = ((int)(node.Metric("actors_appended_batches_total") - batchesBefore), (long)(node.Metric("actors_appended_bytes_total") - bytesBefore));
                var (read, readCpu) = Measure(node, () => Kcat(node, ["-C", "-t", "bench", "-o", "beginning", "-e", "-q", "-f", ""]));
                node.Stop();
                produced.Add((Records / wrote, writeCpu, RawCpuSeconds(blobs, (int)(bytes / blobs))));
                consumed.Add((Records / read, readCpu));
            }
            var (rate, cpu, raw) = (Median(produced.Select(p => p.Rate)), Median(produced.Select(p => p.Cpu)), Median(produced.Select(p => p.Raw)));
            Console.WriteLine($"{"  produce, " + name,-44} {rate,10:N0} {cpu,10:F2} {raw,10:F2} {cpu - raw,10:F2}");
            Console.WriteLine($"{"  consume, " + name,-44} {Median(consumed.Select(c => c.Rate)),10:N0} {Median(consumed.Select(c => c.Cpu)),10:F2}");
        }
        File.Delete(file);
        File.Delete(config);
    }

    /// <summary>A JIT compiles what is hot, once; its work is the start's, not a record's.</summary>
    private static void WarmUp(BenchmarkNode node, string[] settings, string file)
    {
        for (var i = 0; i < 2; i++)
        {
            Kcat(node, ["-P", "-t", $"warm-{i}", "-p", "0", .. settings, "-l", file]);
            Thread.Sleep(1000);
            Kcat(node, ["-C", "-t", $"warm-{i}", "-o", "beginning", "-e", "-q", "-f", ""]);
            Thread.Sleep(1000);
        }
    }

    private static (double Seconds, double Cpu) Measure(BenchmarkNode node, Action action)
    {
        var before = node.CpuSeconds;
        var watch = Stopwatch.StartNew();
        action();
        return (watch.Elapsed.TotalSeconds, node.CpuSeconds - before);
    }

    private static void Kcat(BenchmarkNode node, string[] arguments)
    {
        var start = new ProcessStartInfo("kcat") { RedirectStandardOutput = true };
        foreach (var argument in (string[])["-b", node.Kafka, .. arguments])
            start.ArgumentList.Add(argument);
        using var kcat = Process.Start(start)!;
        kcat.StandardOutput.BaseStream.CopyTo(Stream.Null);
        kcat.WaitForExit();
        if (kcat.ExitCode != 0)
            throw new InvalidOperationException($"kcat ended with {kcat.ExitCode}");
    }

    /// <summary>The same number of blobs of the same mean size, 4 MiB a transaction, as the journal's writer commits them.</summary>
    private static double RawCpuSeconds(int blobs, int size)
    {
        var file = Path.GetTempFileName();
        try
        {
            using var database = new RawSqlite(file);
            var blob = new byte[size];
            Random.Shared.NextBytes(blob);
            var before = Process.GetCurrentProcess().TotalProcessorTime;
            for (var left = blobs; left > 0; left -= TransactionBytes / size)
                database.Insert(blob, Math.Min(left, TransactionBytes / size));
            return (Process.GetCurrentProcess().TotalProcessorTime - before).TotalSeconds;
        }
        finally
        {
            foreach (var each in (string[])[file, file + "-wal", file + "-shm"])
                File.Delete(each);
        }
    }

    private static double Median(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return sorted[sorted.Count / 2];
    }
}
