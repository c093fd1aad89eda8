using Actors.Cluster.Tests;

namespace Actors.Benchmarks;

/// <summary>
/// Nodes on PostgreSQL under an idempotent producer of 2,400 records a second; one is drained by SIGTERM and started again: the longest wait of any record for its
/// acknowledgement, of all partitions and of each partition that moved.
/// </summary>
internal static class HandOffBenchmark
{
    private const int Rounds = 3;

    public static async Task RunAsync()
    {
        using var nodes = new ThreeNodes("postgres");
        await nodes.CreateTopicAsync();
        Console.WriteLine($"{"wait for an acknowledgement, ms",-40} {"moved, median",14} {"longest",8} {"undisturbed",12}");
        for (var round = 0; round < Rounds; round++)
        {
            var victim = $"node{round % 3 + 1}";
            await MeasureAsync(nodes, $"drain {victim}", () => nodes.Compose.Stop(victim));
            await MeasureAsync(nodes, $"add {victim} again", () => nodes.Compose.Start(victim));
        }
    }

    private static async Task MeasureAsync(ThreeNodes nodes, string what, Action change)
    {
        using var producer = new CountingProducer(nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, what.Replace(' ', '-'));
        await Task.Delay(3000);
        var before = ThreeNodes.Leaders(nodes.Bootstrap)!;
        var since = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        change();
        nodes.AwaitSpread(20);
        var after = ThreeNodes.Leaders(nodes.Bootstrap)!;
        await Task.Delay(1000);
        var waits = producer.Stop().Records.ToLookup(record => record.AcknowledgedMs >= since, record => (record.Partition, Wait: (double)record.AcknowledgedMs - record.CreatedMs));
        var moved = waits[true].Where(each => before[each.Partition] != after[each.Partition]).GroupBy(each => each.Partition, each => each.Wait).Select(each => each.Max()).ToList();
        Console.WriteLine($"{$"  {what}, {moved.Count} partitions moved",-40} {(moved.Count > 0 ? Figures.Median(moved) : 0),14:N0} {waits[true].Max(each => each.Wait),8:N0} {waits[false].Max(each => each.Wait),12:N0}");
    }
}
