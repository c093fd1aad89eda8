using System.Diagnostics;
using Actors.Client;
using Actors.Cluster.Tests;

namespace Actors.Benchmarks;

/// <summary>
/// A group of one to six live members over twelve partitions, on three nodes: from the moment a member is told to join, or to leave, until every member has its share.
/// Members are this project's client.
/// </summary>
internal static class RebalanceBenchmark
{
    private const int MostMembers = 6;
    private const int Rounds = 3;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task RunAsync()
    {
        using var nodes = new ThreeNodes("postgres");
        await nodes.CreateTopicAsync();
        await using var client = new ClusterClient(new ClusterOptions { BootstrapServers = nodes.Bootstrap });
        Console.WriteLine($"{"time until every member has its share, ms",-48} {"median",8} {"longest",8}");
        foreach (var assignor in (IAssignor[])[new RangeAssignor(), new CooperativeStickyAssignor()])
        {
            var (joins, leaves) = (new List<double>(), new List<double>());
            for (var round = 0; round < Rounds; round++)
                await MeasureAsync(client, assignor, $"{assignor.Name}-{round}", joins, leaves);
            Console.WriteLine($"{$"  {assignor.Name}, join, {joins.Count} times",-48} {Figures.Median(joins),8:N0} {joins.Max(),8:N0}");
            Console.WriteLine($"{$"  {assignor.Name}, leave, {leaves.Count} times",-48} {Figures.Median(leaves),8:N0} {leaves.Max(),8:N0}");
        }
    }

    /// <summary>The first member alone has nobody to wait for and is not counted.</summary>
    private static async Task MeasureAsync(ClusterClient client, IAssignor assignor, string group, List<double> joins, List<double> leaves)
    {
        var members = new List<Consumer>();
        while (members.Count < MostMembers)
        {
            var watch = Stopwatch.StartNew();
            members.Add(new Consumer(client, new ConsumerOptions { Group = new GroupOptions { GroupId = group, Topics = [ThreeNodes.Topic], Assignors = [assignor] } }));
            await SettledAsync(members);
            if (members.Count > 1) joins.Add(watch.Elapsed.TotalMilliseconds);
            await Task.Delay(500);
        }
        while (members.Count > 1)
        {
            var watch = Stopwatch.StartNew();
            var leaving = members[^1].DisposeAsync();
            members.RemoveAt(members.Count - 1);
            await SettledAsync(members);
            leaves.Add(watch.Elapsed.TotalMilliseconds);
            await leaving;
            await Task.Delay(500);
        }
        await members[0].DisposeAsync();
    }

    private static async Task SettledAsync(List<Consumer> members)
    {
        var watch = Stopwatch.StartNew();
        while (!IsSettled(members))
        {
            if (watch.Elapsed > Patience)
                throw new TimeoutException($"{members.Count} members have {string.Join(", ", members.Select(member => member.Member.Assignment.Count))} partitions");
            await Task.Delay(1);
        }
    }

    private static bool IsSettled(List<Consumer> members)
    {
        var counts = members.Select(member => member.Member.Assignment.Count).ToList();
        return counts.Sum() == ThreeNodes.Partitions && counts.Max() - counts.Min() <= 1 && members.SelectMany(member => member.Member.Assignment).Distinct().Count() == ThreeNodes.Partitions;
    }
}
