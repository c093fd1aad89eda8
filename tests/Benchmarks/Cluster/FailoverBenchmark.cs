using Actors.Cluster.Tests;

namespace Actors.Benchmarks;

/// <summary>
/// Three nodes on PostgreSQL under an idempotent producer; one is killed, or frozen for ten seconds: how long until each of its partitions acknowledges a record that was made
/// after that. kill -9, start again, and the next one.
/// </summary>
internal static class FailoverBenchmark
{
    private const int Rounds = 5;
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(10);

    public static async Task RunAsync(string[] args)
    {
        var rounds = args.Length > 0 ? int.Parse(args[0], System.Globalization.CultureInfo.InvariantCulture) : Rounds;
        using var nodes = new ThreeNodes("postgres");
        await nodes.CreateTopicAsync();
        var names = nodes.Nodes.Select(node => node.Name).Order().ToArray();
        Console.WriteLine($"{"first new acknowledgement of a partition, ms",-48} {"median",8} {"longest",8}");
        foreach (var (what, act) in ((string, Func<Container, Task<DateTimeOffset>>)[])[("kill -9", KillAsync), ($"SIGSTOP for {Frozen.TotalSeconds} s", FreezeAsync)])
        {
            var waits = new List<double>();
            for (var round = 0; round < rounds; round++)
            {
                var victim = nodes.Compose[names[round % names.Length]];
                using var producer = new CountingProducer(nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, $"{what[0]}{round}", settings: CountingProducer.Impatient);
                await Task.Delay(2000);
                var led = ThreeNodes.Leaders(nodes.Bootstrap)!.Where(each => each.Value == ThreeNodes.IdOf(victim.Name)).Select(each => each.Key).ToHashSet();
                var since = (await act(victim)).ToUnixTimeMilliseconds();
                await Task.Delay(4000);
                var records = producer.Stop().Records.Where(record => led.Contains(record.Partition) && record.CreatedMs > since);
                waits.AddRange(records.GroupBy(record => record.Partition, record => (double)record.AcknowledgedMs - since).Select(times => times.Min()));
                nodes.Compose.Start(victim.Name);
                nodes.AwaitSpread(20);
            }
            Console.WriteLine($"{$"  {what}, {rounds} rounds, {waits.Count} partitions",-48} {Figures.Median(waits),8:N0} {waits.Max(),8:N0}");
        }
    }

    private static Task<DateTimeOffset> KillAsync(Container victim)
    {
        victim.Kill();
        return Task.FromResult(DateTimeOffset.UtcNow);
    }

    private static async Task<DateTimeOffset> FreezeAsync(Container victim)
    {
        victim.Freeze();
        var since = DateTimeOffset.UtcNow;
        await Task.Delay(Frozen);
        victim.Thaw();
        return since;
    }
}
