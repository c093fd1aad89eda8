using System.Diagnostics;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Node.Tests;

/// <summary>Clients that fetch a record every few milliseconds, and how long each answer took.</summary>
internal sealed class Bystander : IDisposable
{
    public const string Topic = "bystander";
    private const int Clients = 4;

    // Less than this is the machine's own doing: a collection, another process's turn.
    private const double UnnoticedMs = 50;
    private readonly List<WireClient> _clients;
    private readonly Dictionary<string, List<double>> _waits = [];

    public Bystander(NodeUnderTest node)
    {
        _clients = [.. Enumerable.Range(0, Clients).Select(_ => new WireClient(node.Kafka))];
        _clients[0].CreateTopic(Topic);
        Assert.Equal(0, _clients[0].Produce(Topic, WireClient.Batch(100)).ErrorCode);
    }

    public void During(string what, Action action)
    {
        if (!_waits.TryGetValue(what, out var waits))
            _waits.Add(what, waits = []);
        var running = Start(action);
        var looking = _clients.Select(client => Start(() => LookOn(client, running, waits))).ToArray();
        Task.WaitAll([running, .. looking]);
    }

    private static Task Start(Action action) => Task.Factory.StartNew(action, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);

    private static void LookOn(WireClient client, Task running, List<double> waits)
    {
        while (!running.IsCompleted)
        {
            var watch = Stopwatch.StartNew();
            var fetched = client.Fetch(Topic, 0);
            lock (waits)
                waits.Add(watch.Elapsed.TotalMilliseconds);
            Assert.Equal((0, 1L), (fetched.ErrorCode, fetched.HighWatermark));
            Thread.Sleep(5);
        }
    }

    /// <summary>For people: what the fetches of that time took.</summary>
    public string P99(string during) => $"a bystander's p99: {Percentile(_waits[during], 0.99):F1} ms of {_waits[during].Count} during {during}";

    /// <summary>The p99 of the one time is at most twice that of the other, or below 50 ms.</summary>
    public void NotSlowed(string by, string than, ITestOutputHelper output)
    {
        var (usual, slowed) = (Percentile(_waits[by], 0.99), Percentile(_waits[than], 0.99));
        output.WriteLine($"{P99(by)}; {P99(than)}");
        Assert.True(slowed <= Math.Max(usual * 2, UnnoticedMs), $"a bystander's p99 is {usual:F1} ms during {by} and {slowed:F1} ms during {than}");
    }

    public void Dispose() => _clients.ForEach(client => client.Dispose());

    private static double Percentile(List<double> values, double part) => values.Order().ElementAt((int)(values.Count * part));
}
