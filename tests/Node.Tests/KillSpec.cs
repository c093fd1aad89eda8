using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>kill -9 under a producer at full speed: every acknowledged record is there once, at the offset it was acknowledged with.</summary>
public sealed class KillSpec(ITestOutputHelper output)
{
    private static int Rounds => Environment.GetEnvironmentVariable("ACTORS_LONG") is not null ? 20 : 3;

    [ConfluentKafkaFact]
    public void Nothing_acknowledged_is_lost_and_nothing_idempotent_is_doubled()
    {
        var seed = int.TryParse(Environment.GetEnvironmentVariable("ACTORS_SEED"), out var given) ? given : Environment.TickCount;
        output.WriteLine($"ACTORS_SEED={seed}");
        var random = new Random(seed);
        using var node = NodeUnderTest.Start();
        var acknowledged = new Dictionary<(int, long), string>();
        for (var round = 0; round < Rounds; round++)
        {
            using var producer = StartProducer(node, $"r{round}");
            var lines = producer.StandardOutput.ReadToEndAsync();
            node.AwaitRecordsIn("killed", 1_000);
            Thread.Sleep(random.Next(0, 1500));
            node.Kill();
            node.StartAgain();
            node.AwaitRecordsIn("killed", 0);
            Thread.Sleep(random.Next(0, 500));
            producer.StandardInput.WriteLine("stop");
            Assert.True(producer.WaitForExit(TimeSpan.FromSeconds(90)), "the producer did not end");
            foreach (var line in lines.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => line.Split(' ')))
                Assert.True(acknowledged.TryAdd((int.Parse(line[0]), long.Parse(line[1])), line[2]), $"two records acknowledged at {line[0]}/{line[1]}, seed {seed}");
        }
        Assert.True(acknowledged.Count > 1_000 * Rounds, $"only {acknowledged.Count} records were acknowledged");
        var log = ReadAll(node);
        foreach (var (place, value) in acknowledged)
            Assert.True(log.TryGetValue(place, out var found) && found == value, $"{value} was acknowledged at {place}; there is {found ?? "nothing"}, seed {seed}");
        var doubled = log.Values.GroupBy(value => value).FirstOrDefault(copies => copies.Count() > 1);
        Assert.True(doubled is null, $"{doubled?.Key} is there {doubled?.Count()} times, seed {seed}");
        output.WriteLine($"{Rounds} kills, {acknowledged.Count} acknowledged records, {log.Count} in the log");
    }

    private static Process StartProducer(NodeUnderTest node, string prefix)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])[Path.Combine(AppContext.BaseDirectory, "Python", "produce_until_killed.py"), node.Kafka, "killed", prefix])
            start.ArgumentList.Add(argument);
        return Process.Start(start)!;
    }

    private static Dictionary<(int, long), string> ReadAll(NodeUnderTest node)
    {
        var read = Tool.Run("kcat", ["-b", node.Kafka, "-t", "killed", "-C", "-e", "-q", "-o", "beginning", "-f", "%p %o %s\\n"], seconds: 300).Succeeded();
        return read.Lines.Select(line => line.Split(' ')).ToDictionary(part => (int.Parse(part[0]), long.Parse(part[1])), part => part[2]);
    }
}
