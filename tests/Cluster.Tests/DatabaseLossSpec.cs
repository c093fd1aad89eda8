using System.Net;
using Actors.Protocol;
using Xunit;
using Xunit.Abstractions;

namespace Actors.Cluster.Tests;

/// <summary>The database goes away, for all nodes or for one: nothing acknowledged is lost, and service resumes by itself.</summary>
public sealed class DatabaseLossSpec(ITestOutputHelper output) : IDisposable
{
    private static readonly TimeSpan ServedAgainWithin = TimeSpan.FromSeconds(10);

    /// <summary>A leader that is not sure of its lease keeps reads back until it is, or the request is as old as a request may be, 30 s.</summary>
    private static readonly TimeSpan AnswersWithin = TimeSpan.FromSeconds(35);

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
        using var watch = new LeaderWatch(nodes, AnswersWithin);
        using var writes = new WriteWatch(nodes);
        producer.AwaitWork();
        foreach (var wire in _wires) wire.Refuse();
        var since = DateTimeOffset.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(10));
        foreach (var wire in _wires) wire.Mend();
        var back = DateTimeOffset.UtcNow;
        await Task.Delay(ServedAgainWithin);
        var (records, written) = Stop(producer, writes, acknowledged);
        output.WriteLine(watch.StopAndAssert());
        var during = records.Concat(written.Select(each => each.Acknowledged).OfType<Acknowledged>())
            .Count(record => record.AcknowledgedMs > since.ToUnixTimeMilliseconds() + 500 && record.AcknowledgedMs < back.ToUnixTimeMilliseconds());
        Assert.Equal(0, during);
        AssertToldWhy(written.Where(each => before![each.Partition] == ThreeNodes.IdOf(each.Node)), Enumerable.Range(0, ThreeNodes.Partitions), since, back);
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
        using var watch = new LeaderWatch(nodes, AnswersWithin);
        using var writes = new WriteWatch(nodes);
        producer.AwaitWork();
        var led = ThreeNodes.Leaders(nodes.Bootstrap)!.Where(each => each.Value == 2).Select(each => each.Key).ToArray();
        Assert.NotEmpty(led);
        _wires[1].Silence();
        var since = DateTimeOffset.UtcNow;
        await Task.Delay(TimeSpan.FromSeconds(15));
        var back = DateTimeOffset.UtcNow;
        _wires[1].Mend();
        nodes.AwaitSpread(20);
        var (records, written) = Stop(producer, writes, acknowledged, restarted: "node2");
        output.WriteLine(watch.StopAndAssert(restarted: "node2"));
        AssertToldWhy(written.Where(each => each.Node == "node2"), led, since, back);
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

    private static (IReadOnlyList<Acknowledged> Records, IReadOnlyList<Written> Written) Stop(
        CountingProducer producer, WriteWatch writes, AcknowledgedRecords acknowledged, params string[] restarted)
    {
        var (records, failures) = producer.Stop();
        Assert.Empty(failures);
        acknowledged.Add(records);
        var written = writes.Stop();
        acknowledged.Add(written.Select(each => each.Acknowledged).OfType<Acknowledged>());
        Assert.All(written.Where(each => each.Acknowledged is null), each => Assert.Contains(each.Error, WriteWatch.Reasons));
        return (records, written);
    }

    /// <summary>Whoever wrote to the leaders meanwhile was told that it had failed, and why; nobody was told that it had not.</summary>
    private void AssertToldWhy(IEnumerable<Written> written, IEnumerable<int> partitions, DateTimeOffset since, DateTimeOffset back)
    {
        var meanwhile = written.Where(each => each.SentMs > since.ToUnixTimeMilliseconds() && each.AnsweredMs < back.ToUnixTimeMilliseconds()).ToLookup(each => each.Partition);
        foreach (var partition in partitions)
        {
            Assert.NotEmpty(meanwhile[partition]);
            Assert.All(meanwhile[partition], each => Assert.Contains(each.Error, WriteWatch.Reasons));
        }
        output.WriteLine($"told meanwhile: {string.Join(", ", meanwhile.SelectMany(of => of).GroupBy(each => each.Error).Select(error => $"{error.Count()} x {error.Key}"))}");
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
