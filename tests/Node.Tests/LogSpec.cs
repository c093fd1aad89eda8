using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>The machine's package log: kcat in, a topology that takes time and key out of the lines, counts as awk counts.</summary>
public sealed class LogSpec(ITestOutputHelper output)
{
    private const string PackageLog = "/var/log/dpkg.log";
    private const int Lines = 5000;
    private const int Windows = 50;

    // The grace is longer than any log: the partitions are read at different speeds, and nothing shall be late.
    private const string Topology = """
        topology {
          name = log
          sources { lines { topic = log-lines, key = string, value = string,
            timestamp = "STRINGTOTIMESTAMP(SUBSTRING(value, 1, 19), 'yyyy-MM-dd HH:mm:ss', 'UTC')" } }
          flows {
            minutes { from = lines, stages = [
              { map-values { action = "SPLIT(value, ' ')[2]" } }
              { group-by = action }
              { window { tumbling = 1m, grace = 20000d } }
              { aggregate { cnt = "COUNT(*)" } }
              { to { topic = log-counts, key = string, value = json } } ] }
          }
        }
        """;

    [KcatFact]
    public void Counts_per_minute_and_action_of_a_real_log_are_those_of_awk()
    {
        var folder = Directory.CreateTempSubdirectory("actors-log-");
        try
        {
            var log = Path.Combine(folder.FullName, "dpkg.log");
            File.WriteAllLines(log, Log());
            var counted = Tool.Run("awk", ["{ n[$1 \" \" substr($2, 1, 5) \" \" $3]++ } END { for (k in n) print k, n[k] }", log]).Succeeded().Lines.Order(StringComparer.Ordinal).ToList();
            if (counted.Count < Windows)
            {
                // A young machine's log: more lines of its form, of a later day.
                File.AppendAllLines(log, Generated(Lines));
                counted = [.. Tool.Run("awk", ["{ n[$1 \" \" substr($2, 1, 5) \" \" $3]++ } END { for (k in n) print k, n[k] }", log]).Succeeded().Lines.Order(StringComparer.Ordinal)];
            }
            Assert.True(counted.Count >= Windows, $"{counted.Count} windows");
            Assert.Equal(counted, CountedByTopology(folder.FullName, log));
            output.WriteLine($"{File.ReadLines(log).Count()} lines, {counted.Count} windows of a minute and an action");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static List<string> CountedByTopology(string folder, string log)
    {
        var config = Path.Combine(folder, "three.conf");
        File.WriteAllText(config, "actors.broker.default-partitions = 3");
        using var node = NodeUnderTest.Start("--config", config);
        using var topologies = new TopologyClient(node);
        Tool.Run("kcat", ["-b", node.Kafka, "-t", "log-lines", "-P", "-X", "sticky.partitioning.linger.ms=0", "-l", log]).Succeeded();
        var partitions = Read(node, "log-lines", "%p\\n").Distinct().Count();
        Assert.True(partitions == 3, $"the lines went to {partitions} of 3 partitions");
        var (status, body) = topologies.Put("log", Topology);
        Assert.True(status == HttpStatusCode.Created, body);
        topologies.AwaitAllCommitted("log", "log-lines", File.ReadLines(log).Count(), 60);
        var last = new Dictionary<string, long>();
        foreach (var row in Read(node, "log-counts", "%s\\n").Select(line => JsonDocument.Parse(line).RootElement))
        {
            var minute = DateTimeOffset.FromUnixTimeMilliseconds(row.GetProperty("window_start").GetInt64()).ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture);
            last[$"{minute} {row.GetProperty("action").GetString()}"] = row.GetProperty("cnt").GetInt64();
        }
        return [.. last.Select(row => $"{row.Key} {row.Value}").Order(StringComparer.Ordinal)];
    }

    private static string[] Read(NodeUnderTest node, string topic, string format) =>
        Tool.Run("kcat", ["-b", node.Kafka, "-t", topic, "-C", "-e", "-q", "-o", "beginning", "-f", format]).Succeeded().Lines;

    private static IEnumerable<string> Log() => File.Exists(PackageLog) ? File.ReadLines(PackageLog, Encoding.UTF8).Take(Lines) : Generated(Lines);

    private static IEnumerable<string> Generated(int count)
    {
        var random = new Random(7);
        var time = new DateTime(2030, 1, 1, 6, 0, 0);
        for (var i = 0; i < count; i++)
        {
            time = time.AddMilliseconds(random.Next(2000));
            yield return string.Create(CultureInfo.InvariantCulture, $"{time:yyyy-MM-dd HH:mm:ss} {(i % 3 == 0 ? "install" : "status")} package{random.Next(100)}:amd64 1.{i}");
        }
    }
}
