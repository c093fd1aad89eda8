using System.Diagnostics;
using System.Globalization;
using Actors.Node.Tests;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>A record that its producer was told is there.</summary>
public sealed record Acknowledged(int Partition, long Offset, string Value, long CreatedMs, long AcknowledgedMs);

/// <summary>confluent-kafka in a process of its own: idempotent, acks=all, to all partitions of a topic in turn, until it is stopped.</summary>
public sealed class CountingProducer : IDisposable
{
    private readonly Process _process;
    private readonly Task<string> _lines;
    private volatile bool _isAtWork;

    /// <summary>
    /// For a node that stands still and yet keeps its connections. librdkafka sends a partition's next records elsewhere only when those on the way are answered, or when it
    /// has waited so long and a second more; and it may have asked the very node for metadata. Its own patience is 30 and 60 s. It asks for leaders when a request fails, and
    /// otherwise every five minutes: here twice a second, for else it hears of the new leader when another round of waiting is over.
    /// </summary>
    public static readonly string[] Impatient = ["request.timeout.ms=1000", "socket.timeout.ms=1500", "topic.metadata.refresh.interval.ms=500"];

    public CountingProducer(string bootstrap, string topic, int partitions, string prefix, int recordsPerSecond = 2400, params string[] settings)
    {
        var start = new ProcessStartInfo("/usr/bin/python3") { RedirectStandardInput = true, RedirectStandardOutput = true };
        var script = Path.Combine(AppContext.BaseDirectory, "Python", "count_acknowledged.py");
        foreach (var argument in (string[])[script, bootstrap, topic, $"{partitions}", prefix, recordsPerSecond.ToString(CultureInfo.InvariantCulture), .. settings])
            start.ArgumentList.Add(argument);
        _process = Process.Start(start)!;
        _lines = Task.Run(ReadAsync);
    }

    /// <summary>Waits until each partition has an acknowledgement.</summary>
    public void AwaitWork() => Polling.Until(() => _isAtWork, isAtWork => isAtWork, 20, "an acknowledgement in each partition");

    /// <summary>What became of its records, once what it still has on the way is there.</summary>
    public (IReadOnlyList<Acknowledged> Records, IReadOnlyList<string> Failures) Stop()
    {
        _process.StandardInput.WriteLine("stop");
        Assert.True(_process.WaitForExit(TimeSpan.FromSeconds(120)), "the producer did not end");
        var lines = _lines.Result.Split('\n', StringSplitOptions.RemoveEmptyEntries).ToLookup(line => line.StartsWith("failed ", StringComparison.Ordinal));
        return ([.. lines[false].Select(Parse)], [.. lines[true]]);
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill();
        _process.Dispose();
    }

    private async Task<string> ReadAsync()
    {
        var first = await _process.StandardOutput.ReadLineAsync();
        _isAtWork = first == "at work";
        return $"{(_isAtWork ? "" : first)}\n{await _process.StandardOutput.ReadToEndAsync()}";
    }

    private static Acknowledged Parse(string line)
    {
        var part = line.Split(' ');
        long Number(int at) => long.Parse(part[at], CultureInfo.InvariantCulture);
        return new Acknowledged((int)Number(0), Number(1), part[2], Number(3), Number(4));
    }
}

/// <summary>What was acknowledged over a whole test, to be held against what the log has.</summary>
public sealed class AcknowledgedRecords
{
    private readonly Dictionary<(int Partition, long Offset), Acknowledged> _records = [];

    public int Count => _records.Count;

    public void Add(IEnumerable<Acknowledged> records)
    {
        foreach (var record in records)
            Assert.True(_records.TryAdd((record.Partition, record.Offset), record), $"two records were acknowledged at {record.Partition}/{record.Offset}: {record.Value} and {_records[(record.Partition, record.Offset)].Value}");
    }

    /// <summary>Every acknowledged record is there exactly once, where it was acknowledged; no record is there twice, and none that a stale leader took; the offsets are dense.</summary>
    /// <returns>How many records the log has.</returns>
    public int AssertAllIn(string bootstrap, string topic)
    {
        var lines = Tool.Run("kcat", ["-b", bootstrap, "-t", topic, "-C", "-e", "-q", "-o", "beginning", "-f", "%p %o %s\\n"], (byte[]?)null, 120).Succeeded().Lines;
        var log = new Dictionary<(int, long), string>();
        foreach (var part in lines.Select(line => line.Split(' ')))
            Assert.True(log.TryAdd((int.Parse(part[0], CultureInfo.InvariantCulture), long.Parse(part[1], CultureInfo.InvariantCulture)), part[2]), $"{part[0]}/{part[1]} came twice");
        foreach (var ((partition, offset), record) in _records)
            Assert.True(log.TryGetValue((partition, offset), out var found) && found == record.Value, $"{record.Value} was acknowledged at {partition}/{offset}; there is {found ?? "nothing"}");
        Assert.All(log, each => Assert.True(each.Value != StaleClient.Value, $"{each.Key}: a leader that had been replaced appended a record"));
        var doubled = log.GroupBy(each => each.Value).FirstOrDefault(copies => copies.Count() > 1);
        Assert.True(doubled is null, $"{doubled?.Key} is there {doubled?.Count()} times: {string.Join(", ", doubled?.Select(each => $"{each.Key}") ?? [])}");
        foreach (var offsets in log.Keys.GroupBy(place => place.Item1, place => place.Item2))
            Assert.True(offsets.Max() + 1 == offsets.Count(), $"partition {offsets.Key} has {offsets.Count()} records up to offset {offsets.Max()}");
        return log.Count;
    }
}
