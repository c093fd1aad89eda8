using System.Net;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Cluster.Tests;

/// <summary>The database goes away, for all nodes or for one: nothing acknowledged is lost, and service resumes by itself.</summary>
public sealed class DatabaseLossSpec(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan ServedAgainWithin = TimeSpan.FromSeconds(10);
    private readonly TcpProxy[] _wires = [new(), new(), new()];
    private ThreeNodes? _nodes;

    public void Dispose()
    {
        _nodes?.Dispose();
        foreach (var wire in _wires) wire.Dispose();
    }

    [ClusterFact]
    public async Task Away_for_ten_seconds_it_evicts_nobody()
    {
        var nodes = await StartAsync();
        var acknowledged = new AcknowledgedRecords();
        var before = ThreeNodes.Leaders(nodes.Bootstrap);
        using var producer = new CountingProducer(nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, "away");
        await Task.Delay(2000);
        foreach (var wire in _wires) wire.Refuse();
        var since = DateTimeOffset.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(10));
        foreach (var wire in _wires) wire.Mend();
        var back = DateTimeOffset.UtcNow;
        await Task.Delay(ServedAgainWithin);
        var records = Stop(producer, acknowledged);
        var during = records.Count(record => record.AcknowledgedMs > since.ToUnixTimeMilliseconds() + 500 && record.AcknowledgedMs < back.ToUnixTimeMilliseconds());
        Assert.Equal(0, during);
        AssertServedAgain(records, Enumerable.Range(0, ThreeNodes.Partitions), back);
        Assert.Equal(before, ThreeNodes.Leaders(nodes.Bootstrap));
        output.WriteLine($"{acknowledged.Count} acknowledged records, {acknowledged.AssertAllIn(nodes.Bootstrap, ThreeNodes.Topic)} in the log");
    }

    [ClusterFact]
    public async Task A_node_cut_off_from_it_loses_its_partitions_to_the_others_and_gets_some_back()
    {
        var nodes = await StartAsync();
        var acknowledged = new AcknowledgedRecords();
        using var producer = new CountingProducer(nodes.Bootstrap, ThreeNodes.Topic, ThreeNodes.Partitions, "cut", settings: CountingProducer.Impatient);
        await Task.Delay(2000);
        var led = ThreeNodes.Leaders(nodes.Bootstrap)!.Where(each => each.Value == 2).Select(each => each.Key).ToArray();
        Assert.NotEmpty(led);
        _wires[1].Silence();
        var since = DateTimeOffset.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(15));
        _wires[1].Mend();
        nodes.AwaitSpread(20);
        var records = Stop(producer, acknowledged);
        AssertServedAgain(records, led, since);
        output.WriteLine($"{acknowledged.Count} acknowledged records, {acknowledged.AssertAllIn(nodes.Bootstrap, ThreeNodes.Topic)} in the log");
    }

    private async Task<ThreeNodes> StartAsync()
    {
        _nodes = new ThreeNodes("postgres", [.. _wires.Select((wire, i) =>
            $"node{i + 1}:ACTORS_JOURNAL=Host=127.0.0.1;Port={wire.Port};Database=actors;Username=actors;Password=actors")],
            compose => Array.ForEach(_wires, wire => wire.Target = new IPEndPoint(IPAddress.Parse(compose["postgres"].Address), 5432)));
        await _nodes.CreateTopicAsync();
        return _nodes;
    }

    private static IReadOnlyList<Acknowledged> Stop(CountingProducer producer, AcknowledgedRecords acknowledged)
    {
        var (records, failures) = producer.Stop();
        Assert.Empty(failures);
        acknowledged.Add(records);
        return records;
    }

    private void AssertServedAgain(IReadOnlyList<Acknowledged> records, IEnumerable<int> partitions, DateTimeOffset since)
    {
        var from = since.ToUnixTimeMilliseconds();
        var firsts = partitions.ToDictionary(partition => partition, partition =>
            records.Where(record => record.Partition == partition && record.CreatedMs > from).Select(record => record.AcknowledgedMs - from).DefaultIfEmpty(long.MaxValue).Min());
        output.WriteLine($"served again after {string.Join(", ", firsts.Values.Order())} ms");
        Assert.All(firsts, first => Assert.True(first.Value <= ServedAgainWithin.TotalMilliseconds, $"partition {first.Key}: {first.Value} ms"));
    }
}
