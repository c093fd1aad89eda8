using Xunit;
using Xunit.Abstractions;

namespace Actors.Cluster.Tests;

/// <summary>A node that leads partitions dies, or freezes, under an idempotent producer: the others take over in time, and every acknowledged record is there once.</summary>
public sealed class FailoverSpec(ITestOutputHelper output)
{
    private static readonly TimeSpan AfterKill = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan AfterFreeze = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Frozen = TimeSpan.FromSeconds(10);

    [ClusterFact]
    public Task Killed_nodes_on_PostgreSQL() => KilledAsync("postgres", Seed.Rounds);

    [ClusterFact]
    public Task Killed_nodes_on_SQLite() => KilledAsync("sqlite", Seed.Rounds);

    /// <summary>On PostgreSQL only: on one shared SQLite file a frozen process can stall the others while it holds the write lock.</summary>
    [ClusterFact]
    public async Task Frozen_nodes_on_PostgreSQL()
    {
        using var run = new Run("postgres", output);
        await run.Nodes.CreateTopicAsync();
        for (var round = 0; round < Seed.Rounds; round++)
        {
            var victim = run.NextVictim(round);
            await run.UnderProducerAsync($"r{round}", victim, AfterFreeze, Frozen + TimeSpan.FromSeconds(2), async led =>
            {
                await using var stale = await StaleClient.ConnectAsync(victim.Kafka, led);
                victim.Freeze();
                var since = DateTimeOffset.UtcNow;
                await Task.Delay(AfterFreeze);
                var answers = stale.AskAsync();
                await Task.Delay(since + Frozen - DateTimeOffset.UtcNow);
                victim.Thaw();
                output.WriteLine($"{victim.Name}, thawed, to who has not heard of its successors: {await answers}");
                return since;
            }, CountingProducer.Impatient);
            run.Nodes.AwaitSpread(20);
        }
        run.AssertNothingIsLost();
    }

    private async Task KilledAsync(string storage, int rounds)
    {
        using var run = new Run(storage, output);
        await run.Nodes.CreateTopicAsync();
        for (var round = 0; round < rounds; round++)
        {
            var victim = run.NextVictim(round);
            await run.UnderProducerAsync($"r{round}", victim, AfterKill, AfterKill + TimeSpan.FromSeconds(1), _ =>
            {
                victim.Kill();
                return Task.FromResult(DateTimeOffset.UtcNow);
            });
            run.Nodes.Compose.Start(victim.Name);
            run.Nodes.AwaitSpread(20);
        }
        run.AssertNothingIsLost();
    }

    /// <summary>Three nodes, what was acknowledged so far, and whose turn it is.</summary>
    private sealed class Run(string storage, ITestOutputHelper output) : IDisposable
    {
        private readonly Seed _seed = new(output);
        private readonly AcknowledgedRecords _acknowledged = new();
        private readonly List<string> _byAge = ["node1", "node2", "node3"];

        public ThreeNodes Nodes { get; } = new(storage);

        /// <summary>First the oldest, for singletons and the coordinator of shards live there; then any.</summary>
        public Container NextVictim(int round)
        {
            var name = round == 0 ? _byAge[0] : _byAge[_seed.Random.Next(3)];
            _byAge.Remove(name);
            _byAge.Add(name);
            return Nodes.Compose[name];
        }

        /// <summary>Something happens to the victim while a producer writes; each of its partitions has a new acknowledgement in time.</summary>
        /// <param name="act">What happens, told the victim's partitions; it tells when.</param>
        public async Task UnderProducerAsync(string prefix, Container victim, TimeSpan within, TimeSpan goOn, Func<IReadOnlyCollection<int>, Task<DateTimeOffset>> act, params string[] settings)
        {
            using var producer = new CountingProducer(Nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, prefix, settings: settings);
            producer.AwaitWork();
            await Task.Delay(_seed.Random.Next(500, 2000));
            var led = ThreeNodes.Leaders(Nodes.Bootstrap)!.Where(each => each.Value == ThreeNodes.IdOf(victim.Name)).Select(each => each.Key).ToArray();
            Assert.NotEmpty(led);
            var since = await act(led);
            await Task.Delay(TimeSpan.FromTicks(Math.Max(0, (since + goOn - DateTimeOffset.UtcNow).Ticks)));
            var (records, failures) = producer.Stop();
            Assert.Empty(failures);
            _acknowledged.Add(records);
            var firsts = led.ToDictionary(partition => partition, partition => First(records, partition, since.ToUnixTimeMilliseconds()));
            output.WriteLine($"{prefix}: {victim.Name}, {records.Count} acknowledged; first new acknowledgement of its partitions after {string.Join(", ", firsts.Values.Order())} ms");
            Assert.All(firsts, first => Assert.True(first.Value <= within.TotalMilliseconds, $"partition {first.Key}: {first.Value} ms, seed {_seed.Value}"));
        }

        public void AssertNothingIsLost() =>
            output.WriteLine($"{_acknowledged.Count} acknowledged records, {_acknowledged.AssertAllIn(Nodes.Bootstrap, ThreeNodes.Topic)} in the log");

        public void Dispose() => Nodes.Dispose();

        private static long First(IEnumerable<Acknowledged> records, int partition, long sinceMs) =>
            records.Where(record => record.Partition == partition && record.CreatedMs > sinceMs).Select(record => record.AcknowledgedMs - sinceMs).DefaultIfEmpty(long.MaxValue).Min();
    }
}
