using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>kill -9 under a counting topology: its final counts are never too low, and exact where it had committed before.</summary>
public sealed class KillTopologySpec(ITestOutputHelper output)
{
    private const string Source = "killed-lines";
    private const string Topology = $$"""
        topology {
          name = killed
          commit-interval = 200ms
          sources { lines { topic = {{Source}}, key = string, value = string } }
          flows {
            digits { from = lines, stages = [
              { map-values { digit = "SUBSTRING(value, LEN(value), 1)" } }
              { group-by = digit }
              { aggregate { cnt = "COUNT(*)" } }
              { to { topic = killed-counts, key = string, value = json } } ] }
          }
        }
        """;

    private static int Rounds => Environment.GetEnvironmentVariable("ACTORS_LONG") is not null ? 20 : 3;

    [ConfluentKafkaFact]
    public void Killed_at_work_it_counts_nothing_too_low()
    {
        var (seed, random) = Seed();
        using var node = NodeUnderTest.Start();
        using var topologies = Deploy(node);
        for (var round = 0; round < Rounds; round++)
        {
            using var producer = StartProducer(node, $"r{round}");
            var acknowledged = producer.StandardOutput.ReadToEndAsync();
            node.AwaitRecordsIn(Source, 500);
            Thread.Sleep(random.Next(0, 1000));
            node.Kill();
            node.StartAgain();
            producer.StandardInput.WriteLine("stop");
            Assert.True(producer.WaitForExit(TimeSpan.FromSeconds(90)), "the producer did not end");
            topologies.AwaitAllCommitted("killed", Source, 1, 90);
            var (truth, counts) = (Truth(node), Counts(node));
            output.WriteLine($"round {round}: {truth.Values.Sum()} records in the log, {counts.Values.Sum() - truth.Values.Sum()} counted twice");
            foreach (var (digit, records) in truth)
                Assert.True(counts.GetValueOrDefault(digit) >= records, $"{digit} stands {records} times in the log and was counted {counts.GetValueOrDefault(digit)} times, seed {seed}");
            Assert.True(acknowledged.Result.Length > 0, "nothing was acknowledged");
        }
    }

    [KcatFact]
    public void Killed_after_its_commit_it_counts_exactly()
    {
        var (seed, random) = Seed();
        using var node = NodeUnderTest.Start();
        using var topologies = Deploy(node);
        for (var (round, total) = (0, 0); round <= Rounds; round++)
        {
            var more = random.Next(1, 5000);
            total += more;
            var watch = Stopwatch.StartNew();
            Tool.Run("kcat", ["-b", node.Kafka, "-t", Source, "-P"], string.Concat(Enumerable.Range(0, more).Select(i => $"r{round}-{i}\n"))).Succeeded();
            topologies.AwaitAllCommitted("killed", Source, total, 60);
            output.WriteLine($"after {round} kills: {more} more records counted and committed in {watch.ElapsedMilliseconds} ms");
            var (truth, counts) = (Truth(node), Counts(node));
            Assert.True(truth.Values.Sum() == total, $"{total} records went in, {truth.Values.Sum()} are there, seed {seed}");
            Assert.True(truth.Count == counts.Count && truth.All(t => counts[t.Key] == t.Value), $"after {round} kills, seed {seed}: {Text(truth)} in the log, counted {Text(counts)}");
            if (round == Rounds)
                break;
            node.Kill();
            node.StartAgain();
            output.WriteLine($"ready again after {node.StartedIn.TotalMilliseconds:F0} ms");
        }
        output.WriteLine($"{Rounds} kills, counts exact each time");
    }

    private (int Seed, Random Random) Seed()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Environment.TickCount;
        output.WriteLine($"ACTORS_SEED={seed}");
        return (seed, new Random(seed));
    }

    private static TopologyClient Deploy(NodeUnderTest node)
    {
        var topologies = new TopologyClient(node);
        var (status, body) = topologies.Put("killed", Topology);
        Assert.True(status == HttpStatusCode.Created, body);
        return topologies;
    }

    /// <summary>What the log holds, whether it was acknowledged or not.</summary>
    private static Dictionary<string, long> Truth(NodeUnderTest node) =>
        Read(node, Source).GroupBy(line => line[^1..]).ToDictionary(lines => lines.Key, lines => lines.LongCount());

    /// <summary>The last count of each key.</summary>
    private static Dictionary<string, long> Counts(NodeUnderTest node)
    {
        var counts = new Dictionary<string, long>();
        foreach (var row in Read(node, "killed-counts").Select(line => JsonDocument.Parse(line).RootElement))
            counts[row.GetProperty("digit").GetString()!] = row.GetProperty("cnt").GetInt64();
        return counts;
    }

    private static string[] Read(NodeUnderTest node, string topic) =>
        Tool.Run("kcat", ["-b", node.Kafka, "-t", topic, "-C", "-e", "-q", "-o", "beginning", "-f", "%s\\n"]).Succeeded().Lines;

    private static string Text(Dictionary<string, long> counts) => string.Join(' ', counts.OrderBy(count => count.Key).Select(count => $"{count.Key}:{count.Value}"));

    private static Process StartProducer(NodeUnderTest node, string prefix)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Python", "produce_until_killed.py"), node.Kafka, Source, prefix])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }
}
