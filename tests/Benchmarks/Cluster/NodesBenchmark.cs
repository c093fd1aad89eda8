using System.Diagnostics;
using System.Globalization;
using Actors.Client;
using Actors.Cluster.Tests;

namespace Actors.Benchmarks;

/// <summary>Three nodes against one on the same machine and the same PostgreSQL: three kcat processes write a million records of 99 bytes each into twelve partitions, then each reads all of them back.</summary>
internal static class NodesBenchmark
{
    private const int Clients = 3;
    private const int RecordsEach = 1_000_000;

    public static async Task RunAsync()
    {
        var file = Path.GetTempFileName();
        File.WriteAllLines(file, Enumerable.Range(0, RecordsEach).Select(i => i.ToString(CultureInfo.InvariantCulture).PadLeft(99, 'x')));
        Console.WriteLine($"{"3 kcat, 3 million x 99 B, 12 partitions",-44} {"in, records/s",14} {"nodes' CPU s",13} {"out, records/s",14} {"nodes' CPU s",13}");
        foreach (var services in (string[][])[["node1"], ["node1", "node2", "node3"]])
        {
            using var compose = LocalCompose.Up(services);
            var nodes = services.Select(service => compose[service]).ToList();
            await CreateAsync(nodes[0].Kafka, "warm");
            await CreateAsync(nodes[0].Kafka, "bench");
            var bootstrap = string.Join(',', nodes.Select(node => node.Kafka));
            Measure(nodes, ["-b", bootstrap, "-P", "-t", "warm", "-X", "acks=all", "-l", file]);
            var (wrote, writeCpu) = Measure(nodes, ["-b", bootstrap, "-P", "-t", "bench", "-X", "acks=all", "-X", "batch.size=131072", "-l", file]);
            var (read, readCpu) = Measure(nodes, ["-b", bootstrap, "-C", "-t", "bench", "-o", "beginning", "-e", "-q", "-f", ""]);
            Console.WriteLine($"{$"  {services.Length} node{(services.Length > 1 ? "s" : "")}",-44} {Clients * RecordsEach / wrote,14:N0} {writeCpu,13:F2} {Clients * Clients * RecordsEach / read,14:N0} {readCpu,13:F2}");
        }
        File.Delete(file);
    }

    private static async Task CreateAsync(string bootstrap, string topic)
    {
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = bootstrap });
        await using var admin = new Admin(client);
        await admin.CreateTopicAsync(new NewTopic(topic, ThreeNodes.Partitions));
    }

    private static (double Seconds, double Cpu) Measure(List<Container> nodes, string[] arguments)
    {
        double Cpu() => nodes.Sum(node => ProcessCpu.Seconds(node.Pid));
        var before = Cpu();
        var watch = Stopwatch.StartNew();
        var clients = Enumerable.Range(0, Clients).Select(_ => Process.Start(new ProcessStartInfo("kcat", arguments) { RedirectStandardOutput = true })!).ToList();
        Task.WaitAll([.. clients.Select(client => client.StandardOutput.BaseStream.CopyToAsync(Stream.Null))]);
        foreach (var client in clients)
        {
            client.WaitForExit();
            if (client.ExitCode != 0)
                throw new InvalidOperationException($"kcat ended with {client.ExitCode}");
        }
        return (watch.Elapsed.TotalSeconds, Cpu() - before);
    }
}
