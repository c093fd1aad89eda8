using System.Diagnostics;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>Asks nodes for the topic's leaders, each every few milliseconds: how long after the first of them the last one shows a partition's new leader.</summary>
public sealed class MetadataWatch : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(5);
    private readonly CancellationTokenSource _over = new();
    private readonly Task<Shown[]>[] _watching;

    /// <summary>Returns when each has told how the leaders stand now.</summary>
    public MetadataWatch(params Container[] nodes)
    {
        using var begun = new CountdownEvent(nodes.Length);
        _watching = [.. nodes.Select(node => Task.Factory.StartNew(() => Watch(node, begun), default, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
        Assert.True(begun.Wait(TimeSpan.FromSeconds(10)), "not every node has told its metadata");
    }

    /// <summary>Of each partition that has another leader than at the beginning. All nodes show the same leaders by now.</summary>
    public IReadOnlyDictionary<int, TimeSpan> Stop()
    {
        _over.Cancel();
        Task.WaitAll(_watching);
        var all = Array.ConvertAll(_watching, watching => watching.Result);
        Assert.All(all, shown => Assert.Equal(all[0].Select(each => each.Leader), shown.Select(each => each.Leader)));
        return Enumerable.Range(0, ThreeNodes.Partitions).Where(partition => all[0][partition].Leader != all[0][partition].LeaderAtFirst)
            .ToDictionary(partition => partition, partition => Stopwatch.GetElapsedTime(all.Min(shown => shown[partition].Since), all.Max(shown => shown[partition].Since)));
    }

    public void Dispose() => _over.Cancel();

    private Shown[] Watch(Container node, CountdownEvent begun)
    {
        using var connection = new RawConnection(node.Kafka);
        var shown = Array.ConvertAll(Leaders(connection), leader => new Shown(leader, leader, Stopwatch.GetTimestamp()));
        begun.Signal();
        while (!_over.Token.WaitHandle.WaitOne(Between))
        {
            var (leaders, now) = (Leaders(connection), Stopwatch.GetTimestamp());
            for (var partition = 0; partition < leaders.Length; partition++)
                if (leaders[partition] != shown[partition].Leader)
                    shown[partition] = shown[partition] with { Leader = leaders[partition], Since = now };
        }
        return shown;
    }

    private static int[] Leaders(RawConnection connection)
    {
        var request = new MetadataRequest { Topics = [new MetadataRequest.MetadataRequestTopic { Name = ThreeNodes.Topic }], AllowAutoTopicCreation = false };
        return [.. connection.Ask<MetadataResponse>(request, 12).Topics[0].Partitions.OrderBy(partition => partition.PartitionIndex).Select(partition => partition.LeaderId)];
    }

    /// <param name="LeaderAtFirst">When the watch began.</param>
    /// <param name="Since">When it was shown first, on the monotonic clock; it stays where nothing moves.</param>
    private sealed record Shown(int LeaderAtFirst, int Leader, long Since);
}
