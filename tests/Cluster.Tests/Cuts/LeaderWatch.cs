using System.Collections.Concurrent;
using Actors.Protocol;
using Actors.Protocol.Messages;
using Xunit;

namespace Actors.Cluster.Tests;

/// <summary>Asks every node for the end of every partition, over and over, as no client would: who serves as leader, in which epoch, and what the others say.</summary>
public sealed class LeaderWatch : IDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);
    private readonly ConcurrentDictionary<(int Partition, int Epoch), ConcurrentDictionary<string, int>> _served = new();
    private readonly ConcurrentDictionary<(string Node, ErrorCode Error), int> _errors = new();
    private readonly ConcurrentDictionary<int, long> _ends = new();
    private readonly ConcurrentDictionary<string, int> _closed = new();
    private readonly TimeSpan _answersWithin;
    private readonly CancellationTokenSource _over = new();
    private readonly Task[] _watching;

    /// <param name="answersWithin">How long a node may keep an answer back; 10 s if not given.</param>
    public LeaderWatch(ThreeNodes nodes, TimeSpan? answersWithin = null)
    {
        _answersWithin = answersWithin ?? TimeSpan.FromSeconds(10);
        _watching = [.. nodes.Nodes.Select(node => Task.Factory.StartNew(() => Watch(node), default, TaskCreationOptions.LongRunning, TaskScheduler.Default))];
    }

    /// <summary>Records in all partitions together.</summary>
    public long Records => _ends.Values.Sum();

    /// <summary>An epoch of a partition belongs to one node; who is not the leader says so.</summary>
    /// <param name="restarted">Nodes that are put out and start again: they alone refuse or end connections.</param>
    /// <returns>How many answers there were, and how often each error.</returns>
    public string StopAndAssert(params string[] restarted)
    {
        _over.Cancel();
        Task.WaitAll(_watching);
        Assert.All(_served, each => Assert.True(each.Value.Count == 1, $"partition {each.Key.Partition} was served in epoch {each.Key.Epoch} by {string.Join(" and ", each.Value.Keys)}"));
        Assert.All(_errors.Keys, told => Assert.Contains(told.Error, (ErrorCode[])[ErrorCode.NotLeaderOrFollower, ErrorCode.RequestTimedOut]));
        Assert.All(_closed.Keys, node => Assert.Contains(node, restarted));
        var others = _errors.GroupBy(told => told.Key.Error, told => told.Value).Select(error => $"{error.Sum()} x {error.Key}").Concat(_closed.Select(node => $"{node.Value} x closed by {node.Key}"));
        return $"{_served.Values.Sum(nodes => nodes.Values.Sum())} answers of leaders, in {_served.Count} epochs; {string.Join(", ", others)}";
    }

    public void Dispose() => _over.Cancel();

    private void Watch(Container node)
    {
        RawConnection? connection = null;
        while (!_over.Token.WaitHandle.WaitOne(Between))
        {
            try
            {
                connection ??= new RawConnection(node.Kafka, _answersWithin);
                Look(node, connection);
            }
            catch (Exception e) when (RawConnection.IsClosed(e))
            {
                _closed.AddOrUpdate(node.Name, 1, (_, before) => before + 1);
                connection?.Dispose();
                connection = null;
            }
        }
        connection?.Dispose();
    }

    private void Look(Container node, RawConnection connection)
    {
        var request = new ListOffsetsRequest { ReplicaId = -1, Topics = [new() { Name = ThreeNodes.Topic, Partitions = [.. Enumerable.Range(0, ThreeNodes.Partitions).Select(Latest)] }] };
        foreach (var answer in connection.Ask<ListOffsetsResponse>(request, 5).Topics[0].Partitions)
        {
            if (answer.ErrorCode == 0)
            {
                _ends[answer.PartitionIndex] = answer.Offset;
                _served.GetOrAdd((answer.PartitionIndex, answer.LeaderEpoch), _ => new()).AddOrUpdate(node.Name, 1, (_, before) => before + 1);
            }
            else
            {
                _errors.AddOrUpdate((node.Name, (ErrorCode)answer.ErrorCode), 1, (_, before) => before + 1);
            }
        }

        static ListOffsetsRequest.ListOffsetsPartition Latest(int partition) => new() { PartitionIndex = partition, CurrentLeaderEpoch = -1, Timestamp = -1 };
    }
}
