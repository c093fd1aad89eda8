using System.Diagnostics;
using Actors.Client;

namespace Actors.Benchmarks;

/// <summary>Records of 100 bytes at an even pace: how long each waited for its acknowledgement.</summary>
internal static class PacedLoad
{
    /// <summary>A timer that slept too long sends what it missed at once, so that no record's wait is hidden.</summary>
    /// <param name="topic">Of a record, by its number.</param>
    public static async Task<Waits> SendAsync(Producer producer, int perMillisecond, int seconds, Func<int, string> topic)
    {
        var total = seconds * 1000 * perMillisecond;
        var waits = new double[total];
        var value = new byte[100];
        var open = new Task[total];
        var watch = Stopwatch.StartNew();
        for (var sent = 0; sent < total;)
        {
            var due = Math.Min(total, (int)(watch.Elapsed.TotalMilliseconds * perMillisecond));
            for (; sent < due; sent++)
                open[sent] = OneAsync(producer, topic(sent), value, waits, sent);
            await Task.Delay(1);
        }
        await Task.WhenAll(open);
        return new Waits(waits);
    }

    private static async Task OneAsync(Producer producer, string topic, byte[] value, double[] waits, int index)
    {
        var start = Stopwatch.GetTimestamp();
        await producer.SendAsync(new ProducerRecord(topic, null, value));
        waits[index] = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
    }
}

/// <summary>How long each of many waited, in milliseconds.</summary>
internal sealed class Waits
{
    private readonly double[] _sorted;

    public Waits(IEnumerable<double> milliseconds) => _sorted = [.. milliseconds.Order()];

    public double At(double share) => _sorted[(int)(share * (_sorted.Length - 1))];

    public override string ToString() => $"p50 {At(0.5):F2} ms, p99 {At(0.99):F2} ms, p99.9 {At(0.999):F2} ms";
}
